"""The common vocabulary of emotions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias, get_args

import pandas as pd

Emotions: TypeAlias = Literal["given", "canonical"]
"""How emotions are named: by the labels as given, or by the common vocabulary."""

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
    """Return the common name of an emotion, or the label itself if it has none."""
    text = _text(label)
    return _COMMON.get(text.lower().replace("_", " "), text)


def to_emotions(
    labels: pd.Series,
    map_labels: Mapping[Any, str | None] | None,
    emotions: pd.Series | None = None,
    names: Emotions = "given",
) -> pd.Series:
    """Return the emotion of each label: by `map_labels`, or else the label or its common name.

    A value in `emotions` replaces the label. `map_labels` is searched for the label as given, then
    for its common name.
    """
    if names not in get_args(Emotions):
        raise ValueError(f"emotions={names!r} is unknown. Pass 'given' or 'canonical'.")
    mapping = dict(map_labels or {})
    own = labels.map(_text)
    if emotions is not None:
        own = own.where(emotions.isna(), emotions.astype(object).map(_text))
    common = own.map(common_emotion)
    unknown = [key for key in mapping if key not in {*labels, *common, *COMMON_EMOTIONS}]
    if unknown:
        raise ValueError(
            f"map_labels has {unknown}, but the labels are {sorted(map(str, labels.unique()))}. "
            "Map only these labels."
        )
    unmapped = common if names == "canonical" else own
    values = [
        mapping[label] if label in mapping else mapping.get(name, otherwise)
        for label, name, otherwise in zip(labels, common, unmapped, strict=True)
    ]
    return pd.Series(values, index=labels.index, dtype=object)


def spellings(emotions: pd.Series) -> str | None:
    """Return a message that names two classes that differ only in case; None if there are none."""
    if (pair := same_but_for_case(emotions)) is None:
        return None
    return (
        f"{pair[0]!r} and {pair[1]!r} are two classes. If they are the same emotion, spell them "
        "alike, or merge them with map_labels= or emotions='canonical' (--canonical-labels in a "
        "command)."
    )


def same_but_for_case(names: pd.Series) -> tuple[str, str] | None:
    """Return the first two names that differ only in case and outer spaces; None without any."""
    seen: dict[str, str] = {}
    for name in sorted(map(str, names.dropna().unique())):
        other = seen.setdefault(name.strip().lower(), name)
        if other != name:
            return other, name
    return None


def _text(label: object) -> str:
    return str(label).strip()
