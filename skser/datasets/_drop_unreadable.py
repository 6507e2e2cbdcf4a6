from __future__ import annotations

import warnings
from collections.abc import Sequence
from numbers import Integral

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sklearn.utils import Bunch

from skser._progress import counting, progress_bar
from skser._sklearn_compat import StrOptions, validate_params
from skser.audio._base import DEFAULT_SR
from skser.audio._items import Item
from skser.audio._load import read_clip
from skser.datasets._check_corpus import check_corpus
from skser.datasets._subset import subset_corpus
from skser.exceptions import AudioError, AudioWarning


@validate_params(
    {
        "n_jobs": [Integral, None],
        "progress": ["boolean", StrOptions({"auto"})],
    },
    prefer_skip_nested_validation=True,
)
def check_clips(
    corpus: Bunch, *, n_jobs: int | None = None, progress: bool | str = "auto"
) -> pd.DataFrame:
    """Find the clips of a corpus that cannot be read.

    Every clip is decoded once.

    Parameters
    ----------
    corpus : Bunch
        Corpus, as returned by `load_ravdess` and the other loaders.
    n_jobs : int, default=None
        Number of threads that read the clips.
    progress : bool or "auto", default="auto"
        Whether to show a progress bar. "auto" shows it in a terminal or a notebook, once
        reading takes longer than two seconds.

    Returns
    -------
    table : pandas.DataFrame
        One row for each clip that cannot be read; empty if there is none. The index is the position
        of the clip in ``corpus.data``, ``path`` is its file (missing if the clip is not in a file),
        and ``error`` says what is wrong and what to do.

    See Also
    --------
    drop_unreadable : Leave these clips out.
    describe_corpus : Look for other faults, too.

    Examples
    --------
    >>> from skser import check_clips, make_emotional_speech
    >>> speech = make_emotional_speech(n_speakers=2, n_per_class=1, random_state=0)
    >>> len(check_clips(speech))
    0
    """
    check_corpus(corpus)
    errors = find_unreadable(corpus["data"], n_jobs=n_jobs, progress=progress)
    frame = corpus.get("frame")
    paths = None if frame is None else frame.get("path")
    return pd.DataFrame(
        {
            "path": [None if paths is None else paths.iloc[place] for place in errors],
            "error": [without_place(error, place) for place, error in errors.items()],
        },
        index=pd.Index([*errors], dtype=int, name="clip"),
        dtype=object,
    )


@validate_params(
    {
        "n_jobs": [Integral, None],
        "progress": ["boolean", StrOptions({"auto"})],
    },
    prefer_skip_nested_validation=True,
)
def drop_unreadable(
    corpus: Bunch, *, n_jobs: int | None = None, progress: bool | str = "auto"
) -> Bunch:
    """Leave out the clips of a corpus that cannot be read.

    A transformer cannot drop rows of X, because it does not see y and groups. Call this function
    once before a cross-validation, so that one bad file does not interrupt it.

    Parameters
    ----------
    corpus : Bunch
        Corpus, as returned by `load_ravdess` and the other loaders. It is not modified.
    n_jobs : int, default=None
        Number of threads that read the clips.
    progress : bool or "auto", default="auto"
        Whether to show a progress bar. "auto" shows it in a terminal or a notebook, once
        reading takes longer than two seconds.

    Returns
    -------
    readable : Bunch
        The corpus without these clips, as returned by `subset_corpus`, or the corpus itself if
        every clip can be read.

    Raises
    ------
    AudioError
        If no clip can be read.

    Warns
    -----
    AudioWarning
        If clips are left out; the warning names each of them and says what is wrong with it.

    See Also
    --------
    check_clips : Return the table of these clips.

    Examples
    --------
    >>> from skser import drop_unreadable, make_emotional_speech
    >>> speech = make_emotional_speech(n_speakers=2, n_per_class=1, random_state=0)
    >>> len(drop_unreadable(speech).data)
    10
    """
    check_corpus(corpus)
    errors = find_unreadable(corpus["data"], n_jobs=n_jobs, progress=progress)
    if not errors:
        return corpus
    n_clips = len(corpus["data"])
    listed = "\n".join(f"  {without_place(error, place)}" for place, error in errors.items())
    if len(errors) == n_clips:
        raise AudioError(f"None of the {n_clips} clips can be read:\n{listed}")
    warnings.warn(
        f"{len(errors)} of {n_clips} clips cannot be read and are left out:\n{listed}",
        AudioWarning,
        stacklevel=3,
    )
    return subset_corpus(corpus, np.setdiff1d(np.arange(n_clips), [*errors]))


def find_unreadable(
    items: Sequence[Item], *, n_jobs: int | None = None, progress: bool | str = "auto"
) -> dict[int, AudioError]:
    """Decode each clip, and return the error of each clip that cannot be read, by its position."""
    found = Parallel(n_jobs=n_jobs, prefer="threads", return_as="generator")(
        delayed(_error_of)(item, place) for place, item in enumerate(items)
    )
    with progress_bar(len(items), progress) as bar:
        errors = dict(enumerate(counting(found, bar)))
    return {place: error for place, error in errors.items() if error is not None}


def _error_of(item: Item, place: int) -> AudioError | None:
    try:
        read_clip(item, DEFAULT_SR, place)
    except AudioError as error:
        return error
    return None


def without_place(error: AudioError, place: int) -> str:
    """Return a message without the position of the clip in X, which only Python users know."""
    return str(error).removeprefix(f"X[{place}] ")
