"""The one function that decodes audio: any clip to mono float32 at one sample rate."""

from __future__ import annotations

import math
import os
import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skser.audio._items import PCM_OFFSET_AND_SCALE, Audio, Item, Segment, check_kind, describe
from skser.exceptions import AudioError

_DECLARED_BYTES = re.compile(
    r"^\s*(?:data|SSND|Data [Ss]ize)\s*:\s*(\d+)(?: \(should be (\d+)\))?", re.MULTILINE
)
"""What libsndfile's log says of the samples' size: declared in the header, and found."""

_PLACEHOLDER_BYTES = 2**31 - 2**16
"""Programs that write to a pipe cannot know the size and declare about this, or more."""

_LARGEST = 1e12
"""Samples beyond this overflow float32 once they are transformed and squared."""


def load_clip(item: Item, sr: float, index: int | None = None) -> NDArray[np.float32]:
    """Decode a clip, average its channels, and resample it.

    Equal to ``librosa.load(path, sr=sr)``: mean over channels, then resampling by
    ``soxr_hq``.

    Parameters
    ----------
    item : path, Segment, Audio or ndarray of shape (n_samples,)
        An array is taken to be at `sr`.
    sr : float
        Wanted sample rate in Hz.
    index : int, default=None
        The clip's place in X, for messages.

    Returns
    -------
    y : ndarray of shape (n_samples,), dtype=float32

    Raises
    ------
    AudioError
        If the clip cannot be read, has no samples, or samples that are not finite.
    """
    y, own_sr = read_clip(item, sr, index)
    if own_sr == sr:
        return y
    import soxr

    resampled: NDArray[np.float32] = soxr.resample(y, own_sr, sr, quality="soxr_hq")
    # librosa's length; soxr's may differ from it by a sample.
    length = math.ceil(len(y) * (sr / own_sr))
    if len(resampled) < length:
        return np.pad(resampled, (0, length - len(resampled)))
    return resampled[:length]


def read_clip(
    item: Item, array_sr: float, index: int | None = None
) -> tuple[NDArray[np.float32], float]:
    """Return a clip's mono samples and its own sample rate; an array's is `array_sr`."""
    check_kind(item, index)
    match item:
        case Audio(y, sr):
            samples, own_sr = _to_float(np.asarray(y)), sr
        case np.ndarray():
            samples, own_sr = _to_float(item), array_sr
        case _:
            samples, own_sr = _decode(item, index)
    largest = np.maximum(samples.max(), -samples.min())
    if not np.isfinite(largest):
        raise AudioError(
            f"{describe(item, index)}: the samples contain NaN, infinity, or a value too large "
            "for float32. Mend or remove the clip."
        )
    if largest > _LARGEST:
        raise AudioError(
            f"{describe(item, index)}: the samples reach {largest:.3g}. Scale the clip to [-1, 1]."
        )
    if samples.ndim == 2:
        samples = samples.mean(axis=0)
    return np.ascontiguousarray(samples, dtype=np.float32), own_sr


def clip_duration(item: Item, array_sr: float, index: int | None = None) -> float:
    """Return a clip's duration in seconds; of a file, only the header is read."""
    check_kind(item, index)
    match item:
        case Audio(y, sr):
            return float(np.shape(y)[-1] / sr)
        case np.ndarray():
            return len(item) / array_sr
        case Segment():
            with _open(item, index) as file:
                where = describe(item, index)
                start, stop = _segment_frames(item, file.frames, file.samplerate, where)
                return float((stop - start) / file.samplerate)
        case _:
            with _open(item, index) as file:
                return float(file.frames / file.samplerate)


def n_samples(duration: float, sr: float) -> int:
    """Return how many samples a duration in seconds takes, at least one."""
    # 3000 / 22050 * 22050 is a little more than 3000.
    return max(1, math.ceil(round(duration * sr, 6)))


def _to_float(y: NDArray[Any]) -> NDArray[np.float32]:
    offset, scale = PCM_OFFSET_AND_SCALE.get(y.dtype.name, (0, 1))
    if scale == 1:
        with np.errstate(over="ignore"):
            return y.astype(np.float32)
    return ((y.astype(np.float64) - offset) / scale).astype(np.float32)


def _open(item: str | os.PathLike[str] | Segment, index: int | None) -> Any:
    import soundfile

    where = describe(item, index)
    path = item.path if isinstance(item, Segment) else item
    if os.path.isdir(path):
        raise AudioError(f"{where}: a directory. Pass the paths of the files in it.")
    if not os.path.exists(path):
        raise AudioError(f"{where}: no such file. Check the path (now in {os.getcwd()!r}).")
    if os.path.getsize(path) == 0:
        raise AudioError(f"{where}: empty file (0 bytes). Remove it, or copy it again.")
    try:
        # A name whose bytes are no text is handed on as bytes; on Windows every name is text.
        return soundfile.SoundFile(os.fsencode(path) if os.name == "posix" else path)
    except (soundfile.LibsndfileError, OSError, TypeError) as error:
        raise AudioError(
            f"{where}: libsndfile cannot read it ({error}). Is it audio (wav, flac, ogg, mp3), "
            "and complete? Convert or remove it."
        ) from error


def _decode(
    item: str | os.PathLike[str] | Segment, index: int | None
) -> tuple[NDArray[np.float32], float]:
    import soundfile

    where = describe(item, index)
    with _open(item, index) as file:
        n_frames = file.frames
        for declared, found in _DECLARED_BYTES.findall(file.extra_info):
            there = int(found) if found else os.path.getsize(file.name)
            if there < int(declared) < _PLACEHOLDER_BYTES:
                raise AudioError(
                    f"{where}: truncated. Its header declares {declared} bytes of samples, more "
                    "than the file holds. Copy or download it again, or remove it."
                )
        if n_frames <= 0:
            raise AudioError(f"{where}: empty file (0 samples). Remove it.")
        start, stop = 0, n_frames
        if isinstance(item, Segment):
            start, stop = _segment_frames(item, n_frames, file.samplerate, where)
        try:
            # A seek takes time even if it leads nowhere.
            if start:
                file.seek(start)
            y = file.read(stop - start, dtype="float32")
        except soundfile.LibsndfileError as error:
            raise AudioError(
                f"{where}: decoding failed ({error}); the file is damaged or truncated. Copy or "
                "download it again, or remove it."
            ) from error
        if len(y) < stop - start:
            raise AudioError(
                f"{where}: truncated. {stop - start} frames are declared, {len(y)} could be "
                "decoded. Copy or download it again, or remove it."
            )
        return y.T, file.samplerate


def _segment_frames(segment: Segment, n_frames: int, sr: int, where: str) -> tuple[int, int]:
    _, start, end = segment
    duration = n_frames / sr
    if not 0 <= start < end:
        raise AudioError(f"{where}: start and end must satisfy 0 <= start < end.")
    # A tolerance of one sample: tables round the end of a file.
    if end > duration + 1 / sr:
        raise AudioError(
            f"{where}: the segment ends after the file, which lasts {duration:.6g} s. "
            "Correct the segment's times (seconds, not samples or milliseconds)."
        )
    first, last = round(start * sr), min(round(end * sr), n_frames)
    if first >= last:
        raise AudioError(f"{where}: 0 samples at {sr} Hz. Make the segment longer.")
    return first, last
