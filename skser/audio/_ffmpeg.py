"""Decode sound that libsndfile cannot read, with the program ffmpeg.

A part of a file has the same number of samples, at the same positions, as in the whole decoded
file. The timestamps in files of the MPEG-4 family count samples, so ffmpeg can seek in them.
Others, such as Matroska, round times to milliseconds and are decoded from the beginning. Where
AAC replaces noise by random noise (perceptual noise substitution), the values depend on where
decoding begins.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import threading
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from skser.audio._files import FFMPEG_SUFFIXES
from skser.audio._items import HIGHEST_SR, LOWEST_SR
from skser.exceptions import AudioError

HOW_TO_INSTALL = (
    "Install it with 'apt install ffmpeg' (Debian, Ubuntu), 'brew install ffmpeg' (macOS) or "
    "'winget install ffmpeg' (Windows)"
)

_OF_LIBSNDFILE = (b"RIFF", b"RIFX", b"RF64", b"fLaC", b"OggS", b"FORM", b".snd", b"caff", b"riff")
"""First bytes of the files that libsndfile reads, whatever their names."""

_OF_FFMPEG = (b"\x1a\x45\xdf\xa3", b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", b"#!AMR")
"""First bytes of Matroska, ASF (wma) and AMR files."""

_DEMUXERS = (
    "mov,matroska,asf,aac,amr,amrnb,amrwb,ape,wv,ac3,eac3,avi,flv,mpeg,mpegts,mpegvideo,mp3,wav,"
    "ogg,flac"
)
"""Formats that ffmpeg may recognise: those that hold sound, but no playlists of other files."""

_SECONDS = 60.0
"""Seconds that ffmpeg may take, plus the duration of the sound it decodes, before it is killed."""

_EARLIER = 1.0
"""Seconds that are decoded before the requested part, as a frame depends on the one before it."""

_KEPT = 2**26
"""Bytes of decoded sound that are kept, so that they need not be decoded again."""

_BLOCK = 2**20
_FRAMES_PER_BYTE = 8192
_COUNTS: dict[tuple[Any, ...], int] = {}
"""Number of frames of each file, which is known only after decoding it."""

_MOST_COUNTS = 100_000


class _Stream(NamedTuple):
    """Sample rate in Hz, number of channels, and time of the first sample of a file's sound."""

    sr: int
    n_channels: int
    first: int


def has_ffmpeg() -> bool:
    """Return whether ffmpeg is installed."""
    return _find_ffmpeg() is not None


