"""The arithmetic of one clip under one plan; the only place a Fourier transform is taken."""

from skser.analysis._analysis import Analysis
from skser.analysis._plan import AnalysisPlan
from skser.analysis._voice import VoiceAnalysis

__all__ = ["Analysis", "AnalysisPlan", "VoiceAnalysis"]
