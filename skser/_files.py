"""Files that are written as a whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def check_writable(path: str | os.PathLike[str]) -> None:
    """Raise `OSError` if a file cannot be written: better before long work than after it."""
    wanted = Path(path)
    if wanted.is_dir():
        raise IsADirectoryError(f"{str(wanted)!r} is a folder. Name a file in it.")
    if not wanted.parent.is_dir():
        raise FileNotFoundError(f"{str(wanted.parent)!r} is no folder. Make it, or name another.")
    if not os.access(wanted.parent, os.W_OK):
        raise PermissionError(f"{str(wanted.parent)!r} may not be written to. Name another folder.")


@contextmanager
def writing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Write a file as a whole or not at all.

    The body of the ``with`` statement writes to the path that it is given, a temporary file
    beside the wanted one. When it ends, that file takes the wanted name; when it raises, or is
    interrupted, the temporary file is removed, and an older file of the name is as it was.

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
        If the folder of the file does not exist or cannot be written to.
    """
    check_writable(path)
    wanted = Path(path)
    descriptor, name = tempfile.mkstemp(
        prefix=f".{wanted.stem}.", suffix=wanted.suffix, dir=wanted.parent
    )
    os.close(descriptor)
    temporary = Path(name)
    try:
        # mkstemp makes a file for the owner only; a file that is asked for obeys the umask.
        temporary.chmod(0o666 & ~_umask())
        yield temporary
        os.replace(temporary, wanted)
    finally:
        temporary.unlink(missing_ok=True)


def _umask() -> int:
    # The only way to read it is to set it.
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
