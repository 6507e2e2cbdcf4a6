"""Incremental selection that prints a line after each step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.model_selection import GridSearchCV, ParameterGrid
from tqdm.auto import tqdm


class ReportingGridSearchCV(GridSearchCV):
    """Search one grid after another; print a line and update the progress bar after each.

    Parameters
    ----------
    estimator, scoring, n_jobs, cv, error_score
        As for `GridSearchCV`.
    param_grid : list of dict
        Grids from `incremental_grid`.
    labels : sequence of str, default=None
        Names of the grids in the lines on stdout. If None, no lines are printed.
    progress : bool, default=True
        Whether to show a progress bar.
    """

    def __init__(
        self,
        estimator: Any,
        param_grid: Sequence[Any],
        *,
        labels: Sequence[str] | None = None,
        progress: bool = True,
        scoring: Any = None,
        n_jobs: int | None = None,
        cv: Any = None,
        error_score: Any = np.nan,
    ) -> None:
        super().__init__(
            estimator, param_grid, scoring=scoring, n_jobs=n_jobs, cv=cv, error_score=error_score
        )
        self.labels = labels
        self.progress = progress

    def _run_search(self, evaluate_candidates: Any, **_: Any) -> None:
        before = np.nan
        if self.labels is not None:
            tqdm.write(f"{'features added':32s} {'UAR':>6s} {'std':>6s} {'gain':>7s}")
        hidden = not self.progress
        with tqdm(self.param_grid, unit="set", desc="feature sets", disable=hidden) as bar:
            for step, grid in enumerate(bar):
                candidates = ParameterGrid(grid)
                results = evaluate_candidates(candidates)
                means = results["mean_test_score"][-len(candidates) :]
                best = int(np.argmax(means)) - len(candidates)
                mean, std = means[best], results["std_test_score"][best]
                if self.labels is not None:
                    gain = "" if step == 0 else f"{mean - before:+.3f}"
                    tqdm.write(f"{self.labels[step]:32s} {mean:6.3f} {std:6.3f} {gain:>7s}")
                before = mean


def labels_of(keep: Sequence[str], add: Sequence[str]) -> list[str]:
    """Return the names of the grids of `incremental_grid`: the features that each adds."""
    if not keep:
        keep, add = add[:1], add[1:]
    return [" + ".join(keep), *(f"+ {name}" for name in add)]
