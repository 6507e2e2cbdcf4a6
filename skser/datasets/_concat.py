from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils import Bunch

from skser.datasets._corpus import make_bunch
from skser.datasets._emotions import common_emotion, to_emotions
from skser.exceptions import AudioWarning


def concat_corpora(
    corpora: Sequence[Bunch], *, map_labels: Mapping[Any, str | None] | None = None
) -> Bunch:
    """Concatenate corpora.

    Parameters
    ----------
    corpora : sequence of Bunch
        Corpora, as returned by `load_ravdess` and the other loaders.
    map_labels : dict, default=None
        Mapping from emotions to emotions, to merge or rename classes (``{"calm": "neutral"}``). A
        class mapped to None is left out (``{"surprised": None}``). Other classes are unchanged.

    Returns
    -------
    corpus : Bunch
        data, target, target_names, groups, frame and DESCR, as returned by `load_ravdess`. Speakers
        are named "corpus/speaker", because two corpora may use the same name for different people.
        For splits that keep corpora apart, pass ``corpus.frame["corpus"]`` as groups.

    Raises
    ------
    ValueError
        If `corpora` is empty, two corpora have the same name, or `map_labels` leaves no clips.

    Warns
    -----
    AudioWarning
        If corpora have two names for one emotion of the common vocabulary, such as "fear" and
        "fearful", which then are two classes.

    Examples
    --------
    >>> from skser import concat_corpora, make_emotional_speech
    >>> one, two = (make_emotional_speech(2, 1, random_state=i) for i in range(2))
    >>> two.frame["corpus"] = "other"
    >>> both = concat_corpora([one, two], map_labels={"fearful": None})
    >>> both.data.shape, both.groups[0]
    ((16,), 'synthetic/s01')
    """
    if isinstance(corpora, Bunch) or not corpora:
        raise ValueError("concat_corpora takes a list of at least one corpus: [one, two].")
    _check_names(corpora)
    frame = pd.concat([corpus.frame for corpus in corpora], ignore_index=True)
    data = list(chain.from_iterable(corpus.data for corpus in corpora))
    emotion = to_emotions(frame["emotion"], map_labels)
    kept = emotion.notna().to_numpy()
    if not kept.any():
        raise ValueError("map_labels leaves no clips. Map at least one emotion to a name.")
    _warn_of_synonyms(emotion[kept])
    frame = frame.assign(
        emotion=emotion.astype(frame["emotion"].dtype), speaker=_full_names(frame)
    )[kept].reset_index(drop=True)
    joined = make_bunch(
        frame,
        "\n".join(str(corpus.DESCR) for corpus in corpora),
        [clip for clip, keep in zip(data, kept, strict=True) if keep],
    )
    joined.skipped = dict(
        sum((Counter(corpus.get("skipped", {})) for corpus in corpora), Counter())
    )
    return joined


def _warn_of_synonyms(emotions: pd.Series) -> None:
    seen: dict[str, str] = {}
    for name in sorted(map(str, emotions.unique())):
        other = seen.setdefault(common_emotion(name), name)
        if other != name:
            warnings.warn(
                f"{other!r} and {name!r} are two classes of the joined corpus. If they are the "
                "same emotion, pass map_labels=, or load the corpora with emotions='canonical'.",
                AudioWarning,
                stacklevel=3,
            )
            return


def _check_names(corpora: Sequence[Bunch]) -> None:
    names = list(chain.from_iterable(corpus.frame["corpus"].unique() for corpus in corpora))
    repeated = sorted({str(name) for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(
            f"Two corpora are called {repeated[0]!r}, so speakers with the same name in both would "
            "be taken for one person. Pass name= to load_folder, load_table or load_audformat, or "
            "set corpus.frame['corpus']."
        )


def _full_names(frame: pd.DataFrame) -> pd.Series:
    corpus, speaker = frame["corpus"], frame["speaker"]
    # Speakers of corpora that are themselves concatenated already have their full name.
    has_it = np.array(
        [str(s).startswith(f"{c}/") for s, c in zip(speaker, corpus, strict=True)], dtype=bool
    )
    return speaker.where(has_it, corpus + "/" + speaker)
