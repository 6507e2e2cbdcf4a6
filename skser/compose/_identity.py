"""What a clip is, and how a feature computes: what tells values of a store from each other."""

from __future__ import annotations

import hashlib
import inspect
import json
import os
from collections.abc import Callable
from dataclasses import asdict
from functools import cache
from stat import S_ISLNK
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skser.audio import Audio, Item, Items, Segment
from skser.audio._transient import is_transient
from skser.features import AudioExtractor


def identify_clips(items: Items) -> list[bytes | None]:
    """Say what each clip is: a hash; None where it cannot be told, or where it is transient."""
    real_folder = cache(os.path.realpath)
    return [_identify_clip(item, real_folder) for item in items]


def identify_feature(member: AudioExtractor) -> bytes | None:
    """Say how a member computes its values: a hash; None if it cannot be told."""
    parameters = member.get_params(deep=False)
    own = {
        name: value
        for name, value in parameters.items()
        # The plan says what these come to.
        if name not in ("sr", "n_fft", "hop_length", "window", "duration")
    }
    try:
        how = {
            "classes": [_identify_class(cls) for cls in type(member).__mro__ if _is_feature(cls)],
            "version": member._version,
            "plan": asdict(member.plan_),
            "n_samples": member.n_samples_,
            "parameters": own,
        }
        return digest(json.dumps(how, sort_keys=True, default=_identify_value).encode())
    except _UnknownError:
        return None


def digest(data: bytes) -> bytes:
    """Hash to 12 bytes: few, and enough that no two of a billion clips have one."""
    return hashlib.blake2b(data, digest_size=12).digest()


class _UnknownError(Exception):
    """A class or parameter of which cannot be told what it does."""


def _identify_clip(item: Item, real_folder: Callable[[str], str]) -> bytes | None:
    try:
        match item:
            case Audio(y, _) | (np.ndarray() as y) if is_transient(y):
                return None
            case Audio(y, sr):
                return digest(_samples(np.asarray(y)) + repr(float(sr)).encode())
            case np.ndarray():
                return digest(_samples(item))
            case Segment(path, start, end):
                part = repr((float(start), float(end))).encode()
                return digest(_file(os.fspath(path), real_folder) + part)
            case str() | os.PathLike():
                return digest(_file(os.fspath(item), real_folder))
    except (OSError, TypeError, ValueError):
        # No file, or no clip at all: who reads it says what is wrong.
        return None
    return None


def _samples(y: NDArray[Any]) -> bytes:
    return f"{y.dtype.str}{y.shape}".encode() + np.ascontiguousarray(y).tobytes()


def _file(path: str, real_folder: Callable[[str], str]) -> bytes:
    stat = os.lstat(path)
    if S_ISLNK(stat.st_mode):
        stat, real = os.stat(path), os.path.realpath(path)
    else:
        folder, name = os.path.split(path)
        real = os.path.join(real_folder(folder), name)
    return b"%b\0%d\0%d" % (os.fsencode(real), stat.st_size, stat.st_mtime_ns)


def _is_feature(cls: type) -> bool:
    return issubclass(cls, AudioExtractor)


def _identify_class(cls: type) -> str:
    """Name a class; of one that is not skser's own, with a hash of its source."""
    name = f"{cls.__module__}.{cls.__qualname__}"
    if cls.__module__.partition(".")[0] == "skser":
        return name
    if cls.__module__ == "__main__":
        # What a script or notebook calls by a name may be something else the next time.
        raise _UnknownError
    try:
        return name + digest(inspect.getsource(cls).encode()).hex()
    except (OSError, TypeError) as error:
        raise _UnknownError from error


def _identify_value(value: Any) -> Any:
    match value:
        case np.generic():
            return value.item()
        case np.ndarray() if value.dtype != object:
            return [value.dtype.str, list(value.shape), digest(_samples(value)).hex()]
        case os.PathLike():
            return os.fspath(value)
    raise _UnknownError
