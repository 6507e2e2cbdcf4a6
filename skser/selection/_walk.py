"""The order in which sets of groups are tried, independent of how a set is scored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Groups = frozenset[str]
FoldScores = NDArray[np.float64]
Evaluate = Callable[[list[Groups]], Sequence[FoldScores] | NDArray[Any]]
"""Function from sets of groups to their scores in each fold, NaN if a set was not scored."""

Improves = Callable[[FoldScores, FoldScores], bool]
"""Function that returns whether the first scores are better than the second ones."""


@dataclass
class Walk:
    """A walk through sets of groups.

    Parameters
    ----------
    names : sequence of str
        All groups. Among sets with equal means, the first one in this order is taken.
    evaluate : callable
        Function that scores sets; it gets each set once.
    improves : callable or None
        Function that decides whether to take a step. If None, every step is taken.
    max_groups : int
        Maximal number of groups of the last set.
    """

    names: Sequence[str]
    evaluate: Evaluate
    improves: Improves | None
    max_groups: int
    scores: dict[Groups, FoldScores] = field(default_factory=dict)
    path: list[Groups] = field(default_factory=list)
    """Sets that were taken, in order."""

    def forward(self, *, floating: bool = False) -> None:
        """Add the best group repeatedly; with `floating`, remove groups where that helps."""
        current: Groups = frozenset()
        while len(current) < self.max_groups:
            best = self._best(current | {n} for n in self.names if n not in current)
            if best is None or (self.path and not self._is_worth(best, current)):
                break
            current = self._take(best)
            while floating and (smaller := self._better_of_its_size(current)) is not None:
                current = self._take(smaller)

    def backward(self) -> None:
        """Remove the least useful group repeatedly, as long as it is not worth keeping."""
        current = frozenset(self.names)
        if self._best([current]) is None:
            return
        self._take(current)
        while len(current) > 1:
            best = self._best(current - {n} for n in self.names if n in current)
            if best is None:
                break
            is_allowed = len(current) <= self.max_groups
            if is_allowed and self.improves is not None and self._is_worth(current, best):
                break
            current = self._take(best)

    def chosen(self) -> Groups:
        """Return the last set of the path or, if every step is taken, the best one."""
        if self.improves is not None:
            return self.path[-1]
        allowed = [groups for groups in self.path if len(groups) <= self.max_groups]
        return max(allowed or self.path, key=lambda groups: (self._mean(groups), -len(groups)))

    def _better_of_its_size(self, current: Groups) -> Groups | None:
        """Return the best set without one of the groups, if it is the best of its size so far."""
        if len(current) < 3:
            return None
        best = self._best(current - {n} for n in self.names if n in current)
        if best is None or (self.improves is not None and self._is_worth(current, best)):
            return None
        of_size = [self._mean(taken) for taken in self.path if len(taken) == len(best)]
        return best if self._mean(best) > max(of_size, default=-np.inf) else None

    def _is_worth(self, larger: Groups, smaller: Groups) -> bool:
        return self.improves is None or self.improves(self.scores[larger], self.scores[smaller])

    def _take(self, groups: Groups) -> Groups:
        self.path.append(groups)
        return groups

    def _best(self, candidates: Iterable[Groups]) -> Groups | None:
        """Return the candidate with the highest mean, or None if none could be scored."""
        candidates = list(candidates)
        new = [groups for groups in candidates if groups not in self.scores]
        if new:
            self.scores |= dict(zip(new, self.evaluate(new), strict=True))
        scored = [groups for groups in candidates if np.isfinite(self._mean(groups))]
        return max(scored, key=self._mean, default=None)

    def _mean(self, groups: Groups) -> float:
        # Rounded, so that the order of folds does not decide between equal sets.
        return round(float(np.mean(self.scores[groups])), 12)
