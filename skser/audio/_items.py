"""The kinds of clip that X may hold, and the one function that validates X."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from sklearn.base import BaseEstimator
from sklearn.utils.validation import validate_data

from skser.audio._file_objects import is_file_object, name_of_file
from skser.audio._finite import report_nonfinite_sample
from skser.audio._speaker import Speaker, check_speaker
from skser.audio._transient import marked_like
from skser.exceptions import AudioError

PCM_OFFSET_AND_SCALE = {"int16": (0, 2**15), "int32": (0, 2**31), "uint8": (2**7, 2**7)}
"""Integer types of samples: the value that stands for 0, and the distance to full scale (1)."""

LOWEST_SR, HIGHEST_SR = 1_000, 1_000_000
"""Range of sample rates in Hz; any other is a mistake that could cost gigabytes to resample."""

_LARGEST_PLAIN_INTEGER = 4
"""Largest magnitude up to which int64 samples, such as the impulse [0, 1, 0], are used as they are:
NumPy converts Python's integers to int64, and audible PCM is never confined to so few values. They
cannot all be rejected, because scikit-learn's `check_estimator` passes such tables to every
estimator."""

_SHOWN = 80
"""Maximum number of characters of a value that a message shows."""


class Audio(NamedTuple):
    """Samples of a clip, together with their sample rate.

    Parameters
    ----------
    y : ndarray of shape (n_samples,) or (n_channels, n_samples)
        Samples: floating point in [-1, 1], or integer PCM (16 or 32 bit signed, 8 bit
        unsigned), which is scaled to that range when read.
    sr : float
        Sample rate in Hz, from 1 kHz to 1 MHz.
    speaker : str or int, default=None
        Name or number of the speaker, for `SpeakerNormalizer`.

    Examples
    --------
    >>> import numpy as np
    >>> from skser import Audio, RMS
    >>> tone = Audio(np.sin(2 * np.pi * 440 * np.arange(16000) / 16000), sr=16000)
    >>> RMS().fit_transform([tone]).shape
    (1, 1)
    """

    y: NDArray[Any]
    sr: float
    speaker: Speaker | None = None


class Segment(NamedTuple):
    """A part of an audio file, or all of it; only this part is read.

    Parameters
    ----------
    path : str, os.PathLike or file object
        Any file that libsndfile reads, or ffmpeg if it is installed. An open file or an
        `io.BytesIO` is read from its start, by libsndfile.
    start, end : float, default=0.0, None
        Start and end of the part in seconds from the beginning of the file, with
        ``0 <= start < end <= duration``. If `end` is None, the part ends with the file.
    speaker : str or int, default=None
        Name or number of the speaker, for `SpeakerNormalizer`.

    Examples
    --------
    >>> from skser import Segment
    >>> Segment("interview.wav", 12.5, 14.0)
    Segment(path='interview.wav', start=12.5, end=14.0, speaker=None)
    """

    path: str | os.PathLike[str] | BinaryIO
    start: float = 0.0
    end: float | None = None
    speaker: Speaker | None = None

    @property
    def is_whole(self) -> bool:
        """Whether the part is all of the file."""
        return self.end is None and self.start == 0


Item: TypeAlias = "str | os.PathLike[str] | BinaryIO | Segment | Audio | NDArray[Any]"
"""One clip."""

Items: TypeAlias = "Sequence[Item] | NDArray[Any]"
"""Clips as `check_items` returns them: a list, or a 2-D array with one clip per row."""


def as_items(clips: Sequence[Item]) -> NDArray[np.object_]:
    """Put clips into a 1-D object array, one clip per element.

    ``np.array(clips, dtype=object)`` returns a 2-D array for named tuples, and for clips that
    happen to have the same length. This function never does, so the result can be indexed by
    the splits of a cross-validation.

    Parameters
    ----------
    clips : sequence of n_clips clips
        Paths, file objects, `Segment`, `Audio` or 1-D arrays.

    Returns
    -------
    items : ndarray of shape (n_clips,), dtype=object

    Examples
    --------
    >>> import numpy as np
    >>> from skser import as_items
    >>> as_items([np.zeros(100), np.zeros(100)]).shape
    (2,)
    """
    items = np.empty(len(clips), dtype=object)
    for i, clip in enumerate(clips):
        items[i] = clip
    return items


def describe(item: object, index: int | None = None) -> str:
    """Return how a message names a clip: its index in X and what identifies it."""
    match item:
        case Audio(y=np.ndarray() as y, sr=sr):
            what = f"Audio of shape {y.shape} at {_shown(sr)} Hz"
        case Segment(path) if item.is_whole:
            what = _shown_path(path)
        case Segment(path, start, end):
            until = "its end" if end is None else f"{_shown(end)} s"
            what = f"{_shown_path(path)} from {_shown(start)} to {until}"
        case str() | os.PathLike():
            what = _shown_path(item)
        case np.ndarray():
            what = f"array of shape {item.shape}"
        case _ if is_file_object(item):
            what = _shown_path(item)
        case _:
            what = type(item).__name__
    return what if index is None else f"X[{index}] {what}"


def _shown_path(path: object) -> str:
    """Return a path for a message; `repr` escapes what is not UTF-8 and could not be printed."""
    if is_file_object(path):
        name = name_of_file(path)
        return type(path).__name__ + ("" if name is None else f" {name!r}")
    if isinstance(path, os.PathLike):
        try:
            path = os.fspath(path)
        except Exception:
            return f"<{type(path).__name__}>"
    return repr(path) if isinstance(path, str | bytes) else _shown(path)


def _shown(value: object) -> str:
    try:
        text = repr(value)
    except Exception:  # For instance, an integer of more than 4300 digits has no repr.
        return f"<{type(value).__name__}>"
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def title_of(item: Item) -> str | None:
    """Return a clip's title for display: the name of its file. Samples have none."""
    match item:
        case Audio() | np.ndarray():
            return None
        case Segment(path, start, end):
            name = _file_name(path)
        case path:
            name, start, end = _file_name(path), 0, None
    if name is None or (start == 0 and end is None):
        return name
    return f"{name}, from {start:g} s" if end is None else f"{name}, {start:g} to {end:g} s"


