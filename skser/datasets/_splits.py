from __future__ import annotations

import warnings
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.model_selection import check_cv
from sklearn.utils import Bunch, check_random_state

from skser._sklearn_compat import Interval, validate_params
from skser.datasets._check_corpus import check_corpus
from skser.datasets._fingerprint import fingerprints, recording

_N_DRAWS = 500


@validate_params(
    {
        "cv": ["cv_object"],
        "groups": ["array-like", None],
        "n_jobs": [Integral, None],
    },
    prefer_skip_nested_validation=True,
)
def check_leakage(
    corpus: Bunch, cv: Any, groups: ArrayLike | None = None, *, n_jobs: int | None = None
) -> pd.DataFrame:
    """Count what the training and test sides of a cross-validation have in common.

    A model scores higher on speakers, sentences and clips that it was trained on than on others.

    Parameters
    ----------
    corpus : Bunch
        Corpus, as returned by `load_ravdess` and the other loaders.
    cv : int, splitter or iterable of (train, test)
        Cross-validation splits, as for `sklearn.model_selection.cross_validate`.
    groups : array-like of shape (n_clips,), default=None
        Groups that the splitter keeps apart. If None, the speakers (``corpus.groups``) are used.
    n_jobs : int, default=None
        Number of threads that read the clips. Each clip is read once.

    Returns
    -------
    table : pandas.DataFrame
        One row per fold. Without a leak, all columns but the first two are 0:

        - ``n_train``, ``n_test``: number of clips on each side;
        - ``speakers``, ``sentences``: number of them on both sides (missing if the corpus does not
          state all of them);
        - ``recordings``: number of files with clips on both sides;
        - ``overlapping``: number of test clips that overlap in time with a training clip of the
          same file;
        - ``identical``: number of test clips with exactly the same samples as a training clip.

    See Also
    --------
    describe_corpus : Find clips that are identical.
    speaker_split : Split a corpus once, and keep speakers apart.

    Examples
    --------
    >>> from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold
    >>> from skser import check_leakage, make_emotional_speech
    >>> speech = make_emotional_speech(n_speakers=4, n_per_class=2, random_state=0)
    >>> apart = check_leakage(speech, StratifiedGroupKFold(2))
    >>> apart["speakers"].tolist(), apart["sentences"].tolist()
    ([0, 0], [2, 2])
    >>> mixed = check_leakage(speech, StratifiedKFold(2, shuffle=True, random_state=0))
    >>> mixed["speakers"].tolist(), mixed["sentences"].tolist()
    ([4, 4], [2, 2])
    """
    check_corpus(corpus)
    splitter = check_cv(cv, corpus.target, classifier=True)
    unknown = pd.Series([None] * len(corpus.data), dtype=object)
    speakers, sentences = (
        _codes(corpus.frame.get(column, unknown)) for column in ("speaker", "sentence")
    )
    samples = _codes(
        pd.Series([f.samples for f in fingerprints(corpus.data, n_jobs)], dtype=object)
    )
    places = [recording(item) for item in corpus.data]
    files = _codes(pd.Series([place and place[0] for place in places], dtype=object))
    times = np.array([place[1:] if place else (0.0, 0.0) for place in places])
    folds = []
    for train, test in _split(splitter, corpus, groups):
        train, test = (_positions(side, len(places)) for side in (train, test))
        folds.append(
            {
                "n_train": len(train),
                "n_test": len(test),
                "speakers": _n_common(speakers, train, test),
                "sentences": _n_common(sentences, train, test),
                "recordings": len(_common(files, train, test)),
                "overlapping": _n_overlapping(files, times, train, test),
                "identical": int(np.isin(samples[test], _common(samples, train, test)).sum()),
            }
        )
    return pd.DataFrame(folds).convert_dtypes().rename_axis("fold")


def _split(splitter: Any, corpus: Bunch, groups: ArrayLike | None) -> list[tuple[Any, Any]]:
    if groups is not None:
        return list(splitter.split(corpus.data, corpus.target, np.asarray(groups)))
    with warnings.catch_warnings():
        # The caller has not asked to keep speakers apart.
        warnings.filterwarnings("ignore", "The groups parameter is ignored")
        return list(splitter.split(corpus.data, corpus.target, corpus.groups))


def _codes(values: pd.Series) -> NDArray[np.intp]:
    """Encode values as integers, with -1 for missing values."""
    return pd.factorize(values)[0]


def _positions(side: NDArray[Any], n_clips: int) -> NDArray[np.intp]:
    return np.arange(n_clips)[np.asarray(side)]


def _common(
    codes: NDArray[np.intp], train: NDArray[np.intp], test: NDArray[np.intp]
) -> NDArray[np.intp]:
    both = np.intersect1d(codes[train], codes[test])
    return both[both >= 0]


