"""Scores of groups of clips, and whether the gap between two of them is more than luck."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from skser.metrics._confusion_pairs import confusion_pairs
from skser.metrics._uar import uar_score

if TYPE_CHECKING:
    import pandas as pd

_ROUNDING = 1e-9
"""Gaps that differ by less are equal."""

_LEVEL = 0.95


def hits_and_support(
    y_true: NDArray[Any], y_pred: NDArray[Any], units: NDArray[Any]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count clips recognised, and clips, of each unit and class: two of (n_units, n_classes)."""
    classes, true = np.unique(y_true, return_inverse=True)
    names, unit = np.unique(units, return_inverse=True)
    support = np.zeros((len(names), len(classes)), dtype=np.int64)
    hits = support.copy()
    np.add.at(support, (unit, true), 1)
    np.add.at(hits, (unit, true), y_true == y_pred)
    return hits, support


def score_groups(predictions: pd.DataFrame, groups: NDArray[Any], name: str) -> pd.DataFrame:
    """Score each group of clips, the worst first.

    Parameters
    ----------
    predictions : pandas.DataFrame
        A row a clip: true and predicted.
    groups : ndarray of shape (n_clips,)
        What each clip belongs to.
    name : str
        Name of the index.

    Returns
    -------
    scores : pandas.DataFrame
        Indexed by group: uar, accuracy, support.
    """
    import pandas as pd

    names = np.unique(groups)
    true, predicted = predictions["true"].to_numpy(), predictions["predicted"].to_numpy()
    of_each = [groups == group for group in names]
    table = pd.DataFrame(
        {
            "uar": [uar_score(true[rows], predicted[rows]) for rows in of_each],
            "accuracy": [np.mean(true[rows] == predicted[rows]) for rows in of_each],
            "support": [rows.sum() for rows in of_each],
        },
        index=pd.Index(names, name=name),
    )
    return table.sort_values("uar", kind="stable")


def describe_groups(predictions: pd.DataFrame, groups: NDArray[Any], name: str) -> pd.DataFrame:
    """Score each group, and name what it is most often confused with.

    Parameters
    ----------
    predictions : pandas.DataFrame
        A row a clip: true, predicted and, if speakers are known, speaker.
    groups : ndarray of shape (n_clips,)
        What each clip belongs to.
    name : str
        Name of the index.

    Returns
    -------
    scores : pandas.DataFrame
        As of `score_groups`, with n_speakers if they are known; and true, predicted and share of
        the most frequent wrong pair (None and 0 without an error).
    """
    import pandas as pd

    table = score_groups(predictions, groups, name)
    pairs: list[list[Any]] = []
    for group in table.index:
        of_group = predictions[groups == group]
        wrong = confusion_pairs(of_group["true"], of_group["predicted"])
        first = wrong[["true", "predicted", "share"]].head(1).to_numpy().tolist()
        pairs.extend(first or [[None, None, 0.0]])
    if "speaker" in predictions:
        n_speakers = predictions["speaker"].groupby(groups).nunique()
        table.insert(2, "n_speakers", n_speakers[table.index])
    columns = ["true", "predicted", "share"]
    return table.join(pd.DataFrame(pairs, index=table.index, columns=columns))


