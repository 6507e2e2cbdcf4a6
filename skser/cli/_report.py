from __future__ import annotations

from pathlib import Path

import numpy as np
from sklearn.utils import Bunch

from skser._files import check_writable
from skser.cli._checks import check_scorable
from skser.cli._corpora import open_corpus
from skser.cli._options import FEATURES, OnError, Page, Recipe, Source
from skser.cli._output import print_json, say
from skser.cli._pipelines import (
    extract_once,
    kept_features,
    recognizer_to_score,
    say_what_is_missing,
)
from skser.cli._select import fit_search
from skser.datasets import subset_corpus
from skser.datasets._drop_unreadable import find_unreadable
from skser.report import make_report


def report(
    source: Source,
    page: Page,
    recipe: Recipe,
    folds: int,
    on_error: OnError,
    memory: Path | None,
    n_jobs: int,
    command: str,
    json: bool,
) -> None:
    """Write the page of a pipeline, a model or a selection."""
    if recipe.model is not None and page.select:
        raise ValueError(
            "--select chooses a pipeline, but --model already is one. Omit one of them."
        )
    check_writable(page.path)
    corpus = open_corpus(source, with_speakers=page.select)
    with kept_features(memory) as folder:
        if page.select:
            features = FEATURES if recipe.features is None else recipe.features
            estimator, usable = fit_search(
                corpus, "", features, recipe, folds, folder, n_jobs, on_error, quiet=json
            )
        else:
            n_folds = check_scorable(corpus, folds)
            estimator = recognizer_to_score(recipe)
            usable = extract_once(estimator, corpus, folder, n_jobs=n_jobs, on_error=on_error)
            say_what_is_missing(estimator, recipe)
            if usable is not corpus:
                check_scorable(usable, n_folds)
        say("Predicting each clip with a pipeline that was trained without it")
        written = make_report(
            estimator,
            _with_unreadable(usable, corpus),
            page.path,
            cv=folds if usable.groups is None else min(folds, len(set(usable.groups))),
            protocols=page.protocols,
            n_pairs=page.n_pairs,
            n_jobs=n_jobs,
            title=page.title,
            command=command,
            random_state=recipe.random_state,
        )
    if json:
        print_json({"output": written})
    else:
        say(f"Wrote {written}. Open it in a browser.")


def _with_unreadable(usable: Bunch, corpus: Bunch) -> Bunch:
    """Return the usable clips and the unreadable ones, which the page lists."""
    if usable is corpus:
        return corpus
    kept = {id(clip) for clip in usable.data}
    left_out = [place for place, clip in enumerate(corpus.data) if id(clip) not in kept]
    unreadable = find_unreadable([corpus.data[place] for place in left_out])
    readable = [place for i, place in enumerate(left_out) if i not in unreadable]
    return subset_corpus(corpus, np.setdiff1d(np.arange(len(corpus.data)), readable))