def _n_common(
    codes: NDArray[np.intp], train: NDArray[np.intp], test: NDArray[np.intp]
) -> int | None:
    return None if (codes < 0).any() else len(_common(codes, train, test))


def _n_overlapping(
    files: NDArray[np.intp],
    times: NDArray[np.float64],
    train: NDArray[np.intp],
    test: NDArray[np.intp],
) -> int:
    n_overlapping = 0
    for file in _common(files, train, test):
        start, end = times[train[files[train] == file]].T
        test_start, test_end = times[test[files[test] == file]].T[..., np.newaxis]
        n_overlapping += int(((test_start < end) & (start < test_end)).any(axis=1).sum())
    return n_overlapping


@validate_params(
    {
        "test_size": [
            Interval(Real, 0, 1, closed="neither"),
            Interval(Integral, 1, None, closed="left"),
        ],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def speaker_split(
    corpus: Bunch,
    test_size: float | int = 0.25,
    random_state: int | np.random.RandomState | None = None,
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Hold out some of the speakers, keeping the classes balanced.

    Many sets of speakers are drawn at random. The function returns the draw whose clips are closest
    to the requested fraction in every class and for each sex, and which leaves clips of every class
    for training.

    Parameters
    ----------
    corpus : Bunch
        Corpus, as returned by `load_ravdess` and the other loaders.
    test_size : float or int, default=0.25
        Fraction of the clips (float) or number of speakers (int) to hold out.
    random_state : int, RandomState or None, default=None
        Random seed or generator of the draws. Pass an int for a reproducible split.

    Returns
    -------
    train, test : ndarray of int
        Indices of the clips on each side.

    Raises
    ------
    ValueError
        If the speakers of the corpus are unknown, or there are too few of them.

    Examples
    --------
    >>> from skser import make_emotional_speech, speaker_split
    >>> speech = make_emotional_speech(n_speakers=8, n_per_class=1, random_state=0)
    >>> train, test = speaker_split(speech, test_size=0.25, random_state=0)
    >>> X_train, X_test = speech.data[train], speech.data[test]
    >>> len(X_train), len(X_test), len(set(speech.groups[test]))
    (30, 10, 2)
    """
    check_corpus(corpus)
    if corpus.groups is None:
        raise ValueError(
            "The speakers of the corpus are unknown (corpus.groups is None), so none can be held "
            "out. Load it with group=."
        )
    names, speaker = np.unique(np.asarray(corpus.groups).astype(str), return_inverse=True)
    if len(names) < 2 or (isinstance(test_size, Integral) and test_size >= len(names)):
        raise ValueError(
            f"test_size={test_size!r} cannot be held out of {len(names)} speakers: each side needs "
            "at least one. Pass a smaller test_size, or a corpus with more speakers."
        )
    counts = _counts(speaker, np.asarray(corpus.target).astype(str))
    sex = corpus.frame["sex"]
    sexes = _counts(speaker, sex.astype(str).to_numpy()) if sex.notna().all() else counts[:, :0]
    random = check_random_state(random_state)
    draws = [_draw(random, counts.sum(axis=1), test_size) for _ in range(_N_DRAWS)]
    held_out = min(draws, key=lambda chosen: _imbalance(chosen, counts, sexes, test_size))
    test = np.isin(speaker, held_out)
    return np.flatnonzero(~test), np.flatnonzero(test)


def _counts(speaker: NDArray[np.intp], values: NDArray[Any]) -> NDArray[np.intp]:
    """Count the clips of each speaker (rows) with each value (columns)."""
    return pd.crosstab(speaker, values).to_numpy()


def _draw(
    random: np.random.RandomState, n_clips: NDArray[np.intp], test_size: float | int
) -> NDArray[np.intp]:
    """Draw speakers with `test_size` of the clips, as closely as their order allows."""
    order = random.permutation(len(n_clips))
    if isinstance(test_size, Integral):
        return order[:test_size]
    share = np.cumsum(n_clips[order[:-1]]) / n_clips.sum()
    return order[: np.argmin(np.abs(share - test_size)) + 1]


def _imbalance(
    chosen: NDArray[np.intp],
    counts: NDArray[np.intp],
    sexes: NDArray[np.intp],
    test_size: float | int,
) -> tuple[int, int, float]:
    """Rate a draw: numbers of classes missing on a side, then distance from the wanted share."""
    wanted = test_size / len(counts) if isinstance(test_size, Integral) else test_size
    of_class, of_sex = (part[chosen].sum(axis=0) / part.sum(axis=0) for part in (counts, sexes))
    distance = np.abs(of_class - wanted).max() + np.abs(of_sex - wanted).max(initial=0)
    return int((of_class == 1).sum()), int((of_class == 0).sum()), float(distance)
