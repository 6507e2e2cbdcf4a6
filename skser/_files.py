"""Write files completely or not at all."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def check_writable(path: str | os.PathLike[str]) -> None:
    """Raise `OSError` if a file cannot be written; call this before long computations."""
    wanted = Path(path)
    if wanted.is_dir():
        raise IsADirectoryError(f"{str(wanted)!r} is a folder. Name a file in it.")
    if wanted.exists() and not wanted.is_file():
        # The finished file would replace whatever exists there, even /dev/null.
        raise OSError(f"{str(wanted)!r} is a device or a pipe. Name a regular file.")
    if not wanted.parent.is_dir():
        raise FileNotFoundError(
            f"The folder {str(wanted.parent)!r} does not exist. Create it, or name another folder."
        )
    if not os.access(wanted.parent, os.W_OK):
        raise PermissionError(f"{str(wanted.parent)!r} is not writable. Name another folder.")


@contextmanager
def writing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Write a file completely or not at all.

    The body of the ``with`` statement writes to a temporary file next to the wanted one. At its
    end, the temporary file is renamed; if the body raises or is interrupted, the temporary file is
    removed, and an existing file remains unchanged. A new file obeys the umask; a file that
    replaces another one keeps the latter's permissions.

    Parameters
    ----------
    path : str or os.PathLike
        File to write.

    Yields
    ------
    temporary : Path
        Path to write to, with the suffix of the wanted file.

    Raises
    ------
    OSError
        If the folder of the file does not exist or is not writable, or the path is a folder or a
        device.
    """
    check_writable(path)
    wanted = Path(path)
    mode = stat.S_IMODE(wanted.stat().st_mode) if wanted.exists() else None
    temporary = wanted.with_name(f".{wanted.stem}.{secrets.token_hex(8)}{wanted.suffix}")
    # The kernel applies the umask to a new file. Python can read the umask only by changing it for
    # all threads of the process.
    temporary.touch(0o666 if mode is None else 0o600, exist_ok=False)
    try:
        yield temporary
        if mode is not None:
            temporary.chmod(mode)
        os.replace(temporary, wanted)
    finally:
        temporary.unlink(missing_ok=True)
