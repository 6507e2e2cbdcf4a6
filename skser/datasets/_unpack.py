"""Archives of corpora: no member can be written outside of its folder, or fill the disk."""

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
"""What opens a compressed file, by the bytes that it begins with."""

_DAMAGED = (
    *(zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError),
    # Headers that make no sense.
    *(ValueError, ArithmeticError, LookupError, RecursionError),
)
"""What the readers raise of damaged data, beside `OSError`."""


def unpack(archive: Path, folder: Path) -> None:
    """Unpack a zip or tar archive into a folder, or raise `SkserError` and leave no folder.

    Damaged and encrypted archives are refused, and so are members that are neither a file nor a
    folder, would be written outside of the folder or over another one. The files may have 100
    times as many bytes as the archive (or 1 MiB, if that is more), and 256 GiB at most.
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
        # gzip and bz2 raise it, without a number, of data that they cannot decompress.
        if error.errno is None:
            raise _damaged(archive, error) from error
        raise SkserError(
            f"{archive.name} could not be unpacked into {str(folder)!r} ({error}). Is there room "
            "on the disk, and may the folder be written to?"
        ) from error


def _unpack(archive: Path, folder: Path) -> None:
    with open(archive, "rb") as file:
        beginning = file.read(8)
    # A tar whose last file is a zip passes for a zip as well.
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
    """Unpack a tar, and tell whether it is one."""
    # Checked here too, for Python 3.11.0 to 3.11.3 have no filters.
    filters: dict[str, Any] = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
    checks = _Checks(archive, folder)
    try:
        tar = tarfile.open(fileobj=_InSmallPieces(stream), mode="r:")  # type: ignore[call-overload]
    except tarfile.ReadError:
        # Of damaged data, too.
        stream.seek(0)
        checks.end(stream)
        return False
    folder.mkdir(parents=True, exist_ok=True)
    with tar:
        for member in tar:
            # From the header alone: what is refused is not decompressed.
            checks.member(member.name, member.size, member.isfile() or member.isdir())
            if member.isfile():
                checks.place(member.name)
            tar.extract(member, folder, **filters)
        # tarfile takes a header that is cut off or damaged for the end.
        stream.seek(tar.offset)
        if stream.read(_BLOCK) != bytes(_BLOCK):
            raise tarfile.ReadError("it ends before its end mark")
        checks.end(stream)
    return True


class _InSmallPieces:
    """A stream that refuses to read as much at once as no header has, long names among them."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.seek = stream.seek
        self.tell = stream.tell
        self._read = stream.read

    def read(self, size: int) -> bytes:
        if not 0 <= size <= _LARGEST_HEADER:
            raise tarfile.ReadError(f"a header of {size} bytes")
        return self._read(size)


class _Checks:
    """Raises before a member is extracted that must not be."""

    def __init__(self, archive: Path, folder: Path) -> None:
        self.archive = archive
        self.folder = folder
        self.limit = min(max(_SMALL, _RATIO * archive.stat().st_size), _LARGEST)
        self.size = 0

    def member(self, name: str, size: int, is_plain: bool) -> None:
        """Check where a member would be written, what it is, and its size with all before it."""
        # As on Windows, where more is absolute, and both slashes part folders.
        path = PureWindowsPath(name)
        if path.drive or path.root or ".." in path.parts:
            raise _refused(self.archive, f"{name!r} would be written outside of its folder")
        if not is_plain:
            raise _refused(self.archive, f"{name!r} is a link or a device")
        if len(path.parts) > _DEEPEST:
            raise _refused(self.archive, f"{name[:100]!r} ... is {len(path.parts)} folders deep")
        if size < 0:
            raise tarfile.ReadError(f"{name!r} has {size} bytes")
        # Empty files take room as well.
        self.size += max(size, _BLOCK)
        self._check_size()

    def end(self, stream: IO[bytes]) -> None:
        """Read what is left: the checksum of compressed data is at the end."""
        while piece := stream.read(_LARGEST_HEADER):
            self.size += len(piece)
            self._check_size()

    def _check_size(self) -> None:
        if self.size > self.limit:
            raise _refused(
                self.archive,
                f"its files have more than {self.limit / 1e6:.4g} MB, the most that an archive of "
                f"{self.archive.stat().st_size / 1e6:.4g} MB may have",
            )

    def place(self, name: str) -> None:
        """Check that no file of this name is there; the file system knows whether case counts."""
        if os.path.lexists(self.folder / name):
            raise _refused(self.archive, f"{name!r} would be written over another file")


def _damaged(archive: Path, error: Exception) -> SkserError:
    return SkserError(
        f"{archive.name} is damaged or incomplete ({error or type(error).__name__}). Remove "
        f"{str(archive)!r}, and download it again."
    )


def _refused(archive: Path, reason: str) -> SkserError:
    return SkserError(
        f"{archive.name} is not unpacked: {reason}. Archives of corpora do no such thing; check "
        "where it comes from."
    )
