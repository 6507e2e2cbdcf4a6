"""Files that are written as a whole or not at all."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def check_writable(path: str | os.PathLike[str]) -> None:
    """Raise `OSError` if a file cannot be written: better before long work than after it."""
    wanted = Path(path)
    if wanted.is_dir():
        raise IsADirectoryError(f"{str(wanted)!r} is a folder. Name a file in it.")
    if wanted.exists() and not wanted.is_file():
        # A finished file takes the place of what is there, be it /dev/null.
        raise OSError(f"{str(wanted)!r} is a device or a pipe. Name a regular file.")
    if not wanted.parent.is_dir():
        raise FileNotFoundError(f"{str(wanted.parent)!r} is no folder. Make it, or name another.")
    if not os.access(wanted.parent, os.W_OK):
        raise PermissionError(f"{str(wanted.parent)!r} may not be written to. Name another folder.")


@contextmanager
def writing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Write a file as a whole or not at all.

    The body of the ``with`` statement writes to the path that it is given, a temporary file
    beside the wanted one. When it ends, that file takes the wanted name; when it raises, or is
    interrupted, the temporary file is removed, and an older file of the name is as it was. A new
    file obeys the umask; one that replaces an older file keeps its permissions.

    Parameters
    ----------
    path : str or os.PathLike
        The wanted file.

    Yields
    ------
    temporary : Path
        Where to write; with the suffix of the wanted file.

    Raises
    ------
    OSError
        If the folder of the file does not exist or cannot be written to, or the path is that of a
        folder or a device.
    """
    check_writable(path)
    wanted = Path(path)
    mode = stat.S_IMODE(wanted.stat().st_mode) if wanted.exists() else None
    temporary = wanted.with_name(f".{wanted.stem}.{secrets.token_hex(8)}{wanted.suffix}")
    # The kernel applies the umask to a new file. Python can only read the umask by changing it,
    # for every thread of the process.
    temporary.touch(0o666 if mode is None else 0o600, exist_ok=False)
    try:
        yield temporary
        if mode is not None:
            temporary.chmod(mode)
        os.replace(temporary, wanted)
    finally:
        temporary.unlink(missing_ok=True)
