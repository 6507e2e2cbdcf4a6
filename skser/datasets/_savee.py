from __future__ import annotations

import os
import re
from pathlib import Path

from sklearn.utils import Bunch

from skser.datasets._card import CorpusCard
from skser.datasets._corpus import Row, corpus_from_names

CARD = CorpusCard(
    name="savee",
    title="SAVEE: Surrey Audio-Visual Expressed Emotion, audio",
    url="http://kahlan.eps.surrey.ac.uk/savee/",
    licence="free of charge for research, after registration",
    bibtex="""
@incollection{haq2010multimodal,
  author = {Haq, Sanaul and Jackson, Philip J. B.},
  title = {Multimodal Emotion Recognition},
  booktitle = {Machine Audition: Principles, Algorithms and Systems},
  editor = {Wang, Wenwu},
  publisher = {IGI Global},
  pages = {398--423},
  year = {2010}
}""",
    languages=("en",),
    n_speakers=4,
    counts={
        "angry": 60,
        "disgusted": 60,
        "fearful": 60,
        "happy": 60,
        "neutral": 120,
        "sad": 60,
        "surprised": 60,
    },
    file_names=(
        "an audio file named like 'DC/a01.wav' or 'DC_a01.wav': speaker (DC, JE, JK, KL), emotion "
        "(a, d, f, h, n, sa, su), number of the sentence."
    ),
    faults=(
        "all four speakers are men",
        "most sentences are said in only one emotion, so the words reveal the class; sentences 1 "
        "to 3 are assumed to be the common ones",
        "12 sentences of the other classes are also said in neutral, under other numbers that the "
        "names do not reveal; the sentence of a neutral clip above 3 is therefore missing",
        "neutral has twice as many clips as any other class",
    ),
    how_to_get=(
        "Register at http://kahlan.eps.surrey.ac.uk/savee/Download.html and unpack AudioData.zip "
        "there."
    ),
)

_NAME = re.compile(r"(?:(DC|JE|JK|KL)_?)?(sa|su|[adfhn])(\d\d)", re.IGNORECASE)
_EMOTIONS = {
    "a": "angry",
    "d": "disgusted",
    "f": "fearful",
    "h": "happy",
    "n": "neutral",
    "sa": "sad",
    "su": "surprised",
}
_SPEAKERS = ("DC", "JE", "JK", "KL")
_N_COMMON_SENTENCES = 3


def load_savee(path: str | os.PathLike[str]) -> Bunch:
    """Load the audio of SAVEE from a folder.

    Parameters
    ----------
    path : str or os.PathLike
        Folder with a subfolder for each speaker (``DC/a01.wav``), one of these subfolders, or the
        flat copy whose file names begin with the speaker (``DC_a01.wav``). Files with other names
        are skipped.

    Returns
    -------
    corpus : Bunch
        data (paths, sorted by speaker and file name), target (emotions in the common vocabulary),
        target_names, groups (speakers: "DC", "JE", "JK", "KL"), frame and DESCR, as returned by
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
    >>> from skser import load_savee
    >>> corpus = load_savee("data/savee")  # doctest: +SKIP
    >>> corpus.frame["emotion"].value_counts()  # doctest: +SKIP
    """
    return corpus_from_names(CARD, path, _parse)


def _parse(file: Path) -> Row | None:
    name = _NAME.fullmatch(file.stem)
    if name is None:
        return None
    speaker = (name[1] or file.parent.name).upper()
    if speaker not in _SPEAKERS:
        return None
    label = name[2].lower()
    sentence: str | None = f"{label}{name[3]}"
    if int(name[3]) <= _N_COMMON_SENTENCES:
        sentence = f"common{name[3]}"
    elif label == "n":
        # Some of these are sentences of another class, under another number.
        sentence = None
    return {
        "speaker": speaker,
        "sex": "male",
        "sentence": sentence,
        "emotion": _EMOTIONS[label],
        "label": label,
    }
