"""The arithmetic of one clip under one plan; the only place a Fourier transform is taken."""

from skser.analysis._analysis import Analysis
from skser.analysis._phase_vocoder import shift_pitch, stretch
from skser.analysis._plan import AnalysisPlan
from skser.analysis._pooling import STATISTICS, pool, statistic, with_deltas
from skser.analysis._spectral import bandwidth, contrast, flatness, rolloff

__all__ = [
    "STATISTICS",
    "Analysis",
    "AnalysisPlan",
    "bandwidth",
    "contrast",
    "flatness",
    "pool",
    "rolloff",
    "shift_pitch",
    "statistic",
    "stretch",
    "with_deltas",
]
