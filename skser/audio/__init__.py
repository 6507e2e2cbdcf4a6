"""Clips: the kinds that X may hold, decoding, and transformers that return sound."""

from skser.audio._fix_duration import FixDuration
from skser.audio._items import Audio, Segment, as_items
from skser.audio._load_audio import LoadAudio
from skser.audio._normalize import Normalize
from skser.audio._trim_silence import TrimSilence
from skser.audio._with_speakers import with_speakers

__all__ = [
    "Audio",
    "FixDuration",
    "LoadAudio",
    "Normalize",
    "Segment",
    "TrimSilence",
    "as_items",
    "with_speakers",
]
