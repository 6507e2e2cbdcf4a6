"""The arithmetic of one clip under one plan; the only package that computes Fourier transforms."""

from skser.analysis._analysis import Analysis
from skser.analysis._plan import AnalysisPlan
from skser.analysis._voice import VoiceAnalysis

__all__ = ["Analysis", "AnalysisPlan", "VoiceAnalysis"]
