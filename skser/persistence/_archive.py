"""A zip archive without compression, so that what it holds is no larger than the file.

A sealed archive ends with the SHA-256 of everything before it. The seal finds damage and careless
edits. It is no signature: whoever changes a file on purpose can seal it anew. Formats to come keep
the seal and the name of the card, so that an older version can tell that a file is newer.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Mapping

from skser.exceptions import ModelFileError

_SEAL = b"skser sha256 "
_N_DIGITS = 64
_FIRST_BYTES = b"PK\x03\x04"


def pack(members: Mapping[str, bytes | memoryview], *, sealed: bool) -> bytes:
    """Write an archive; equal members give equal bytes.

    Parameters
    ----------
    members : mapping of str to bytes
        Names and contents, in the order in which they are written.
    sealed : bool
        Whether the archive ends with its own hash.

    Returns
    -------
    data : bytes
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            # Its time of writing and the system would be other bytes each time.
            entry = zipfile.ZipInfo(name)
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
        if sealed:
            archive.comment = _SEAL + b"0" * _N_DIGITS
    if not sealed:
        return buffer.getvalue()
    body = buffer.getbuffer()[:-_N_DIGITS]
    return b"".join([body, _hash(body)])


def unpack(data: bytes, names: re.Pattern[str]) -> dict[str, bytes]:
    """Read every member of an archive.

    Parameters
    ----------
    data : bytes
    names : re.Pattern
        What the whole of each member's name must match.

    Returns
    -------
    members : dict of str to bytes

    Raises
    ------
    ModelFileError
        If the archive is damaged, or is not one that `pack` writes.
    """
    if not data.startswith(_FIRST_BYTES):
        raise ModelFileError("does not begin as a zip archive does")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_members(archive.infolist(), names, len(data))
            return {entry.filename: archive.read(entry) for entry in archive.infolist()}
    except ModelFileError:
        raise
    # What zipfile raises for a damaged archive has no common class.
    except Exception as error:
        raise ModelFileError(f"is damaged ({error})") from error


def check_seal(data: bytes) -> None:
    """Raise `ModelFileError` unless an archive ends with the hash of the rest of it."""
    end = len(data) - _N_DIGITS
    if data[max(end - len(_SEAL), 0) : end] != _SEAL:
        raise ModelFileError("is cut off, or is an archive that save_model has not written")
    if data[end:] != _hash(memoryview(data)[:end]):
        raise ModelFileError("has been changed since it was written")


def _hash(body: memoryview) -> bytes:
    return hashlib.sha256(body).hexdigest().encode()


def _check_members(entries: list[zipfile.ZipInfo], names: re.Pattern[str], size: int) -> None:
    seen = set()
    for entry in entries:
        name = entry.filename
        if not names.fullmatch(name):
            raise ModelFileError(f"holds a member {name!r}, which has no place in it")
        if name in seen:
            raise ModelFileError(f"holds its member {name!r} twice")
        seen.add(name)
        if entry.compress_type != zipfile.ZIP_STORED or entry.flag_bits & 1:
            raise ModelFileError(f"holds its member {name!r} compressed or encrypted")
    # Members that overlap, or state a size that they do not have.
    if sum(entry.file_size for entry in entries) > size:
        raise ModelFileError("states to hold more than its own size")