def _file_name(source: str | os.PathLike[str] | BinaryIO) -> str | None:
    """Return the name of a file as text that can be written to any file or terminal."""
    path = name_of_file(source) if is_file_object(source) else source
    if path is None:
        return None
    return os.fsencode(Path(os.fsdecode(path)).name).decode("utf-8", "backslashreplace")


def check_items(estimator: BaseEstimator, X: Any, *, reset: bool, lenient: bool = False) -> Items:
    """Validate the container X and the kind of each clip in it; no clip is read.

    Parameters
    ----------
    estimator : estimator
        Estimator that holds `n_features_in_`: a 2-D array must have the number of samples
        seen in fit.
    X : list, pandas.Series, 1-D object array or 2-D array
        Clips.
    reset : bool
        Whether this is a call of fit, which sets `n_features_in_`.
    lenient : bool, default=False
        Whether to validate X only as a whole; an invalid clip is then reported when it is read.

    Returns
    -------
    items : list of n_clips clips, or ndarray of shape (n_clips, n_samples)

    Raises
    ------
    AudioError
        If X is a single clip, is empty, or, unless `lenient`, holds anything that is not a clip.
    """
    if isinstance(X, str | bytes | os.PathLike | Audio | Segment) or is_file_object(X):
        raise AudioError(
            f"X is a single clip ({describe(X)}), but a collection of clips is expected. "
            "Pass a list: [clip]."
        )
    if issparse(X) or np.ndim(container := _as_array(X, lenient=lenient)) != 1:
        return _check_rows(estimator, X, reset=reset, lenient=lenient)
    items = list(X)
    if not items:
        raise AudioError("X is empty: found 0 clips while a minimum of 1 is required.")
    # If lenient, each element of a list or an object array is read on its own, even a number.
    apart = lenient and getattr(container.dtype, "kind", "O") == "O"
    if not apart and all(_is_number(item) for item in items):
        raise AudioError(
            "X is one-dimensional and numeric, which could be the samples of a single clip. "
            "Reshape your data using X.reshape(1, -1), or pass a list of clips: [X]."
        )
    if not lenient:
        for index, item in enumerate(items):
            check_kind(item, index)
    if reset:
        vars(estimator).pop("n_features_in_", None)
        vars(estimator).pop("feature_names_in_", None)
    return items


