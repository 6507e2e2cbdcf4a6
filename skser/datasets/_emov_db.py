from __future__ import annotations

import os
import re
from pathlib import Path

from sklearn.utils import Bunch

from skser.datasets._card import Archive, CorpusCard
from skser.datasets._corpus import Row, corpus_from_names
from skser.exceptions import AudioError

CARD = CorpusCard(
    name="emov_db",
    title="EmoV-DB: The Emotional Voices Database, English",
    url="https://www.openslr.org/115/",
    licence="its own, for non-commercial purposes (research, teaching, personal experimentation)",
    bibtex="""
@article{adigwe2018emotional,
  author = {Adigwe, Adaeze and Tits, No{\'e} and El Haddad, Kevin and Ostadabbas, Sarah and
            Dutoit, Thierry},
  title = {The Emotional Voices Database: Towards Controlling the Emotion Dimension in Voice
           Generation Systems},
  journal = {arXiv preprint arXiv:1806.09514},
  year = {2018}
}""",
    languages=("en",),
    n_speakers=4,
    counts={"amused": 1330, "angry": 1308, "disgusted": 1033, "neutral": 1585, "sleepy": 1744},
    file_names=(
        "an audio file named like 'anger_1-28_0011.wav' (emotion, range of the annotation, number "
        "of the CMU Arctic sentence) below a folder named after its speaker: bea, jenie, josh, "
        "sam, as in 'bea/Angry' or 'bea_Angry'."
    ),
    faults=(
        "counts are those of its authors; copies differ by a few clips",
        "josh has no angry and no disgusted clips, and classes differ in size by speaker",
        "with four speakers, two of each sex, a speaker-independent score is only rough",
        "made for synthesis: clips contain laughter, yawns and long pauses, so duration is telling",
    ),
    how_to_get=(
        "Unpack the archives of https://www.openslr.org/115/, each into a folder of its name "
        "(bea_Amused, ...), because speakers share file names."
    ),
    archives=tuple(
        Archive(f"https://www.openslr.org/resources/115/{name}.tar.gz")
        for name in (
            *("bea_Amused", "bea_Angry", "bea_Disgusted", "bea_Neutral", "bea_Sleepy"),
            *("jenie_Amused", "jenie_Angry", "jenie_Disgusted", "jenie_Neutral", "jenie_Sleepy"),
            *("josh_Amused", "josh_Neutral", "josh_Sleepy"),
            *("sam_Amused", "sam_Angry", "sam_Disgusted", "sam_Neutral", "sam_Sleepy"),
        )
    ),
)

_NAME = re.compile(r"([a-z]+)_\d+-\d+_(\d+)", re.IGNORECASE)
_FOLDER = re.compile(
    r"(bea|jenie|josh|sam)(?:_(?:amused|angry|disgusted|neutral|sleepy))?", re.IGNORECASE
)
_EMOTIONS = {
    "amused": "amused",
    "anger": "angry",
    "angry": "angry",
    "disgust": "disgusted",
    "disgusted": "disgusted",
    "neutral": "neutral",
    "sleepiness": "sleepy",
    "sleepy": "sleepy",
}
_SEXES = {"bea": "female", "jenie": "female", "josh": "male", "sam": "male"}


def load_emov_db(path: str | os.PathLike[str]) -> Bunch:
    """Load EmoV-DB from a folder.

    Parameters
    ----------
    path : str or os.PathLike
        Folder with a subfolder for each speaker (``bea/Angry/anger_1-28_0011.wav``) or each archive
        (``bea_Angry/anger_1-28_0011.wav``), or one of these subfolders. Files with other names are
        skipped.

    Returns
    -------
    corpus : Bunch
        data (paths, sorted by speaker and file name), target (emotions in the common vocabulary),
        target_names, groups (speakers: "bea", "jenie", "josh", "sam"), frame and DESCR, as returned
        by `load_ravdess`.

    Raises
    ------
    AudioError
        If the folder does not exist or contains no such file, or if no folder names the speaker.

    Warns
    -----
    AudioWarning
        If a clip occurs more than once; one copy of it is loaded.

    See Also
    --------
    load_ravdess : Description of the Bunch.

    Examples
    --------
    >>> from skser import load_emov_db
    >>> corpus = load_emov_db("data/emov_db")  # doctest: +SKIP
    >>> corpus.frame["emotion"].value_counts()  # doctest: +SKIP
    """
    return corpus_from_names(CARD, path, _parse)


def _parse(file: Path) -> Row | None:
    name = _NAME.fullmatch(file.stem)
    if name is None:
        return None
    folders = [match for part in file.parts[-2::-1] if (match := _FOLDER.fullmatch(part))]
    label = name[1].lower()
    if not folders and label not in _EMOTIONS:
        return None
    if not folders:
        raise AudioError(
            f"'{file}': neither the file name nor a folder above it names the speaker (bea, jenie, "
            "josh or sam). Unpack each archive into a folder with the archive's name."
        )
    speaker = folders[0][1].lower()
    return {
        "speaker": speaker,
        "sex": _SEXES[speaker],
        "sentence": name[2],
        "emotion": _EMOTIONS[label],
        "label": label,
    }
