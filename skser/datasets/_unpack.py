"""Archives of corpora; no member of one can be written outside of its folder."""

from __future__ import annotations

import stat
import tarfile
import zipfile
from pathlib import Path, PureWindowsPath

from skser.exceptions import SkserError


def unpack(archive: Path, folder: Path) -> None:
    """Unpack a zip or tar archive into a folder, or raise `SkserError`."""
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as file:
            for member in file.infolist():
                is_link = stat.S_ISLNK(member.external_attr >> 16)
                _check_member(archive, member.filename, plain=not is_link)
            file.extractall(folder)
    elif tarfile.is_tarfile(archive):
        # Checked here too, for Python 3.11.0 to 3.11.3 have no filters.
        filters = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
        with tarfile.open(archive) as tar:
            for entry in tar:
                _check_member(archive, entry.name, plain=entry.isfile() or entry.isdir())
            tar.extractall(folder, **filters)  # type: ignore[arg-type]
    else:
        raise SkserError(f"{str(archive)!r} is neither a zip nor a tar archive. Check the URL.")


def _check_member(archive: Path, name: str, *, plain: bool) -> None:
    # As on Windows, where more is absolute, and both slashes part folders.
    path = PureWindowsPath(name)
    if path.drive or path.root or ".." in path.parts:
        raise _unsafe(archive, f"{name!r} would be written outside of its folder")
    if not plain:
        raise _unsafe(archive, f"{name!r} is a link or a device")


def _unsafe(archive: Path, reason: str) -> SkserError:
    return SkserError(
        f"{archive.name} is not unpacked: {reason}. Archives of corpora do no such thing; check "
        "where it comes from."
    )