def _check_rows(estimator: BaseEstimator, X: Any, *, reset: bool, lenient: bool) -> NDArray[Any]:
    if not issparse(X) and any(isinstance(x, str | os.PathLike) for x in _first_row(X)):
        raise AudioError(
            "X is a table of text. Pass only the column of paths, such as X['path'], or a list "
            "of the paths."
        )
    masked = isinstance(X, np.ma.MaskedArray) and X.ndim == 2 and np.ma.is_masked(X)
    finite = not (lenient or masked)
    with report_nonfinite_sample(X):
        rows: NDArray[Any] = validate_data(estimator, X, reset=reset, ensure_all_finite=finite)
    if hasattr(X, "dtype") or hasattr(X, "dtypes"):
        rows = _with_dtype_of_elements(rows, np.asarray(X))
    if masked:
        # validate_data drops the mask, which the checks of the samples need.
        rows = np.ma.MaskedArray(rows, mask=np.ma.getmaskarray(X))
    if not lenient:
        for index, row in enumerate(rows):
            check_kind(row, index)
    return marked_like(X, rows)


def _with_dtype_of_elements(rows: NDArray[Any], X: NDArray[Any]) -> NDArray[Any]:
    """Restore the numeric type of an object array, which validate_data converts to float64."""
    if X.dtype.kind != "O":
        return rows
    dtype = np.asarray(X.tolist()).dtype
    return rows if dtype.kind == "O" else rows.astype(dtype)


def _first_row(X: Any) -> Any:
    return np.asarray(X[:1], dtype=object).ravel() if getattr(X, "ndim", 0) == 2 else ()


def is_pcm_or_float(dtype: np.dtype[Any]) -> bool:
    """Return whether samples of a dtype have a known full scale: 1.0, or that of the integers."""
    return dtype.kind == "f" or dtype.name in PCM_OFFSET_AND_SCALE


