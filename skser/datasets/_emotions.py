"""The common vocabulary of emotions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias, get_args

import pandas as pd

Emotions: TypeAlias = Literal["given", "canonical"]
"""How emotions are named: as the labels are, or by the common vocabulary."""

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
    text = _text(label)
    return _COMMON.get(text.lower().replace("_", " "), text)


def to_emotions(
    labels: pd.Series,
    map_labels: Mapping[Any, str | None] | None,
    emotions: pd.Series | None = None,
    names: Emotions = "given",
) -> pd.Series:
    """Return the emotion of each label: by `map_labels`, else the label itself or its common name.

    Where `emotions` has one, this takes the place of the label. `map_labels` is asked for the
    label as it is, then for its common name.
    """
    if names not in get_args(Emotions):
        raise ValueError(f"emotions={names!r} is not known. Pass 'given' or 'canonical'.")
    mapping = dict(map_labels or {})
    own = labels.map(_text)
    if emotions is not None:
        own = own.where(emotions.isna(), emotions.astype(object).map(_text))
    common = own.map(common_emotion)
    unknown = [key for key in mapping if key not in {*labels, *common, *COMMON_EMOTIONS}]
    if unknown:
        raise ValueError(
            f"map_labels has {unknown}, but the labels are {sorted(map(str, labels.unique()))}. "
            "Map these."
        )
    unmapped = common if names == "canonical" else own
    values = [
        mapping[label] if label in mapping else mapping.get(name, otherwise)
        for label, name, otherwise in zip(labels, common, unmapped, strict=True)
    ]
    return pd.Series(values, index=labels.index, dtype=object)


def spellings(emotions: pd.Series) -> str | None:
    """Say which classes differ by upper and lower case only; None: no two."""
    seen: dict[str, str] = {}
    for name in sorted(map(str, emotions.unique())):
        other = seen.setdefault(name.lower(), name)
        if other != name:
            return (
                f"{other!r} and {name!r} are two classes. If they are one emotion, join them with "
                "map_labels=, or by emotions='canonical' (--canonical-labels in a command)."
            )
    return None


def _text(label: object) -> str:
    return str(label).strip()
