"""The one function that decodes any clip to mono float32 at a given sample rate."""

from __future__ import annotations

import io
import math
import os
import re
import stat
import sys
import time
from functools import lru_cache
from typing import Any, BinaryIO, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from skser.audio._ffmpeg import FFmpegSound, needs_ffmpeg
from skser.audio._file_objects import is_file_object, read_content
from skser.audio._items import (
    HIGHEST_SR,
    LOWEST_SR,
    PCM_OFFSET_AND_SCALE,
    Audio,
    Item,
    Segment,
    check_kind,
    describe,
)
from skser.audio._ogg import find_damaged_page, find_ogg_damage, is_ogg
from skser.exceptions import AudioError

F = TypeVar("F", bound=np.floating)
_File: TypeAlias = "str | os.PathLike[str] | BinaryIO | Segment"

_DECLARED_BYTES = re.compile(
    r"^\s*(?:data|riff|SSND|BODY|Data [Ss]ize)\s*:\s*(\d+)(?: \(should be (\d+)\))?",
    re.MULTILINE,
)
"""Size of the samples in libsndfile's log: as declared in the header, and as found."""

_DECLARED_FRAMES = re.compile(r"^\s*Frames\s*:\s*(\d+)", re.MULTILINE)
"""Number of frames in libsndfile's log, from headers on which it does not rely."""

_NIST_FRAMES = re.compile(rb"^NIST_1A\n.*?^sample_count -i (\d+)$", re.MULTILINE | re.DOTALL)
"""Number of frames in the header of a NIST SPHERE file, which libsndfile does not log."""

_NIST_HEADER = 1024
"""Number of bytes in the header of a NIST SPHERE file."""

_PLACEHOLDER_BYTES = 2**31 - 2**16
"""Programs that write to a pipe cannot know the size, and declare about this number or more."""

_FRAMES_PER_BYTE = 8192
"""Limit that no file exceeds: a FLAC frame has at least 11 bytes and at most 65535 samples per
channel; a Vorbis packet, with its entry in the page, at least 2 bytes and at most 4096 samples."""

_NOTHING_DECODED = "damaged: nothing in it can be decoded. Remove it."

_RECENT = 2_000_000_000
"""Nanoseconds within which `st_mtime` may be too coarse to show that a file changed again."""

LARGEST = 1e12
"""Largest sample: larger ones overflow float32 when their spectrum is squared."""


def load_clip(item: Item, sr: float, index: int | None = None) -> NDArray[np.float32]:
    """Decode a clip, average its channels, and resample it.

    The result equals ``librosa.load(path, sr=sr)``: the mean over channels, resampled by
    ``soxr_hq``.

    Parameters
    ----------
    item : path, Segment, Audio or ndarray of shape (n_samples,)
        Clip; the sample rate of an array is assumed to be `sr`.
    sr : float
        Sample rate in Hz of the result.
    index : int, default=None
        Index of the clip in X, for messages.

    Returns
    -------
    y : ndarray of shape (n_samples,), dtype=float32

    Raises
    ------
    AudioError
        If the clip cannot be read, has no samples, or has samples that are not finite.
    """
    y, own_sr = read_clip(item, sr, index)
    if own_sr == sr:
        return y
    import soxr

    try:
        resampled: NDArray[np.float32] = soxr.resample(y, own_sr, sr, quality="soxr_hq")
    except Exception as error:
        raise AudioError(
            f"{describe(item, index)}: {len(y)} samples cannot be resampled from {own_sr} to {sr} "
            f"Hz ({_reason(error)}). Check the sample rates, or cut the clip."
        ) from error
    # Use librosa's length, from which soxr's may differ by one sample.
    return fix_length(resampled, math.ceil(len(y) * (sr / own_sr)))


