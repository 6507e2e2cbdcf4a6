"""Unpack archives of corpora; no member can be written outside of the folder or fill the disk."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import shutil
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PureWindowsPath
from typing import IO, Any

from skser.exceptions import SkserError

_RATIO = 100
_SMALL = 2**20
_LARGEST = 2**38
_BLOCK = 512
_LARGEST_HEADER = 2**20
_DEEPEST = 100

_OPENERS: dict[bytes, Callable[[Path, str], Any]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ": lzma.open,
    b"\x5d\0\0": lzma.open,
}
"""Functions that open compressed files, by the first bytes of the file."""

_DAMAGED = (
    *(zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError),
    # Nonsensical headers.
    *(ValueError, ArithmeticError, LookupError, RecursionError),
)
"""Errors that the readers raise for damaged data, besides `OSError`."""


def unpack(archive: Path, folder: Path) -> None:
    """Unpack a zip or tar archive into a folder, or raise `SkserError` and leave no folder.

    Damaged and encrypted archives are rejected, and so are members that are neither files nor
    folders or would be written outside of the folder or over another file. The files may have at
    most 100 times as many bytes as the archive (or 1 MiB, if that is more), and at most 256 GiB.
    """
    is_new = not folder.exists()
    try:
        with _errors_that_tell(archive, folder):
            _unpack(archive, folder)
    except BaseException:
        if is_new:
            shutil.rmtree(folder, ignore_errors=True)
        raise


@contextmanager
def _errors_that_tell(archive: Path, folder: Path) -> Iterator[None]:
    try:
        yield
    except SkserError:
        raise
    except NotImplementedError as error:
        raise SkserError(
            f"{archive.name} is not unpacked: {error}. Unpack it with another program, and load "
            "the folder."
        ) from error
    except _DAMAGED as error:
        raise _damaged(archive, error) from error
    except OSError as error:
        # gzip and bz2 raise it, without a number, for data that they cannot decompress.
        if error.errno is None:
            raise _damaged(archive, error) from error
        raise SkserError(
            f"{archive.name} could not be unpacked into {str(folder)!r} ({error}). Check that "
            "there is room on the disk and that the folder is writable."
        ) from error


def _unpack(archive: Path, folder: Path) -> None:
    with open(archive, "rb") as file:
        beginning = file.read(8)
    # zipfile also accepts a tar whose last file is a zip.
    if not beginning.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        opener = next((o for start, o in _OPENERS.items() if beginning.startswith(start)), open)
        with opener(archive, "rb") as stream:
            if _unpack_tar(archive, stream, folder):
                return
        if not zipfile.is_zipfile(archive):
            raise SkserError(f"{str(archive)!r} is neither a zip nor a tar archive. Check the URL.")
    with zipfile.ZipFile(archive) as zipped:
        _unpack_zip(archive, zipped, folder)


def _unpack_zip(archive: Path, zipped: zipfile.ZipFile, folder: Path) -> None:
    checks = _Checks(archive, folder)
    members = zipped.infolist()
    for member in members:
        kind = stat.S_IFMT(member.external_attr >> 16)
        checks.member(member.filename, member.file_size, kind in (0, stat.S_IFREG, stat.S_IFDIR))
        if member.flag_bits & 1:
            raise SkserError(
                f"{archive.name} is not unpacked: {member.filename!r} is encrypted. Unpack it with "
                "its password, and load the folder."
            )
    folder.mkdir(parents=True, exist_ok=True)
    for member in members:
        if not member.is_dir():
            checks.place(member.filename)
        zipped.extract(member, folder)


def _unpack_tar(archive: Path, stream: IO[bytes], folder: Path) -> bool:
    """Unpack a tar archive; return whether the stream is one."""
    # The checks below are needed as well, because Python 3.11.0 to 3.11.3 have no filters.
    filters: dict[str, Any] = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
    checks = _Checks(archive, folder)
    try:
        tar = tarfile.open(fileobj=_InSmallPieces(stream), mode="r:")  # type: ignore[call-overload]
    except tarfile.ReadError:
        # Damaged data raise this error, too.
        stream.seek(0)
        checks.end(stream)
        return False
    folder.mkdir(parents=True, exist_ok=True)
    with tar:
        for member in tar:
            # This check needs the header only, so rejected data are not decompressed.
            checks.member(member.name, member.size, member.isfile() or member.isdir())
            if member.isfile():
                checks.place(member.name)
            tar.extract(member, folder, **filters)
        # tarfile takes a truncated or damaged header for the end of the archive.
        stream.seek(tar.offset)
        if stream.read(_BLOCK) != bytes(_BLOCK):
            raise tarfile.ReadError("it has no end-of-archive marker")
        checks.end(stream)
    return True


class _InSmallPieces:
    """A stream that refuses single reads larger than any header, including long names."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.seek = stream.seek
        self.tell = stream.tell
        self._read = stream.read

    def read(self, size: int) -> bytes:
        if not 0 <= size <= _LARGEST_HEADER:
            raise tarfile.ReadError(f"a header of {size} bytes")
        return self._read(size)


class _Checks:
    """Checks that raise before a member is extracted that must not be."""

    def __init__(self, archive: Path, folder: Path) -> None:
        self.archive = archive
        self.folder = folder
        self.limit = min(max(_SMALL, _RATIO * archive.stat().st_size), _LARGEST)
        self.size = 0

    def member(self, name: str, size: int, is_plain: bool) -> None:
        """Check a member's path, its type, and the total size of the members so far."""
        # Windows has more kinds of absolute paths and accepts both slashes, so its rules are
        # stricter.
        path = PureWindowsPath(name)
        if path.drive or path.root or ".." in path.parts:
            raise _refused(self.archive, f"{name!r} would be written outside of its folder")
        if not is_plain:
            raise _refused(self.archive, f"{name!r} is a link or a device")
        if len(path.parts) > _DEEPEST:
            raise _refused(self.archive, f"{name[:100]!r} ... is {len(path.parts)} folders deep")
        if size < 0:
            raise tarfile.ReadError(f"{name!r} has {size} bytes")
        # Empty files take up space, too.
        self.size += max(size, _BLOCK)
        self._check_size()

    def end(self, stream: IO[bytes]) -> None:
        """Read the rest of the stream, because the checksum of compressed data is at its end."""
        while piece := stream.read(_LARGEST_HEADER):
            self.size += len(piece)
            self._check_size()

    def _check_size(self) -> None:
        if self.size > self.limit:
            raise _refused(
                self.archive,
                f"its files have more than {self.limit / 1e6:.4g} MB, the limit for an archive of "
                f"{self.archive.stat().st_size / 1e6:.4g} MB",
            )

    def place(self, name: str) -> None:
        """Check that no file of this name exists; the file system decides whether case matters."""
        if os.path.lexists(self.folder / name):
            raise _refused(self.archive, f"{name!r} would be written over another file")


def _damaged(archive: Path, error: Exception) -> SkserError:
    return SkserError(
        f"{archive.name} is damaged or incomplete ({error or type(error).__name__}). Remove "
        f"{str(archive)!r}, and download it again."
    )


def _refused(archive: Path, reason: str) -> SkserError:
    return SkserError(
        f"{archive.name} is not unpacked: {reason}. No archive of a corpus should do this; check "
        "where it comes from."
    )
