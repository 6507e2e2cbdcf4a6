"""Scores, reports, rankings of classes, and displays."""

from skser.metrics._compare_protocols import compare_protocols
from skser.metrics._confusion_pairs import confusion_pairs
from skser.metrics._confusion_ranking import confusion_ranking
from skser.metrics._corpus_display import CorpusDisplay
from skser.metrics._emotion_report import EmotionReport
from skser.metrics._history_display import HistoryDisplay
from skser.metrics._play import play
from skser.metrics._plot_classes import plot_classes
from skser.metrics._selection_display import SelectionDisplay
from skser.metrics._spectrogram_display import SpectrogramDisplay
from skser.metrics._uar import uar_score, uar_scorer
from skser.metrics._waveform_display import WaveformDisplay

__all__ = [
    "CorpusDisplay",
    "EmotionReport",
    "HistoryDisplay",
    "SelectionDisplay",
    "SpectrogramDisplay",
    "WaveformDisplay",
    "compare_protocols",
    "confusion_pairs",
    "confusion_ranking",
    "play",
    "plot_classes",
    "uar_score",
    "uar_scorer",
]