def read_clip(
    item: Item, array_sr: float, index: int | None = None
) -> tuple[NDArray[np.float32], float]:
    """Return a clip's mono samples and its own sample rate, which for an array is `array_sr`."""
    check_kind(item, index)
    match item:
        case Audio(y, sr):
            samples, own_sr = to_float(np.asarray(y)), sr
        case np.ndarray():
            samples, own_sr = to_float(item), array_sr
        case _:
            samples, own_sr = _decode(item, index)
    largest = np.maximum(samples.max(), -samples.min())
    if not np.isfinite(largest):
        raise AudioError(
            f"{describe(item, index)}: the samples contain NaN, infinity, or a value too large "
            "for float32. Repair or remove the clip."
        )
    if largest > LARGEST:
        raise AudioError(
            f"{describe(item, index)}: the samples reach {largest:.3g}. Scale the clip to [-1, 1]."
        )
    if samples.ndim == 2:
        samples = samples.mean(axis=0)
    return np.ascontiguousarray(samples, dtype=np.float32), own_sr


def clip_duration(item: Item, array_sr: float, index: int | None = None) -> float:
    """Return a clip's duration in seconds.

    For a file, the header is read, and the last frame is decoded because a damaged header may
    declare any number of frames.
    """
    check_kind(item, index)
    match item:
        case Audio(y, sr):
            return float(np.shape(y)[-1] / sr)
        case np.ndarray():
            return len(item) / array_sr
        case _:
            where = describe(item, index)
            with open_clip(item, where, seeks=True) as file:
                start, stop = frames_of(item, file, where)
                if isinstance(file, FFmpegSound):
                    # ffmpeg has already counted the frames that can be decoded.
                    return float((stop - start) / file.samplerate)
                try:
                    read_frames(file, stop - 1, stop, where)
                except AudioError:
                    # If seeking fails, decoding from the beginning may still succeed.
                    _decode(item, index)
                return float((stop - start) / file.samplerate)


def n_samples(duration: float, sr: float) -> int:
    """Return the number of samples in a duration in seconds, at least one."""
    # Round first, because 3000 / 22050 * 22050 is slightly more than 3000.
    return max(1, math.ceil(round(duration * sr, 6)))


def fix_length(y: NDArray[F], length: int) -> NDArray[F]:
    """Zero-pad or cut samples at the end to a given length."""
    if len(y) < length:
        return np.pad(y, (0, length - len(y)))
    return y[:length]


def to_float(y: NDArray[Any]) -> NDArray[np.float32]:
    offset, scale = PCM_OFFSET_AND_SCALE.get(y.dtype.name, (0, 1))
    if scale == 1:
        with np.errstate(over="ignore"):
            return y.astype(np.float32)
    return ((y.astype(np.float64) - offset) / scale).astype(np.float32)


def open_clip(item: _File, where: str, seeks: bool) -> Any:
    """Open a file, or raise an error that says why it cannot be read or trusted.

    Parameters
    ----------
    item : path, file object or Segment
        The clip.
    where : str
        Name of the clip, for messages.
    seeks : bool
        Whether reading may start anywhere but at the beginning of the file.

    Returns
    -------
    file : soundfile.SoundFile or FFmpegSound

    Raises
    ------
    AudioError
        If the file cannot be opened, or its header cannot be true.
    """
    source = item.path if isinstance(item, Segment) else item
    if not is_file_object(source):
        return _open_path(source, where, seeks)
    content = read_content(source, where)
    damage = _find_content_damage(content, seeks) if is_ogg(content) else None
    return _sound_in(io.BytesIO(content), content[:_NIST_HEADER], len(content), damage, where)


def _open_path(path: str | os.PathLike[str], where: str, seeks: bool) -> Any:
    try:
        status = os.stat(path)
        head = _read_head(path) if stat.S_ISREG(status.st_mode) and status.st_size else b""
        damage = _find_damage(os.fspath(path), status, seeks) if is_ogg(head) else None
    except (FileNotFoundError, NotADirectoryError) as error:
        raise AudioError(
            f"{where}: no such file. Check the path (the current folder is {_working_folder()!r})."
        ) from error
    except Exception as error:
        raise AudioError(
            f"{where}: the file cannot be opened ({_reason(error)}). Check the path and the "
            "permissions."
        ) from error
    if stat.S_ISDIR(status.st_mode):
        raise AudioError(f"{where}: this is a directory. Pass the paths of the files in it.")
    if head and needs_ffmpeg(path, head):
        return FFmpegSound(path, status, head, where)
    return _sound_in(path, head, status.st_size, damage, where)


