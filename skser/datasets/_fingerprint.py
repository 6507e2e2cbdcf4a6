"""Compute the facts that identify a clip and reveal faults; each clip is read once."""

from __future__ import annotations

import os
from collections.abc import Hashable, Iterable, Sequence
from hashlib import blake2b, file_digest
from typing import NamedTuple, TypeVar

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

from skser._progress import counting, progress_bar
from skser.audio import Segment
from skser.audio._base import DEFAULT_SR
from skser.audio._file_objects import is_file_object
from skser.audio._items import Item
from skser.audio._load import read_clip
from skser.exceptions import AudioError

_FULL_SCALE = 1 - 2 / 2**15
_CLIPPED_RUN = 3

Key = TypeVar("Key", bound=Hashable)


class Fingerprint(NamedTuple):
    """Facts about a clip; if it cannot be read, all but `file` are None."""

    file: bytes | None
    """Hash of the file's bytes; None if the clip is not a whole file."""
    samples: bytes | None
    """Hash of the mono samples and the sample rate."""
    duration: float | None
    peak: float | None
    is_clipped: bool | None


def fingerprints(
    items: Sequence[Item], n_jobs: int | None = None, progress: bool | str = False
) -> list[Fingerprint]:
    """Compute the fingerprints of clips; each is read once."""
    found = Parallel(n_jobs=n_jobs, prefer="threads", return_as="generator")(
        delayed(_fingerprint)(item) for item in items
    )
    with progress_bar(len(items), progress) as bar:
        return list(counting(found, bar))


def _fingerprint(item: Item) -> Fingerprint:
    whole = item.path if isinstance(item, Segment) and item.is_whole else item
    file = _hash_file(whole) if isinstance(whole, str | os.PathLike) else None
    try:
        y, sr = read_clip(item, DEFAULT_SR)
    except AudioError:
        return Fingerprint(file, None, None, None, None)
    samples = blake2b(y.data, digest_size=16)
    samples.update(str(float(sr)).encode())
    peak = float(np.abs(y).max())
    return Fingerprint(file, samples.digest(), len(y) / sr, peak, is_clipped(y))


def _hash_file(path: str | os.PathLike[str]) -> bytes | None:
    # Opening a pipe would wait for its writer.
    if not os.path.isfile(path):
        return None
    try:
        with open(path, "rb") as file:
            return file_digest(file, lambda: blake2b(digest_size=16)).digest()
    except OSError:
        return None


def is_clipped(y: NDArray[np.float32]) -> bool:
    """Return whether 3 samples or more in a row are at full scale."""
    full = np.abs(y) >= _FULL_SCALE
    runs = np.convolve(full, np.ones(_CLIPPED_RUN), mode="valid") if full.any() else np.zeros(1)
    return bool(runs.max(initial=0) >= _CLIPPED_RUN)


def recording(item: Item) -> tuple[str, float, float] | None:
    """Return the file, start and end of a clip; None if the clip is not in a file."""
    match item:
        case Segment(path, start, end) if not is_file_object(path):
            return os.path.realpath(path), start, np.inf if end is None else end
        case str() | os.PathLike():
            return os.path.realpath(item), 0.0, np.inf
        case _:
            return None


def alike(keys: Iterable[Key | None]) -> list[tuple[int, ...]]:
    """Return the positions of keys that occur twice or more; None is never equal to None."""
    places: dict[Key, list[int]] = {}
    for i, key in enumerate(keys):
        if key is not None:
            places.setdefault(key, []).append(i)
    return [tuple(same) for same in places.values() if len(same) > 1]
