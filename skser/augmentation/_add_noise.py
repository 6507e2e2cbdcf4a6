from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from skser.audio import Segment
from skser.audio._files import AUDIO_SUFFIXES, find_audio
from skser.audio._items import Item
from skser.audio._load import clip_duration, load_clip
from skser.augmentation._base import Augmenter
from skser.augmentation._range import Range, uniform
from skser.exceptions import AudioError

_SLACK = 0.05
"""Seconds that are read beyond the requested part, as rounding of sample rates may lose samples."""

_LISTED: dict[Path, tuple[dict[Path, int | None], list[Path]]] = {}
"""For each folder of noise, modification times of it and of those below, and its recordings."""


@dataclass(eq=False, repr=False)
class AddNoise(Augmenter):
    r"""Add white noise, or a part of a recording of noise.

    The noise n is added as :math:`y + n \, r / \mathrm{rms}(n)`, where :math:`r = \mathrm{rms}(y) /
    10^{\mathrm{snr} / 20}`, or :math:`r = a \max |y|` if `amplitude` is a. A silent clip is not
    changed, and neither is a clip for which a silent part of a recording is drawn.

    Parameters
    ----------
    snr : float or pair (low, high), default=(5.0, 20.0)
        Signal-to-noise ratio in dB over the whole clip, drawn uniformly.
    noise : "white", path or sequence of clips, default="white"
        Noise to add: Gaussian white noise, a file, a folder that is searched recursively, or
        several clips. One of the recordings is drawn at random. If it is longer than the clip, a
        part of it is drawn; if it is shorter, it is repeated.
    amplitude : float or pair (low, high), default=None
        RMS of the noise relative to the clip's peak, drawn uniformly, such as (0.0, 0.035);
        `snr` is then ignored. If None, `snr` is used.
    p : float, default=1.0
        Probability that a clip is changed.
    random_state : int, RandomState or None, default=None
        Random seed or generator, used when the augmenter is called and in `fit_resample`. An
        `AugmentedClassifier` uses its own instead.

    Examples
    --------
    >>> import numpy as np
    >>> from skser import AddNoise
    >>> y = np.sin(np.arange(16000.0))
    >>> noise = AddNoise(snr=20, random_state=0)(y, 16000) - y
    >>> round(10 * np.log10(np.mean(y**2) / np.mean(noise**2)), 3)
    np.float64(20.0)
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **Augmenter._parameter_constraints,
        "snr": [Range(Real, None, None, closed="neither")],
        "noise": [str, os.PathLike, list, tuple, np.ndarray],
        "amplitude": [Range(Real, 0, None, closed="left"), None],
    }

    snr: float | tuple[float, float] = (5.0, 20.0)
    noise: str | os.PathLike[str] | Sequence[Item] = "white"
    amplitude: float | tuple[float, float] | None = None

    def _draw(
        self, rng: np.random.Generator, n_samples: int, sr: float
    ) -> tuple[NDArray[np.floating], float]:
        level = uniform(rng, self.snr if self.amplitude is None else self.amplitude)
        if isinstance(self.noise, str) and self.noise == "white":
            return rng.standard_normal(n_samples), level
        recordings = find_recordings(self.noise)
        recording = recordings[int(rng.integers(len(recordings)))]
        return cut(recording, n_samples, sr, rng.random()), level

    def _apply(
        self, y: NDArray[np.float32], sr: float, parameters: tuple[NDArray[np.floating], float]
    ) -> NDArray[np.floating]:
        noise, level = parameters
        scale = _rms(noise)
        if scale == 0:
            return y
        wanted = _rms(y) / 10 ** (level / 20) if self.amplitude is None else level * np.abs(y).max()
        return y + noise * (wanted / scale)


def _rms(y: NDArray[np.floating]) -> np.float64:
    return np.sqrt(np.mean(y.astype(np.float64) ** 2))


def find_recordings(noise: str | os.PathLike[str] | Sequence[Item]) -> Sequence[Item]:
    """Return the clips that `noise` refers to; the files of a folder are sorted."""
    if not isinstance(noise, str | os.PathLike):
        if len(noise) == 0:
            raise AudioError(
                "noise contains no clips. Pass at least one clip, a folder, or 'white'."
            )
        return noise
    if not os.path.isdir(noise):
        return [noise]
    found = _list_once(Path(noise).absolute())
    if not found:
        raise AudioError(
            f"noise={os.fspath(noise)!r} is a folder without audio files "
            f"({', '.join(AUDIO_SUFFIXES)}) in it or below. Correct the path."
        )
    return found


def _list_once(folder: Path) -> list[Path]:
    """List the recordings in a folder and below, and repeat this only after a change."""
    # The list is needed for each copy of each clip, and a folder may contain very many files.
    changed, found = _LISTED.get(folder, ({}, []))
    if not found or any(_time_of_change(path) != time for path, time in changed.items()):
        found = find_audio(folder)
        within = {p for file in found for p in file.parents if p.is_relative_to(folder)}
        _LISTED[folder] = {path: _time_of_change(path) for path in within}, found
    return found


def _time_of_change(path: Path) -> int | None:
    return path.stat().st_mtime_ns if path.exists() else None


def cut(recording: Item, n_samples: int, sr: float, position: float) -> NDArray[np.float32]:
    """Return a part of a recording, or the whole of a short one, repeated to the length.

    Parameters
    ----------
    recording : path, Segment, Audio or ndarray of shape (n,)
        Recording; of a file, only the part is read.
    n_samples : int
        Length of the part in samples.
    sr : float
        Sample rate in Hz of the part, which is also assumed for an array.
    position : float
        Relative position of the part: 0 at the start, 1 as late as its length allows.

    Returns
    -------
    part : ndarray of shape (n_samples,), dtype=float32
    """
    wanted, duration = n_samples / sr + _SLACK, clip_duration(recording, sr)
    begin = position * max(0.0, duration - wanted)
    if isinstance(recording, str | os.PathLike) and duration > wanted:
        recording, begin = Segment(recording, begin, begin + wanted), 0.0
    return np.resize(load_clip(recording, sr)[int(begin * sr) :], n_samples)