def _sound_in(
    source: str | os.PathLike[str] | BinaryIO,
    head: bytes,
    n_bytes: int,
    damage: str | None,
    where: str,
) -> Any:
    """Open a file whose first bytes are `head` with libsndfile, unless it is known as damaged."""
    if n_bytes == 0:
        raise AudioError(f"{where}: the file is empty (0 bytes). Remove it, or copy it again.")
    if damage:
        raise AudioError(f"{where}: {damage}")
    try:
        file = _sound_file(source)
    except Exception as error:
        raise AudioError(
            f"{where}: libsndfile cannot read it ({_reason(error)}). Check that it is a complete "
            "audio file (wav, flac, ogg, mp3). If not, convert or remove it."
        ) from error
    try:
        _check_header(file, head, n_bytes, where)
    except BaseException:
        file.close()
        raise
    return file


def _read_head(path: str | os.PathLike[str]) -> bytes:
    with open(path, "rb", buffering=0) as file:
        return file.read(_NIST_HEADER)


def _sound_file(path: str | os.PathLike[str] | BinaryIO) -> Any:
    import soundfile

    if is_file_object(path):
        return soundfile.SoundFile(path)
    # soundfile encodes a str strictly, but the name of a file need not be valid UTF-8.
    return soundfile.SoundFile(path if sys.platform == "win32" else os.fsencode(path))


def _find_damage(path: str, status: os.stat_result, seeks: bool) -> str | None:
    """Return what is wrong with an Ogg file; `seeks` if decoding may not start at the beginning.

    The result is cached as long as the size and modification time stay the same, because a
    recording may have hundreds of segments.
    """
    identity = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
    if time.time_ns() - status.st_mtime_ns < _RECENT:
        return _find_ogg_damage.__wrapped__(path, identity, seeks)
    return _find_ogg_damage(path, identity, seeks)


@lru_cache(maxsize=1024)
def _find_ogg_damage(path: str, identity: tuple[int, ...], seeks: bool) -> str | None:
    damage = find_ogg_damage(path)
    if damage is None and seeks:
        # libsndfile crashes when it seeks in a Vorbis stream whose setup header cannot be decoded.
        # A separate file is opened, as a seek after a read may end up at the wrong frame.
        with _sound_file(path) as file:
            if len(file.read(1)) == 0:
                return _NOTHING_DECODED
    return damage


def _find_content_damage(content: bytes, seeks: bool) -> str | None:
    damage = find_damaged_page(io.BytesIO(content))
    if damage is None and seeks:
        with _sound_file(io.BytesIO(content)) as file:
            if len(file.read(1)) == 0:
                return _NOTHING_DECODED
    return damage


def _check_header(file: Any, head: bytes, n_bytes: int, where: str) -> None:
    """Raise `AudioError` if the header declares more than the file can hold."""
    log = file.extra_info
    for declared, found in _DECLARED_BYTES.findall(log):
        there = int(found) if found else n_bytes
        if there < int(declared) < _PLACEHOLDER_BYTES:
            raise AudioError(
                f"{where}: the file is truncated. Its header declares {declared} bytes of samples, "
                "more than the file holds. Copy or download it again, or remove it."
            )
    declared_frames = _DECLARED_FRAMES.findall(log) if file.format in ("AVR", "RF64") else []
    for n_frames in [*declared_frames, *_NIST_FRAMES.findall(head)]:
        if int(n_frames) > file.frames:
            raise AudioError(
                f"{where}: the file is truncated. Its header declares {int(n_frames)} frames, but "
                f"it holds {file.frames}. Copy or download it again, or remove it."
            )
    if file.frames <= 0:
        raise AudioError(f"{where}: the file is empty (0 samples). Remove it.")
    if file.frames > _FRAMES_PER_BYTE * n_bytes:
        raise AudioError(
            f"{where}: the file is damaged. Its header declares {file.frames} frames, more than "
            f"{n_bytes} bytes can hold. Copy or download it again, or remove it."
        )
    if not LOWEST_SR <= file.samplerate <= HIGHEST_SR:
        raise AudioError(
            f"{where}: the file is damaged. Its header declares a sample rate of {file.samplerate} "
            f"Hz, which is outside the range from {LOWEST_SR} to {HIGHEST_SR} Hz. Copy or download "
            "it again, or remove it."
        )


