from __future__ import annotations

import os
import re
from pathlib import Path

from sklearn.utils import Bunch

from skser.datasets._card import CorpusCard
from skser.datasets._corpus import Row, corpus_from_names

CARD = CorpusCard(
    name="tess",
    title="TESS: Toronto Emotional Speech Set",
    url="https://doi.org/10.5683/SP2/E8H2MF",
    licence="CC BY-NC-ND 4.0",
    bibtex="""
@data{pichorafuller2020tess,
  author = {Pichora-Fuller, M. Kathleen and Dupuis, Kate},
  title = {{Toronto} Emotional Speech Set ({TESS})},
  publisher = {Borealis},
  year = {2020},
  doi = {10.5683/SP2/E8H2MF}
}""",
    languages=("en",),
    n_speakers=2,
    counts={
        "angry": 400,
        "disgusted": 400,
        "fearful": 400,
        "happy": 400,
        "neutral": 400,
        "sad": 400,
        "surprised": 400,
    },
    file_names=(
        "an audio file named like 'OAF_back_angry.wav': speaker (OAF: 64 years old, YAF: 26), word "
        "(said in 'Say the word back'), emotion (ps: pleasant surprise)."
    ),
    faults=(
        "OAF_bite_neutral is named OA_bite_neutral; it is assigned to OAF",
        "two speakers, both women: scores within TESS say little about unseen voices, and random "
        "splits reach nearly 1",
        "some copies of the corpus contain every clip twice",
    ),
    how_to_get=(
        "Download it from https://doi.org/10.5683/SP2/E8H2MF, where you accept the licence, and "
        "unpack it there."
    ),
)

_NAME = re.compile(r"(OAF?|YAF)_(\w+)_([a-z]+)", re.IGNORECASE)
_EMOTIONS = {
    "angry": "angry",
    "disgust": "disgusted",
    "fear": "fearful",
    "happy": "happy",
    "neutral": "neutral",
    "ps": "surprised",
    "sad": "sad",
}


def load_tess(path: str | os.PathLike[str]) -> Bunch:
    """Load TESS from a folder.

    Parameters
    ----------
    path : str or os.PathLike
        Folder with the audio files, nested (``OAF_angry/OAF_back_angry.wav``) or flat. Files with
        other names are skipped.

    Returns
    -------
    corpus : Bunch
        data (paths, sorted by speaker and file name), target (emotions in the common vocabulary),
        target_names, groups (speakers: "OAF", "YAF"), frame and DESCR, as returned by
        `load_ravdess`.

    Raises
    ------
    AudioError
        If the folder does not exist or contains no such file.

    Warns
    -----
    AudioWarning
        If a clip occurs more than once; one copy of it is loaded.

    See Also
    --------
    load_ravdess : Description of the Bunch.

    Examples
    --------
    >>> from skser import load_tess
    >>> corpus = load_tess("data/tess")  # doctest: +SKIP
    >>> corpus.frame["emotion"].value_counts()  # doctest: +SKIP
    """
    return corpus_from_names(CARD, path, _parse)


def _parse(file: Path) -> Row | None:
    name = _NAME.fullmatch(file.stem)
    if name is None:
        return None
    speaker, word, label = name.groups()
    return {
        "speaker": "YAF" if speaker.upper() == "YAF" else "OAF",
        "sex": "female",
        "sentence": f"Say the word {word.lower()}",
        "emotion": _EMOTIONS[label.lower()],
        "label": label.lower(),
    }
