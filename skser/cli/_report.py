from __future__ import annotations

from pathlib import Path

from skser._files import check_writable
from skser.cli._corpora import open_corpus
from skser.cli._options import ModelFile, Page, Recipe, Source
from skser.cli._output import print_json, say
from skser.cli._pipelines import kept_features, prepared_pipeline
from skser.cli._select import fit_search
from skser.report import make_report


def report(
    source: Source,
    page: Page,
    recipe: Recipe,
    model: ModelFile | None,
    folds: int,
    memory: Path | None,
    n_jobs: int,
    json: bool,
) -> None:
    """Write the page of a pipeline, of a model, or of a selection."""
    if model is not None and page.select:
        raise ValueError("--select chooses a pipeline, --model brings one: leave one of them out.")
    check_writable(page.path)
    corpus = open_corpus(source)
    with kept_features(memory) as folder:
        if page.select:
            estimator = fit_search(
                corpus, "", recipe.features, recipe, folds, folder, n_jobs, quiet=json
            )
        else:
            estimator = prepared_pipeline(recipe, model, folder, corpus)
        say("Predicting each clip by a pipeline that was trained without it")
        written = make_report(
            estimator,
            corpus,
            page.path,
            cv=folds,
            protocols=page.protocols,
            n_pairs=page.n_pairs,
            n_jobs=n_jobs,
            title=page.title,
            random_state=recipe.random_state,
        )
    if json:
        print_json({"output": written})
    else:
        say(f"{written}: open it in a browser.")
