"""A zip archive without compression, whose content cannot be larger than the file.

A sealed archive ends with the SHA-256 of everything before it. The seal detects damage and careless
edits. It is not a signature: whoever changes a file on purpose can seal it again. Future formats
keep the seal and the name of the card, so that an older version can see that a file is newer.
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
        Names and contents, in the order in which to write them.
    sealed : bool
        Whether to end the archive with its own hash.

    Returns
    -------
    data : bytes
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            # The time and the system of writing are left out, because they would change the bytes.
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
        Pattern that the whole name of each member must match.

    Returns
    -------
    members : dict of str to bytes

    Raises
    ------
    ModelFileError
        If the archive is damaged, or was not written by `pack`.
    """
    if not data.startswith(_FIRST_BYTES):
        raise ModelFileError("does not begin like a zip archive")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_members(archive.infolist(), names, len(data))
            return {entry.filename: archive.read(entry) for entry in archive.infolist()}
    except ModelFileError:
        raise
    # The errors that zipfile raises for damaged archives have no common class.
    except Exception as error:
        raise ModelFileError(f"is damaged ({error})") from error


def check_seal(data: bytes) -> None:
    """Raise `ModelFileError` unless an archive ends with the hash of the rest of it."""
    end = len(data) - _N_DIGITS
    if data[max(end - len(_SEAL), 0) : end] != _SEAL:
        raise ModelFileError("is cut off, or was not written by save_model")
    if data[end:] != _hash(memoryview(data)[:end]):
        raise ModelFileError("has been changed since it was written")


def _hash(body: memoryview) -> bytes:
    return hashlib.sha256(body).hexdigest().encode()


def _check_members(entries: list[zipfile.ZipInfo], names: re.Pattern[str], size: int) -> None:
    seen = set()
    for entry in entries:
        name = entry.filename
        if not names.fullmatch(name):
            raise ModelFileError(f"holds a member {name!r}, which does not belong in it")
        if name in seen:
            raise ModelFileError(f"holds its member {name!r} twice")
        seen.add(name)
        if entry.compress_type != zipfile.ZIP_STORED or entry.flag_bits & 1:
            raise ModelFileError(f"holds its member {name!r} compressed or encrypted")
    # Members may overlap, or state a false size.
    if sum(entry.file_size for entry in entries) > size:
        raise ModelFileError("claims to contain more bytes than it has")
