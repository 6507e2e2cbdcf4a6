from __future__ import annotations

import os
import re
from pathlib import Path

from sklearn.utils import Bunch

from skser.datasets._card import CorpusCard
from skser.datasets._corpus import Row, corpus_from_names

CARD = CorpusCard(
    name="crema_d",
    title="CREMA-D: Crowd-sourced Emotional Multimodal Actors Dataset, audio",
    url="https://github.com/CheyneyComputerScience/CREMA-D",
    licence="Open Database License 1.0 (contents: Database Contents License 1.0)",
    bibtex="""
@article{cao2014crema,
  author = {Cao, Houwei and Cooper, David G. and Keutmann, Michael K. and Gur, Ruben C. and
            Nenkova, Ani and Verma, Ragini},
  title = {{CREMA-D}: Crowd-sourced Emotional Multimodal Actors Dataset},
  journal = {IEEE Transactions on Affective Computing},
  volume = {5},
  number = {4},
  pages = {377--390},
  year = {2014},
  doi = {10.1109/TAFFC.2014.2336244}
}""",
    languages=("en",),
    n_speakers=91,
    counts={
        "angry": 1271,
        "disgusted": 1271,
        "fearful": 1271,
        "happy": 1271,
        "neutral": 1087,
        "sad": 1271,
    },
    file_names=(
        "an audio file named like '1001_IEO_ANG_HI.wav': actor, sentence, emotion, intensity (LO, "
        "MD, HI; XX: unspecified)."
    ),
    faults=(
        "1076_MTI_SAD_XX is silent",
        "several files in AudioMP3 are blank; if a clip exists as wav and mp3, the wav is loaded",
        "1040_ITH_SAD_X was the name of 1040_ITH_SAD_XX until 2022",
        "only the sentence IEO has specified intensities",
        "labels are the intended emotions; listeners recognised them in 41 % of the clips",
    ),
    how_to_get=(
        "Clone the repository with git-lfs (git lfs clone "
        "https://github.com/CheyneyComputerScience/CREMA-D.git) and pass its folder AudioWAV."
    ),
)

_NAME = re.compile(r"(1\d{3})_([A-Z]{3})_([A-Z]{3})_([A-Z]{1,2})", re.IGNORECASE)
_EMOTIONS = {
    "ANG": "angry",
    "DIS": "disgusted",
    "FEA": "fearful",
    "HAP": "happy",
    "NEU": "neutral",
    "SAD": "sad",
}
_INTENSITIES = {"LO": "low", "MD": "medium", "HI": "high", "XX": None, "X": None}
_SENTENCES = {
    "DFA": "Don't forget a jacket",
    "IEO": "It's eleven o'clock",
    "IOM": "I'm on my way to the meeting",
    "ITH": "I think I have a doctor's appointment",
    "ITS": "I think I've seen this before",
    "IWL": "I would like a new alarm clock",
    "IWW": "I wonder what this is about",
    "MTI": "Maybe tomorrow it will be cold",
    "TAI": "The airplane is almost full",
    "TIE": "That is exactly what happened",
    "TSI": "The surface is slick",
    "WSI": "We'll stop in a couple of minutes",
}
# From the corpus's VideoDemographics.csv, which some copies lack.
_FEMALE = {
    1002, 1003, 1004, 1006, 1007, 1008, 1009, 1010, 1012, 1013, 1018, 1020, 1021, 1024, 1025,
    1028, 1029, 1030, 1037, 1043, 1046, 1047, 1049, 1052, 1053, 1054, 1055, 1056, 1058, 1060,
    1061, 1063, 1072, 1073, 1074, 1075, 1076, 1078, 1079, 1082, 1084, 1089, 1091,
}  # fmt: skip


def load_crema_d(path: str | os.PathLike[str]) -> Bunch:
    """Load the audio of CREMA-D from a folder.

    Parameters
    ----------
    path : str or os.PathLike
        The repository or its folder ``AudioWAV`` (or ``AudioMP3``), nested or flat. If a clip
        exists as wav and as mp3, the wav is loaded; files with other names are skipped.

    Returns
    -------
    corpus : Bunch
        data (paths, sorted by speaker and file name), target (emotions in the common vocabulary),
        target_names, groups (speakers: "1001" to "1091"), frame and DESCR, as returned by
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
    >>> from skser import load_crema_d
    >>> corpus = load_crema_d("data/crema_d")  # doctest: +SKIP
    >>> corpus.frame["emotion"].value_counts()  # doctest: +SKIP
    """
    return corpus_from_names(CARD, path, _parse)


def _parse(file: Path) -> Row | None:
    name = _NAME.fullmatch(file.stem)
    if name is None:
        return None
    actor, sentence, label, intensity = (part.upper() for part in name.groups())
    if not 1001 <= int(actor) <= 1091:
        raise KeyError(actor)
    return {
        "speaker": actor,
        "sex": "female" if int(actor) in _FEMALE else "male",
        "sentence": _SENTENCES[sentence],
        "emotion": _EMOTIONS[label],
        "label": label,
        "intensity": _INTENSITIES[intensity],
    }
