"""Plots of clips, corpora, training and selection."""

from skser.displays._corpus_display import CorpusDisplay
from skser.displays._group_importance_display import GroupImportanceDisplay
from skser.displays._history_display import HistoryDisplay
from skser.displays._occlusion_display import OcclusionDisplay
from skser.displays._pitch_display import PitchDisplay
from skser.displays._play import play
from skser.displays._plot_classes import plot_classes
from skser.displays._selection_display import SelectionDisplay
from skser.displays._spectrogram_display import SpectrogramDisplay
from skser.displays._timeline_display import TimelineDisplay
from skser.displays._waveform_display import WaveformDisplay

__all__ = [
    "CorpusDisplay",
    "GroupImportanceDisplay",
    "HistoryDisplay",
    "OcclusionDisplay",
    "PitchDisplay",
    "SelectionDisplay",
    "SpectrogramDisplay",
    "TimelineDisplay",
    "WaveformDisplay",
    "play",
    "plot_classes",
]
