"""Read the clip to inspect."""

from __future__ import annotations

from collections.abc import Sized
from typing import Any

import numpy as np

from skser.audio import Audio
from skser.audio._base import DEFAULT_SR
from skser.audio._items import Item, describe
from skser.audio._load import read_clip
from skser.audio._transient import as_transient
from skser.audio._with_speakers import speaker_of
from skser.compose._array_rate import array_rates, array_sr
from skser.exceptions import AudioError


def read(clip: Item, estimator: Any, sr: float | None, owner: str) -> Audio:
    """Decode a clip whose features no `memory` stores; raise if it is silent.

    Parameters
    ----------
    clip : path, file object, Segment, Audio or ndarray of shape (n_samples,)
        Clip to read.
    estimator : estimator
        Estimator that determines the sample rate of an array if `sr` is None.
    sr : float or None
        Sample rate in Hz of an array.
    owner : str
        Name of the calling function, for messages.

    Returns
    -------
    heard : Audio
        Mono sound at the clip's own sample rate.
    """
    if isinstance(clip, Sized) and _holds_clips(clip):
        raise AudioError(
            f"clip is {type(clip).__name__} of length {len(clip)}, but {owner} takes one clip. "
            "Pass one item, such as X[0]."
        )
    if hasattr(estimator, "get_params"):
        array_rate = array_sr([clip], sr, estimator, owner)
    else:
        array_rate = DEFAULT_SR if sr is None else sr
    y, own_sr = read_clip(clip, array_rate)
    if not y.any():
        raise AudioError(
            f"{describe(clip)}: the clip is silent, so no decision can depend on a part of it. "
            "Pass a clip with speech."
        )
    return Audio(as_transient(y), own_sr, speaker_of(clip))


def _holds_clips(clip: Any) -> bool:
    if isinstance(clip, np.ndarray):
        return clip.dtype == object and clip.ndim > 0
    # Audio and Segment are tuples, too.
    return hasattr(clip, "iloc") or type(clip) in (list, tuple)


def highest_frequency(estimator: Any, sr: float) -> float:
    """Return the highest frequency in Hz that an estimator gets from a clip at a sample rate."""
    rates = array_rates(estimator) if hasattr(estimator, "get_params") else {}
    return min([sr, max(rates, default=sr)]) / 2
