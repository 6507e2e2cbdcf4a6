from __future__ import annotations

from dataclasses import dataclass

Window = str | tuple[object, ...]


@dataclass(frozen=True)
class AnalysisPlan:
    """How a clip is cut into frames; the defaults are librosa's.

    Parameters
    ----------
    sr : float
        Sample rate in Hz.
    n_fft : int
        Length of a frame in samples.
    hop_length : int
        Samples from one frame to the next. Frame t is centred at sample t * hop_length.
    window : str or tuple
        As for `scipy.signal.get_window`.
    """

    sr: float = 22050
    n_fft: int = 2048
    hop_length: int = 512
    window: Window = "hann"
