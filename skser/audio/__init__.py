"""Clips: what X may hold, decoding, and transformers from sound to sound."""

from skser.audio._base import DEFAULT_SR, SoundTransformer
from skser.audio._files import AUDIO_SUFFIXES, find_audio
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
from skser.audio._load import clip_duration, fix_length, load_clip, n_samples, read_clip
from skser.audio._load_audio import LoadAudio
from skser.audio._normalize import Normalize
from skser.audio._transient import as_transient, is_transient, marked_like, stack_clips
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
    "as_transient",
    "check_items",
    "clip_duration",
    "describe",
    "find_audio",
    "fix_length",
    "is_transient",
    "load_clip",
    "marked_like",
    "n_samples",
    "read_clip",
    "stack_clips",
    "title_of",
]