def _as_array(X: Any, *, lenient: bool) -> Any:
    """Return X as an array; a list of clips becomes one element per clip."""
    if hasattr(X, "__array__"):
        return X if hasattr(X, "ndim") else np.asarray(X)
    if not hasattr(X, "__len__") or isinstance(X, dict | set | frozenset):
        raise AudioError(
            f"X is a {type(X).__name__}, but a list, a pandas Series, a 1-D object array or "
            "a 2-D array of clips is expected."
        )
    nested = len(X) > 0 and all(type(item) in (list, tuple) for item in X)
    if not nested:
        return as_items(X)
    try:
        rows = np.asarray(X, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        rows = None
    if lenient and (rows is None or rows.ndim != 2):
        return as_items(X)
    if rows is None and all(isinstance(item, tuple) and 2 <= len(item) <= 4 for item in X):
        raise AudioError(
            "X holds plain tuples. Use Audio(*clip) for the result of librosa.load, and "
            "Segment(*clip) for a path and times."
        )
    if rows is None or rows.ndim != 2:
        raise AudioError(
            "X is a nested list, but not a rectangular table of numbers. Convert each clip to a "
            "NumPy array: [np.asarray(clip) for clip in X]. Pass a clip of several channels as "
            "Audio(y, sr) with y of shape (n_channels, n_samples)."
        )
    return rows


def check_kind(item: object, index: int | None = None) -> None:
    """Raise `AudioError` unless the item is a clip of one of the known kinds."""
    if isinstance(item, Audio | Segment) and item.speaker is not None:
        check_speaker(item.speaker, describe(item, index))
    match item:
        case Audio(y, sr):
            _check_sr(sr, item, index)
            try:
                samples = np.asanyarray(y)
            except Exception as error:
                raise AudioError(
                    f"{describe(item, index)}: y cannot be converted to an array ({error}). All "
                    "its channels must have the same length."
                ) from error
            _check_samples(samples, item, index, max_ndim=2)
        case Segment(path, start, end) if isinstance(path, str | os.PathLike) or is_file_object(
            path
        ):
            if not (_is_number(start) and (end is None or _is_number(end))):
                raise AudioError(
                    f"{describe(item, index)}: start and end must be numbers (seconds)."
                )
        case str() | os.PathLike():
            pass
        case np.ndarray():
            _check_samples(item, item, index, max_ndim=1)
        case _ if not is_file_object(item):
            raise AudioError(
                f"{describe(item, index)}: this is not a clip. A clip is a path, Segment(path, "
                "start, end), Audio(y, sr), a 1-D NumPy array of samples, or a file object such "
                "as io.BytesIO(content)."
            )


def _is_number(value: object) -> bool:
    # A timedelta64 is a NumPy integer.
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(
        value, bool | np.timedelta64
    )


def _check_sr(sr: Any, item: object, index: int | None) -> None:
    if not (_is_number(sr) and LOWEST_SR <= sr <= HIGHEST_SR):
        raise AudioError(
            f"{describe(item, index)}: the sample rate is {_shown(sr)}, but it must be a number "
            f"of Hz from {LOWEST_SR} to {HIGHEST_SR}."
        )


def _are_plain(integers: NDArray[Any]) -> bool:
    """Return whether integers without a known full scale can be used as they are."""
    largest = max(int(integers.max()), -int(integers.min()))
    return integers.dtype.name == "int64" and largest <= _LARGEST_PLAIN_INTEGER


def _check_samples(y: NDArray[Any], item: object, index: int | None, max_ndim: int) -> None:
    where = describe(item, index)
    if y.dtype.kind == "c":
        raise AudioError(f"{where}: Complex data not supported. Pass real samples.")
    if y.dtype.kind not in "fiu":
        raise AudioError(
            f"{where}: the samples have dtype {y.dtype}, but numbers are expected. Pass floats "
            "in [-1, 1], or PCM as int16, int32 or uint8."
        )
    if not 1 <= y.ndim <= max_ndim:
        raise AudioError(
            f"{where}: the array has {y.ndim} dimensions. A clip is a 1-D array, or Audio(y, sr) "
            "with y of shape (n_samples,) or (n_channels, n_samples)."
        )
    if y.size == 0:
        raise AudioError(f"{where}: the clip has 0 samples. Remove it.")
    if np.ma.is_masked(y):
        raise AudioError(
            f"{where}: {np.ma.count_masked(y)} of {y.size} samples are masked. Fill them with "
            "y.filled(0), or cut them out."
        )
    if not is_pcm_or_float(y.dtype) and not _are_plain(y):
        raise AudioError(
            f"{where}: the samples have dtype {y.dtype} and values from {y.min()} to {y.max()}, "
            "whose full scale is unknown. Pass floats in [-1, 1], or PCM as int16, int32 or uint8."
        )
    if y.ndim == 2 and y.shape[0] > y.shape[1] and y.shape[1] <= 8:
        raise AudioError(
            f"{where}: the clip has {y.shape[0]} channels of {y.shape[1]} samples. Channels come "
            "first: pass Audio(y.T, sr)."
        )
