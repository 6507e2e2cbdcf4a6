"""The common vocabulary of emotions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

COMMON_EMOTIONS = (
    "amused",
    "angry",
    "bored",
    "calm",
    "disgusted",
    "fearful",
    "happy",
    "neutral",
    "sad",
    "sleepy",
    "surprised",
)

_SYNONYMS = {
    "amused": ("amusement",),
    "angry": ("anger", "ang"),
    "bored": ("boredom",),
    "calm": ("calmness",),
    "disgusted": ("disgust", "dis"),
    "fearful": ("fear", "fea", "anxiety", "anxious"),
    "happy": ("happiness", "hap", "joy", "joyful"),
    "neutral": ("neu", "neutrality"),
    "sad": ("sadness",),
    "sleepy": ("sleepiness",),
    "surprised": ("surprise", "pleasant surprise", "ps"),
}
_COMMON = {name: name for name in COMMON_EMOTIONS} | {
    synonym: name for name, synonyms in _SYNONYMS.items() for synonym in synonyms
}


def common_emotion(label: object) -> str:
    """Return the common name of an emotion; of a label that has none, the label itself."""
    text = str(label).strip()
    return _COMMON.get(text.lower().replace("_", " "), text)


def to_emotions(
    labels: pd.Series,
    map_labels: Mapping[Any, str | None] | None,
    emotions: pd.Series | None = None,
) -> pd.Series:
    """Return the emotion of each label: by `map_labels`, else its common name.

    Where `emotions` has one, this takes the place of the label's own. `map_labels` is asked for
    the label as it is, then for the common name.
    """
    mapping = dict(map_labels or {})
    common = labels.map(common_emotion)
    if emotions is not None:
        common = common.where(emotions.isna(), emotions.astype(object).map(common_emotion))
    unknown = [key for key in mapping if key not in {*labels, *common, *COMMON_EMOTIONS}]
    if unknown:
        raise ValueError(
            f"map_labels has {unknown}, but the labels are {sorted(map(str, labels.unique()))}. "
            "Map these."
        )
    values = [
        mapping[label] if label in mapping else mapping.get(name, name)
        for label, name in zip(labels, common, strict=True)
    ]
    return pd.Series(values, index=labels.index, dtype=object)