def gap_and_luck(
    predictions: pd.DataFrame,
    groups: NDArray[Any],
    n_permutations: int,
    rng: np.random.Generator,
) -> dict[str, Any]:
    """Compare the best group with the worst, and the gap with those that luck makes.

    Parameters
    ----------
    predictions : pandas.DataFrame
        A row a clip: true, predicted and, if speakers are known, speaker.
    groups : ndarray of shape (n_clips,)
        What each clip belongs to: at least two different values.
    n_permutations : int
        Number of gaps by luck that are drawn.
    rng : numpy.random.Generator
        Draws them.

    Returns
    -------
    row : dict
        worst, worst_uar, best, best_uar, gap, luck_low, luck_high, p, luck_of.
    """
    true, predicted = predictions["true"].to_numpy(), predictions["predicted"].to_numpy()
    names, code = np.unique(groups, return_inverse=True)
    hits, support = hits_and_support(true, predicted, code)
    uars = _uars(hits, support)
    # Of groups with one score, the worst and the best are not the same.
    worst, *_, best = np.argsort(uars, kind="stable").tolist()
    gap = float(uars[best] - uars[worst])
    speakers = predictions.get("speaker")
    if speakers is not None and _speakers_are_within(speakers, code, len(names)):
        luck_of = "speakers"
        drawn = _exchanged_speakers(true, predicted, speakers, code, n_permutations, rng)
    else:
        luck_of = "clips"
        strata = np.zeros(len(code), dtype=np.intp)
        if speakers is not None and (speakers.groupby(code).nunique() > 1).any():
            strata = np.unique(speakers, return_inverse=True)[1]
        drawn = _exchanged_clips(true, predicted, strata, code, n_permutations, rng)
    gaps = np.ptp(drawn, axis=1)
    tail = (1 - _LEVEL) / 2
    low, high = np.quantile(gaps, [tail, 1 - tail])
    return {
        "worst": names[worst],
        "worst_uar": float(uars[worst]),
        "best": names[best],
        "best_uar": float(uars[best]),
        "gap": gap,
        "luck_low": float(low),
        "luck_high": float(high),
        "p": float((1 + np.sum(gaps >= gap - _ROUNDING)) / (1 + n_permutations)),
        "luck_of": luck_of,
    }


def _uars(hits: NDArray[np.int64], support: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the UAR of each group: (..., n_groups, n_classes) to (..., n_groups)."""
    there = support > 0
    return np.sum(hits / np.maximum(support, 1), axis=-1, where=there) / there.sum(axis=-1)


def _speakers_are_within(speakers: pd.Series, code: NDArray[np.intp], n_groups: int) -> bool:
    """Tell whether each speaker is in one group, and there are more speakers than groups."""
    import pandas as pd

    groups_of_each = pd.Series(code).groupby(speakers.to_numpy()).nunique()
    return bool((groups_of_each == 1).all()) and len(groups_of_each) > n_groups


def _exchanged_speakers(
    true: NDArray[Any],
    predicted: NDArray[Any],
    speakers: pd.Series,
    code: NDArray[np.intp],
    n_permutations: int,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Return UARs of groups that speakers are assigned to by chance, (n_permutations, n_groups)."""
    first = np.unique(speakers.to_numpy(), return_index=True)[1]
    of_speaker = code[first]
    hits, support = hits_and_support(true, predicted, speakers.to_numpy())
    assigned = rng.permuted(np.tile(of_speaker, (n_permutations, 1)), axis=1)
    is_in = assigned[:, np.newaxis, :] == np.arange(code.max() + 1)[:, np.newaxis]
    return _uars(is_in.astype(np.int64) @ hits, is_in.astype(np.int64) @ support)


def _exchanged_clips(
    true: NDArray[Any],
    predicted: NDArray[Any],
    strata: NDArray[np.intp],
    code: NDArray[np.intp],
    n_permutations: int,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Return UARs of groups of which each clip of a class is recognised as likely as any other.

    Within each stratum and class, as many clips are recognised as are; which groups they belong
    to is drawn. The result has the shape (n_permutations, n_groups).
    """
    classes, label = np.unique(true, return_inverse=True)
    shape = (strata.max() + 1, len(classes), code.max() + 1)
    support = np.zeros(shape, dtype=np.int64)
    np.add.at(support, (strata, label, code), 1)
    n_hits = np.zeros(shape[:2], dtype=np.int64)
    np.add.at(n_hits, (strata, label), np.asarray(true == predicted, dtype=np.int64))
    hits = np.zeros((n_permutations, shape[2], shape[1]), dtype=np.int64)
    for stratum, of_class in np.ndindex(shape[:2]):
        hits[:, :, of_class] += rng.multivariate_hypergeometric(
            support[stratum, of_class], int(n_hits[stratum, of_class]), size=n_permutations
        )
    return _uars(hits, support.sum(axis=0).T)
