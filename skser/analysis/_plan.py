from __future__ import annotations

from dataclasses import dataclass

Window = str | tuple[object, ...]


@dataclass(frozen=True)
class AnalysisPlan:
    """Sample rate and frames of an analysis; the defaults are librosa's.

    Parameters
    ----------
    sr : float
        Sample rate in Hz.
    n_fft : int
        Length of a frame in samples.
    hop_length : int
        Number of samples from one frame to the next. Frame t is centred at sample
        t * hop_length.
    window : str or tuple
        Window, as for `scipy.signal.get_window`.

    Examples
    --------
    >>> from skser import AnalysisPlan
    >>> AnalysisPlan(sr=16000, n_fft=400, hop_length=160)
    AnalysisPlan(sr=16000, n_fft=400, hop_length=160, window='hann')
    """

    sr: float = 22050
    n_fft: int = 2048
    hop_length: int = 512
    window: Window = "hann"