def _find_ffmpeg() -> str | None:
    """Return the program on PATH, but not one that happens to be in the current folder.

    On Windows, `shutil.which` looks there first, and a folder of recordings may contain a program.
    """
    program = shutil.which("ffmpeg")
    if program is None:
        return None
    parent = os.path.realpath(os.path.dirname(program))
    folders = [folder for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    is_here = parent == os.path.realpath(os.getcwd())
    if is_here and parent not in [os.path.realpath(f) for f in folders if os.path.isabs(f)]:
        return None
    return program


def needs_ffmpeg(path: str | os.PathLike[str] | bytes, head: bytes) -> bool:
    """Return whether a file needs ffmpeg, judging by its first bytes and its suffix."""
    if head.startswith(_OF_FFMPEG) or head[4:8] == b"ftyp":
        return True
    suffix = os.path.splitext(os.fsdecode(path))[1].lower()
    is_of_libsndfile = head.startswith(_OF_LIBSNDFILE) and head[8:12] != b"AVI "
    return suffix in FFMPEG_SUFFIXES and not is_of_libsndfile


class FFmpegSound:
    """Decode the first stream of sound in a file, as `soundfile.SoundFile` does.

    Parameters
    ----------
    path : str or os.PathLike
        Path of the file.
    status : os.stat_result
        Status of the file.
    head : bytes
        First bytes of the file.
    where : str
        Name of the clip, for messages.

    Raises
    ------
    AudioError
        If ffmpeg is not installed, or cannot read the file.
    """

    def __init__(
        self, path: str | os.PathLike[str], status: os.stat_result, head: bytes, where: str
    ) -> None:
        program = _find_ffmpeg()
        if program is None:
            raise AudioError(
                f"{where}: reading it needs ffmpeg, which is not installed. {HOW_TO_INSTALL}, or "
                "convert the file to wav or flac."
            )
        self._program, self._path, self._where = program, os.fsdecode(path), where
        self._n_bytes = status.st_size
        identity = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
        self._identity = (program, self._path, *identity)
        self._seeks = head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free")
        try:
            self._stream = _probe(program, self._path, identity)
        except AudioError as error:
            raise AudioError(f"{where}: {error}") from error
        self.samplerate, self.channels = self._stream.sr, self._stream.n_channels
        sr = self.samplerate
        if not LOWEST_SR <= sr <= HIGHEST_SR:
            raise AudioError(
                f"{where}: its sample rate is {sr} Hz, which is outside the range from {LOWEST_SR} "
                f"to {HIGHEST_SR} Hz. Convert or remove it."
            )
        self._position = 0
        self._process: _Process | None = None
        self._kept_from, self._kept = 0, np.zeros((0, self.channels), np.float32)

    def __enter__(self) -> FFmpegSound:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def frames(self) -> int:
        """Number of frames, counted by decoding them."""
        return self.count(keep=True)

    def count(self, *, keep: bool) -> int:
        """Count the frames by decoding them; with `keep`, keep the decoded sound for `read`."""
        # One look-up only, as another thread may clear the counts in between.
        n_frames = _COUNTS.get(self._identity)
        if n_frames is None:
            n_frames = self._count(keep)
            if len(_COUNTS) >= _MOST_COUNTS:
                _COUNTS.clear()
            _COUNTS[self._identity] = n_frames
        return n_frames

    def reach(self, start: int, stop: int) -> int:
        """Return `stop` if the file has that many frames, else the number it has.

        The part from `start` to `stop` is decoded for this, and kept for `read`.
        """
        if self._identity in _COUNTS or (stop - start) * self.channels * 4 > _KEPT:
            return self.frames
        self.seek(start)
        y = self._decode(stop - start)
        if len(y) < stop - start:
            return self.frames
        self._keep(start, y)
        return stop

    def seek(self, frame: int) -> None:
        """Move the position to a frame."""
        if frame != self._position:
            self.close()
            self._position = frame

    def read(self, frames: int, dtype: str = "float32") -> NDArray[np.float32]:
        """Decode a number of frames, or fewer at the end of the file."""
        first = self._position - self._kept_from
        if 0 <= first and first + frames <= len(self._kept):
            y = self._kept[first : first + frames]
            self.close()
            self._position += len(y)
        else:
            y = self._decode(frames)
        return y[:, 0] if self.channels == 1 else y

    def close(self) -> None:
        """Stop ffmpeg."""
        if self._process is not None:
            self._process.end()
            self._process = None

    def _keep(self, start: int, y: NDArray[np.float32]) -> None:
        self.close()
        self._kept_from, self._kept, self._position = start, y, start

    def _count(self, keep: bool) -> int:
        self.seek(0)
        blocks: list[NDArray[np.float32]] = []
        n_frames = 0
        while len(block := self._decode(_BLOCK)):
            n_frames += len(block)
            if n_frames > _FRAMES_PER_BYTE * self._n_bytes:
                raise AudioError(
                    f"{self._where}: the file is damaged. ffmpeg decodes more than {n_frames} "
                    f"frames from {self._n_bytes} bytes. Remove it."
                )
            keep = keep and n_frames * self.channels * 4 <= _KEPT
            if keep:
                blocks.append(block)
            else:
                blocks.clear()
        if not n_frames:
            raise AudioError(f"{self._where}: no sound can be decoded from it. Remove it.")
        if keep:
            self._keep(0, np.concatenate(blocks))
        self.seek(0)
        return n_frames

    def _decode(self, n_frames: int) -> NDArray[np.float32]:
        limit = _SECONDS + (self._position + n_frames) / self.samplerate
        try:
            if self._process is None:
                self._process = _Process(self._command())
            data = self._process.read(n_frames * self.channels * 4, limit)
        except AudioError as error:
            self.close()
            raise AudioError(f"{self._where}: {error}") from error
        y = np.frombuffer(data, "<f4").reshape(-1, self.channels)
        self._position += len(y)
        return y

    def _command(self) -> list[str]:
        start, stream = self._position, self._stream
        seek: list[str] = []
        trim = f"atrim=start_sample={start}"
        if self._seeks and start > _EARLIER * stream.sr:
            # Times count from the first timestamp of the file, which may precede that of the sound.
            seek = ["-copyts", "-ss", f"{start / stream.sr - _EARLIER:.6f}"]
            trim = f"atrim=start_pts={start + stream.first}"
        return [
            *_input(self._program, self._path, *seek),
            *(("-af", trim) if start else ()),
            *("-ac", str(stream.n_channels), "-ar", str(stream.sr)),
            *("-c:a", "pcm_f32le", "-f", "f32le", "pipe:1"),
        ]


def _input(program: str, path: str, *options: str) -> list[str]:
    """Return the beginning of a command that takes the path as nothing but a file's name."""
    return [
        *(program, "-hide_banner", "-nostdin", "-loglevel", "error", "-xerror"),
        *("-protocol_whitelist", "file", "-format_whitelist", _DEMUXERS, *options),
        *("-i", f"file:{path}", "-map", "0:a:0", "-vn", "-sn", "-dn"),
    ]


@lru_cache(maxsize=4096)
def _probe(program: str, path: str, identity: tuple[int, ...]) -> _Stream:
    """Decode the first frame and return its properties; `identity` changes with the file."""
    command = [
        *_input(program, path, "-copyts"),
        *("-frames:a", "1", "-c:a", "pcm_f32le", "-f", "framecrc", "pipe:1"),
    ]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS, check=True
        )
        lines = done.stdout[:_BLOCK].decode(errors="replace").splitlines()
        rate = next(line for line in lines if line.startswith("#sample_rate"))
        values = next(line for line in lines if not line.startswith("#")).split(",")
        sr, first, n_frames = int(rate.split(":")[1]), int(values[2]), int(values[3])
        return _Stream(sr, int(values[4]) // (4 * n_frames), first)
    except subprocess.TimeoutExpired as error:
        raise AudioError(f"ffmpeg did not open it within {_SECONDS:g} s. Remove it.") from error
    except subprocess.CalledProcessError as error:
        raise _refusal(error.stderr) from error
    except (StopIteration, ValueError, IndexError, ZeroDivisionError) as error:
        raise AudioError("ffmpeg finds no sound in it. Convert or remove it.") from error
    except OSError as error:
        raise AudioError(f"{program!r} cannot be run ({error}). Install ffmpeg again.") from error


def _refusal(messages: bytes) -> AudioError:
    lines = messages[:_BLOCK].decode(errors="replace").strip().splitlines() or ["no reason"]
    if any("matches no streams" in line for line in lines):
        return AudioError("the file contains no sound. Remove it.")
    # Drop the name of ffmpeg's component that reports it, and its address in memory.
    reason = lines[0].rpartition("] ")[2].rstrip(". ")[:200]
    return AudioError(
        f"ffmpeg cannot read it ({reason}). Check whether it is complete: copy or download it "
        "again, convert it, or remove it."
    )


class _Process:
    """A run of ffmpeg that writes to a pipe no faster than the pipe is read."""

    def __init__(self, command: list[str]) -> None:
        # A file, because a pipe that nobody reads could fill up and block ffmpeg.
        self._messages = tempfile.TemporaryFile()
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=self._messages,
            )
        except OSError as error:
            self._messages.close()
            raise AudioError(
                f"{command[0]!r} cannot be run ({error}). Install ffmpeg again."
            ) from error

    def read(self, n_bytes: int, seconds: float) -> bytes:
        """Return bytes, or fewer at the end; raise `AudioError` if ffmpeg fails or is too slow."""
        ended = threading.Event()

        def end() -> None:
            ended.set()
            self._process.kill()

        timer = threading.Timer(seconds, end)
        timer.start()
        try:
            assert self._process.stdout is not None
            data: bytes = self._process.stdout.read(n_bytes)
            code = self._process.wait() if len(data) < n_bytes else 0
        finally:
            timer.cancel()
        if ended.is_set():
            raise AudioError(f"ffmpeg did not decode it within {seconds:.0f} s. Remove it.")
        if len(data) < n_bytes:
            self._messages.seek(0)
            messages = self._messages.read(_BLOCK)
            # ffmpeg reports a truncated Matroska file, but exits without an error.
            if code or b"ended prematurely" in messages:
                raise _refusal(messages)
        return data

    def end(self) -> None:
        """Kill ffmpeg if it still runs, and clean up."""
        self._process.kill()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._process.wait()
        self._messages.close()
