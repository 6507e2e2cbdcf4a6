"""Score groups of clips, and test whether the gap between two of them is more than luck."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from skser.metrics._confusion_pairs import confusion_pairs
from skser.metrics._uar import uar_score

if TYPE_CHECKING:
    import pandas as pd

_ROUNDING = 1e-9
"""Gaps that differ by less than this are considered equal."""

ONE_IN = 20
"""A gap is more than luck if fewer than one in so many permutations have one at least as wide."""

_NAMES_SHOWN = 5

_COLUMNS = ("uar", "accuracy", "n_speakers", "support", "true", "predicted", "share")
"""Columns of the table of `describe_groups`."""


def hits_and_support(
    y_true: NDArray[Any], y_pred: NDArray[Any], units: NDArray[Any]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count recognised clips and all clips of each unit and class, both (n_units, n_classes)."""
    classes, true = np.unique(y_true, return_inverse=True)
    names, unit = np.unique(units, return_inverse=True)
    support = np.zeros((len(names), len(classes)), dtype=np.int64)
    hits = support.copy()
    np.add.at(support, (unit, true), 1)
    np.add.at(hits, (unit, true), y_true == y_pred)
    return hits, support


def score_groups(predictions: pd.DataFrame, groups: NDArray[Any], name: str) -> pd.DataFrame:
    """Score each group of clips, with the worst first.

    Parameters
    ----------
    predictions : pandas.DataFrame
        One row per clip, with the columns true and predicted.
    groups : ndarray of shape (n_clips,)
        Group of each clip.
    name : str
        Name of the index.

    Returns
    -------
    scores : pandas.DataFrame
        Table indexed by group, with the columns uar, accuracy and support.
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
    """Score each group, and name its most frequent confusion.

    Parameters
    ----------
    predictions : pandas.DataFrame
        One row per clip, with the columns true, predicted and, if speakers are known, speaker.
    groups : ndarray of shape (n_clips,)
        Group of each clip.
    name : str
        Name of the index.

    Returns
    -------
    scores : pandas.DataFrame
        Table of `score_groups`, with n_speakers if speakers are known, and with true, predicted and
        share of the most frequent confusion (None and 0 if there are no errors).

    Raises
    ------
    ValueError
        If `name` is the name of a column.
    """
    import pandas as pd

    if name in _COLUMNS:
        raise ValueError(f"name={name!r} is the name of a column of the table. Pass another name.")
    table = score_groups(predictions, groups, name)
    first = []
    for group in table.index:
        of_group = predictions[groups == group]
        wrong = confusion_pairs(of_group["true"], of_group["predicted"])
        first.append(wrong.head(1).to_dict("list"))
    if "speaker" in predictions:
        n_speakers = predictions["speaker"].groupby(groups).nunique()
        table.insert(2, "n_speakers", n_speakers.reindex(table.index))
    for column in ("true", "predicted"):
        # As objects, labels keep their type beside None.
        labels = [(pair[column] or [None])[0] for pair in first]
        table[column] = pd.Series(labels, table.index, dtype=object)
    table["share"] = [sum(pair["share"], 0.0) for pair in first]
    return table


def gap_and_luck(
    predictions: pd.DataFrame,
    groups: NDArray[Any],
    n_permutations: int,
    rng: np.random.Generator,
) -> dict[str, Any]:
    """Compare the best group with the worst, and their gap with gaps due to chance.

    Parameters
    ----------
    predictions : pandas.DataFrame
        One row per clip, with the columns true, predicted and, if speakers are known and are not
        the groups themselves, speaker.
    groups : ndarray of shape (n_clips,)
        Group of each clip, with at least two different values.
    n_permutations : int
        Number of permutations, at least `ONE_IN`: with fewer, no p-value is below 1 / `ONE_IN`.
    rng : numpy.random.Generator
        Generator of the permutations.

    Returns
    -------
    row : dict
        worst, worst_uar, best, best_uar, gap, luck_high, p, luck_of.
    """
    true, predicted = predictions["true"].to_numpy(), predictions["predicted"].to_numpy()
    names, code = np.unique(groups, return_inverse=True)
    speaker, of_speaker = np.zeros(len(code), dtype=np.intp), None
    if "speaker" in predictions:
        known, speaker = np.unique(predictions["speaker"].to_numpy(), return_inverse=True)
        of_speaker = _groups_of_speakers(known, speaker, names, code)
    if of_speaker is None:
        luck_of = "clips"
        drawn = _exchanged_clips(true, predicted, speaker, code, n_permutations, rng)
    else:
        luck_of = "speakers"
        kept, of_speaker = np.unique(of_speaker, return_inverse=True)
        names, code = names[kept], of_speaker[speaker]
        drawn = _exchanged_speakers(true, predicted, speaker, of_speaker, n_permutations, rng)
    uars = _uars(*hits_and_support(true, predicted, code))
    # If all groups have the same score, the worst and the best are still different groups.
    worst, *_, best = np.argsort(uars, kind="stable").tolist()
    gap = float(uars[best] - uars[worst])
    gaps = np.ptp(drawn, axis=1)
    return {
        "worst": names[worst],
        "worst_uar": float(uars[worst]),
        "best": names[best],
        "best_uar": float(uars[best]),
        "gap": gap,
        # A gap has a p-value below 1 / ONE_IN if and only if it is wider than this one.
        "luck_high": float(np.sort(gaps)[-(n_permutations // ONE_IN)]),
        "p": float((1 + np.sum(gaps >= gap - _ROUNDING)) / (1 + n_permutations)),
        "luck_of": luck_of,
    }


def _groups_of_speakers(
    speakers: NDArray[Any], speaker: NDArray[np.intp], names: NDArray[Any], code: NDArray[np.intp]
) -> NDArray[np.intp] | None:
    """Return the group of each speaker; None if most speakers are in several groups.

    If only a few speakers are in several groups, for example because of a wrong entry in a table,
    each counts as a member of the group that most of its clips are in, with a warning. Another
    warning says if each group has one speaker: any two speakers can then be exchanged without
    changing the gap.
    """
    n_clips = np.zeros((len(speakers), len(names)), dtype=np.int64)
    np.add.at(n_clips, (speaker, code), 1)
    is_in_several = np.count_nonzero(n_clips, axis=1) > 1
    of_speaker = n_clips.argmax(axis=1)
    if is_in_several.mean() > 0.5 or len(np.unique(of_speaker)) < 2:
        return None
    if is_in_several.any():
        strays = speakers[is_in_several].tolist()
        warnings.warn(
            f"Speakers {_listed(strays)} have clips in several of the groups {names.tolist()}, "
            "unlike the others. Each counts as a member of the group that most of its clips are "
            "in. Correct the groups of these clips, or leave the clips out.",
            UserWarning,
            stacklevel=5,
        )
    kept = np.unique(of_speaker)
    if len(kept) == len(speakers):
        warnings.warn(
            f"Each of the groups {_listed(names[kept].tolist())} has a single speaker, so a gap "
            "between groups cannot be distinguished from one between speakers, and p is 1. The "
            "row 'speaker' compares the speakers.",
            UserWarning,
            stacklevel=5,
        )
    return of_speaker


def _listed(names: list[Any]) -> str:
    shown = ", ".join(map(repr, names[:_NAMES_SHOWN]))
    return shown + (f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else "")


def _uars(hits: NDArray[Any], support: NDArray[Any]) -> NDArray[np.float64]:
    """Return the UAR of each group: from (..., n_groups, n_classes) to (..., n_groups)."""
    there = support > 0
    return np.sum(hits / np.maximum(support, 1), axis=-1, where=there) / there.sum(axis=-1)


def _exchanged_speakers(
    true: NDArray[Any],
    predicted: NDArray[Any],
    speaker: NDArray[np.intp],
    of_speaker: NDArray[np.intp],
    n_permutations: int,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Return UARs of groups with randomly assigned speakers, (n_permutations, n_groups)."""
    hits, support = hits_and_support(true, predicted, speaker)
    assigned = rng.permuted(np.tile(of_speaker, (n_permutations, 1)), axis=1)
    uars = np.empty((n_permutations, of_speaker.max() + 1))
    for group in range(uars.shape[1]):
        # Floats represent the counts exactly and are multiplied faster.
        is_in = (assigned == group).astype(np.float64)
        uars[:, group] = _uars(is_in @ hits, is_in @ support)
    return uars


def _exchanged_clips(
    true: NDArray[Any],
    predicted: NDArray[Any],
    strata: NDArray[np.intp],
    code: NDArray[np.intp],
    n_permutations: int,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Return UARs of groups if each clip of a class is equally likely to be recognised.

    The number of recognised clips of each stratum and class is kept; the groups they belong to are
    drawn. The result has shape (n_permutations, n_groups).
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
