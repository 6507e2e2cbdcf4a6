from __future__ import annotations

import dataclasses
from pathlib import Path

import typer
from sklearn.base import clone
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.utils import Bunch

from skser._files import check_writable
from skser.cli._checks import check_scorable
from skser.cli._corpora import open_corpus
from skser.cli._models import card_of, write_model
from skser.cli._options import OnError, Recipe, Source
from skser.cli._output import is_interactive, print_json, say
from skser.cli._pipelines import (
    extract_once,
    feature_names,
    fit_with_probabilities,
    kept_features,
    make_pipeline,
)
from skser.cli._search import ReportingGridSearchCV, labels_of
from skser.metrics import uar_scorer
from skser.selection import incremental_grid, selection_table


def select(
    source: Source,
    keep: str,
    add: str,
    recipe: Recipe,
    folds: int,
    output: Path | None,
    on_error: OnError,
    memory: Path | None,
    n_jobs: int,
    json: bool,
) -> None:
    """Print the table of an incremental selection, and train the best set if requested."""
    if output is not None:
        check_writable(output)
    corpus = open_corpus(source, with_speakers=True)
    with kept_features(memory) as folder:
        search, corpus = fit_search(
            corpus, keep, add, recipe, folds, folder, n_jobs, on_error, quiet=json
        )
        if output is not None:
            model = search.best_estimator_
            if not hasattr(model, "predict_proba"):
                model = fit_with_probabilities(clone(model), corpus, recipe.random_state)
            score = {
                "scoring": "uar",
                "value": search.best_score_,
                "protocol": f"best of {len(search.cv_results_['params'])} sets, cv={search.cv!r}",
            }
            write_model(model, output, {**card_of(source, corpus), "score": score})
    table = selection_table(search)
    best = table.loc[search.best_index_]
    if output is not None:
        say(f"{output}: trained on {len(corpus.data)} clips with {', '.join(best['features'])}")
    if json:
        names = {
            "mean_test_score": "uar",
            "std_test_score": "std",
            "gain_score": "gain",
            "p_score": "p",
            "verdict_score": "verdict",
        }
        steps = table.rename(columns=names)
        print_json(
            {
                "score": "uar",
                "folds": repr(search.cv),
                "steps": steps.to_dict("records"),
                "best": {"features": best["features"], "uar": search.best_score_},
                "model": output,
            }
        )
    else:
        typer.echo(
            f"\nBest: {', '.join(best['features'])}, selection score {search.best_score_:.3f}"
        )


def fit_search(
    corpus: Bunch,
    keep: str,
    add: str,
    recipe: Recipe,
    folds: int,
    folder: Path,
    n_jobs: int,
    on_error: OnError,
    *,
    quiet: bool,
) -> tuple[ReportingGridSearchCV, Bunch]:
    """Run the selection; unless quiet, print a line on stdout after each step.

    Features are stored in the folder. The function returns the search and the clips that it was
    fitted on, which are the readable ones of the corpus.
    """
    n_folds = check_scorable(corpus, folds)
    kept, added = feature_names(keep), feature_names(add)
    grids = incremental_grid("features", keep=kept, add=added)
    recipe = dataclasses.replace(recipe, features=",".join([*kept, *added]))
    pipeline = make_pipeline(recipe, folder, n_jobs=1)
    usable = extract_once(pipeline, corpus, folder, n_jobs=n_jobs, on_error=on_error)
    if usable is not corpus:
        n_folds = check_scorable(usable, n_folds)
    search = ReportingGridSearchCV(
        pipeline,
        grids,
        labels=None if quiet else labels_of(kept, added),
        progress=is_interactive(),
        cv=StratifiedGroupKFold(n_folds),
        scoring=uar_scorer,
        n_jobs=n_jobs,
        error_score="raise",
    )
    return search.fit(usable.data, usable.target, groups=usable.groups), usable
