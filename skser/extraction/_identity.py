"""Keys for the values in a store, from the identity of a clip and of a feature."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import cache
from stat import S_ISDIR, S_ISLNK
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skser.audio import Audio, Segment
from skser.audio._file_objects import is_file_object, read_content
from skser.audio._items import Item, Items
from skser.audio._transient import is_transient
from skser.extraction._member import Member
from skser.extraction._sources import UnknownError, identify_code


def keys_of(items: Items, members: Sequence[Member]) -> list[list[bytes | None]]:
    """Return the keys under which a store keeps values.

    Parameters
    ----------
    items : list or ndarray
        Clips.
    members : sequence of Member
        Descriptions of the features.

    Returns
    -------
    keys : list of n_clips lists of bytes or None
        For each clip, a key for each member; None if a value cannot be kept.
    """
    features = [identify_feature(member) for member in members]
    return [
        [None if clip is None or how is None else clip + how for how in features]
        for clip in identify_clips(items)
    ]


def identify_clips(items: Items) -> list[bytes | None]:
    """Return a hash that identifies each clip; None if it is unknown, or the clip is transient."""
    real_folder = cache(os.path.realpath)
    return [_identify_clip(item, real_folder) for item in items]


def identify_feature(member: Member) -> bytes | None:
    """Return a hash that identifies how a member computes its values; None if it is unknown."""
    how = {
        "version": member.version,
        "framing": asdict(member.framing),
        "parameters": dict(member.parameters),
    }
    try:
        how["code"] = identify_code(member.classes)
        return digest(json.dumps(how, sort_keys=True, default=_identify_value).encode())
    except (UnknownError, TypeError, ValueError):
        # TypeError and ValueError: json cannot write every parameter.
        return None


def digest(data: bytes) -> bytes:
    """Hash to 12 bytes, which are enough to avoid a collision among a billion clips."""
    return hashlib.blake2b(data, digest_size=12).digest()


def _identify_clip(item: Item, real_folder: Callable[[str], str]) -> bytes | None:
    try:
        match item:
            case Audio(y, _) | (np.ndarray() as y) if is_transient(y):
                return None
            case Audio(y=np.ma.MaskedArray()) | np.ma.MaskedArray():
                # The samples alone do not contain the mask.
                return None
            case Audio(y, sr):
                return digest(_samples(np.asarray(y)) + repr(float(sr)).encode())
            case np.ndarray():
                return digest(_samples(item))
            case Segment(path) if item.is_whole:
                return digest(_file(path, real_folder))
            case Segment(path, start, end):
                part = repr((float(start), None if end is None else float(end))).encode()
                return digest(_file(path, real_folder) + part)
            case _:
                return digest(_file(item, real_folder))
    except Exception:
        # Not a file, or not a clip at all: reading it will raise an error with the reason.
        return None


def _samples(y: NDArray[Any]) -> bytes:
    return f"{y.dtype.str}{y.shape}".encode() + np.ascontiguousarray(y).tobytes()


def _file(source: Any, real_folder: Callable[[str], str]) -> bytes:
    if is_file_object(source):
        # No path begins with a null byte.
        return b"\0" + digest(read_content(source, ""))
    path = os.fspath(source)
    stat = os.lstat(path)
    if S_ISLNK(stat.st_mode):
        stat, real = os.stat(path), os.path.realpath(path)
    else:
        folder, name = os.path.split(path)
        real = os.path.join(real_folder(folder), name)
    return b"%b\0%d\0%d" % (os.fsencode(real), stat.st_size, stat.st_mtime_ns)


def _identify_value(value: Any) -> Any:
    match value:
        case np.generic():
            return value.item()
        case np.ndarray() if value.dtype != object:
            return [value.dtype.str, list(value.shape), digest(_samples(value)).hex()]
        case os.PathLike():
            return _identify_path(os.fspath(value))
    raise UnknownError


def _identify_path(path: str) -> Any:
    """Return a file's path, size and modification time; the content of a folder is unknown."""
    try:
        stat = os.stat(path)
    except OSError:
        return path
    if S_ISDIR(stat.st_mode):
        raise UnknownError
    return [path, stat.st_size, stat.st_mtime_ns]
