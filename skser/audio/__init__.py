"""Clips: what X may hold, decoding, and transformers from sound to sound."""

from skser.audio._base import DEFAULT_SR, SoundTransformer
from skser.audio._files import AUDIO_SUFFIXES, find_audio
from skser.audio._finite import naming_what_is_not_finite, not_finite
from skser.audio._fix_duration import FixDuration
from skser.audio._items import (
    Audio,
    Item,
    Items,
    Segment,
    as_items,
    check_items,
    describe,
    title_of,
)
from skser.audio._load import clip_duration, load_clip, n_samples, read_clip
from skser.audio._load_audio import LoadAudio
from skser.audio._normalize import Normalize
from skser.audio._trim_silence import TrimSilence

__all__ = [
    "AUDIO_SUFFIXES",
    "DEFAULT_SR",
    "Audio",
    "FixDuration",
    "Item",
    "Items",
    "LoadAudio",
    "Normalize",
    "Segment",
    "SoundTransformer",
    "TrimSilence",
    "as_items",
    "check_items",
    "clip_duration",
    "describe",
    "find_audio",
    "load_clip",
    "n_samples",
    "naming_what_is_not_finite",
    "not_finite",
    "read_clip",
    "title_of",
]