def _reason(error: Exception) -> str:
    """Return what went wrong, without the path, which every message has already."""
    reason = getattr(error, "error_string", None) or getattr(error, "strerror", None)
    return str(reason or error or type(error).__name__)


def _working_folder() -> str:
    try:
        return os.getcwd()
    except OSError:
        return "a deleted folder"


def _decode(item: _File, index: int | None) -> tuple[NDArray[np.float32], float]:
    where = describe(item, index)
    with open_clip(item, where, seeks=isinstance(item, Segment) and not item.is_whole) as file:
        return read_frames(file, *frames_of(item, file, where), where).T, file.samplerate


def frames_of(item: object, file: Any, where: str) -> tuple[int, int]:
    """Return the index of a clip's first frame in its file, and of the one after its last."""
    if isinstance(item, Segment):
        return _segment_frames(item, _n_frames(item, file), file.samplerate, where)
    return 0, file.frames


def _n_frames(segment: Segment, file: Any) -> int:
    """Return the number of frames in a file, or at least as many as a segment needs."""
    start, end = segment.start, segment.end
    if isinstance(file, FFmpegSound) and end is not None and 0 <= start < end < np.inf:
        return file.reach(round(start * file.samplerate), round(end * file.samplerate))
    n_frames: int = file.frames
    return n_frames


def header(path: str | os.PathLike[str]) -> tuple[float, float]:
    """Return a file's duration in seconds and its sample rate in Hz; NaN if it cannot be read.

    The header is trusted if libsndfile can read the file; a file that needs ffmpeg is decoded.
    """
    import soundfile

    try:
        status = os.stat(path)
        head = _read_head(path) if stat.S_ISREG(status.st_mode) else b""
        if head and needs_ffmpeg(path, head):
            with FFmpegSound(path, status, head, "") as sound:
                return sound.count(keep=False) / sound.samplerate, sound.samplerate
        info = soundfile.info(path)
    except (soundfile.LibsndfileError, OSError, AudioError):
        return np.nan, np.nan
    return info.frames / info.samplerate, info.samplerate


def read_frames(
    file: Any, start: int, stop: int, where: str, *, seeks: bool = True
) -> NDArray[np.float32]:
    """Decode frames; memory use depends on what is decoded, not on what the header declares.

    Without `seeks`, `start` must be where the last read ended.
    """
    try:
        # A seek takes time even if the position does not change.
        if start and seeks:
            file.seek(start)
        y: NDArray[np.float32] = file.read(stop - start, dtype="float32")
    except MemoryError as error:
        raise AudioError(
            f"{where}: {stop - start} frames of {file.channels} channels need more memory than "
            "there is. Read the file in parts (Segment), or remove it if its header is damaged."
        ) from error
    except Exception as error:
        raise AudioError(
            f"{where}: decoding failed ({_reason(error)}); the file is damaged or truncated. Copy "
            "or download it again, or remove it."
        ) from error
    if len(y) < stop - start:
        raise AudioError(
            f"{where}: the file is truncated. {stop - start} frames are declared, but only "
            f"{len(y)} could be decoded. Copy or download it again, or remove it."
        )
    return y


def _segment_frames(segment: Segment, n_frames: int, sr: int, where: str) -> tuple[int, int]:
    duration = n_frames / sr
    start, end = segment.start, duration if segment.end is None else segment.end
    if not 0 <= start < end:
        raise AudioError(f"{where}: start and end must satisfy 0 <= start < end.")
    # Tolerate one sample, because tables round the end of a file.
    if end > duration + 1 / sr:
        raise AudioError(
            f"{where}: the segment ends after the file, which lasts {duration:.6g} s. "
            "Correct the segment's times (seconds, not samples or milliseconds)."
        )
    first, last = round(start * sr), min(round(end * sr), n_frames)
    if first >= last:
        raise AudioError(f"{where}: the segment has 0 samples at {sr} Hz. Make the segment longer.")
    return first, last
