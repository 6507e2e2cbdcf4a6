"""Reading the content of open files and files in memory from the start."""

from __future__ import annotations

import io
import os
import threading
from typing import TYPE_CHECKING, Any, BinaryIO

from skser.exceptions import AudioError

if TYPE_CHECKING:
    from typing_extensions import TypeIs

_READING = threading.Lock()
"""Lock around reading, as all readers of a file share its one position."""


def is_file_object(item: object) -> TypeIs[BinaryIO]:
    """Return whether an object is an open file or a file in memory, such as `io.BytesIO`."""
    if isinstance(item, str | os.PathLike | type):
        return False
    return hasattr(item, "read") and hasattr(item, "seek")


def name_of_file(file: BinaryIO) -> str | None:
    """Return the path from which a file was opened, or None if it is not known."""
    name = getattr(file, "name", None)
    return name if isinstance(name, str) else None


def read_content(file: BinaryIO, where: str) -> bytes:
    """Return the content of a file from its start; the position of the file does not change.

    Parameters
    ----------
    file : file object
        A seekable file, opened in binary mode.
    where : str
        Name of the clip, for messages.

    Returns
    -------
    content : bytes

    Raises
    ------
    AudioError
        If the file is closed, cannot be read, or is not binary.
    """
    if getattr(file, "closed", False):
        raise AudioError(f"{where}: the file is closed. Pass one that is open, or its path.")
    if isinstance(file, io.BytesIO):
        # This neither copies the content nor changes the position.
        return file.getvalue()
    try:
        with _READING:
            position = file.tell()
            file.seek(0)
            try:
                content: Any = file.read()
            finally:
                file.seek(position)
    except Exception as error:
        raise AudioError(
            f"{where}: the file cannot be read from its start ({error}). Pass "
            "io.BytesIO(file.read()), or the path."
        ) from error
    if not isinstance(content, bytes):
        raise AudioError(
            f"{where}: reading the file returns {type(content).__name__}, not bytes. Open it in "
            "binary mode: open(path, 'rb')."
        )
    return content
