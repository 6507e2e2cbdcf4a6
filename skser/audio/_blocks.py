"""Reading a clip block by block, so that it need not fit into memory."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from skser.audio._items import Audio, Item, check_kind, describe
from skser.audio._load import frames_of, open_clip, read_frames, to_float

_SECONDS = 10


def read_blocks(item: Item, array_sr: float) -> Iterator[tuple[NDArray[np.float32], float]]:
    """Read a clip in blocks of ten seconds.

    Parameters
    ----------
    item : path, file object, Segment, Audio or ndarray of shape (n_samples,)
        The clip.
    array_sr : float
        Sample rate in Hz that is assumed for an array.

    Yields
    ------
    block : ndarray of shape (n_samples,), dtype=float32
        The mean over channels.
    sr : float
        The clip's own sample rate in Hz.

    Raises
    ------
    AudioError
        If the clip cannot be read.
    """
    check_kind(item)
    if isinstance(item, Audio | np.ndarray):
        y, sr = (item.y, item.sr) if isinstance(item, Audio) else (item, array_sr)
        y = np.asanyarray(y)
        step = int(_SECONDS * sr)
        for start in range(0, y.shape[-1], step):
            yield _mono(to_float(np.asarray(y[..., start : start + step]))), sr
        return
    where = describe(item)
    with open_clip(item, where, seeks=True) as file:
        first, stop = frames_of(item, file, where)
        step = _SECONDS * file.samplerate
        for start in range(first, stop, step):
            # Seek for the first block only: a seek after a read may end up at the wrong frame.
            block = read_frames(file, start, min(start + step, stop), where, seeks=start == first)
            yield _mono(block.T), file.samplerate


def _mono(y: NDArray[np.float32]) -> NDArray[np.float32]:
    return y.mean(axis=0) if y.ndim == 2 else y
