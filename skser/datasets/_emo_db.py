from __future__ import annotations

import os
import re
from pathlib import Path

from sklearn.utils import Bunch

from skser.datasets._card import Archive, CorpusCard
from skser.datasets._corpus import Row, corpus_from_names

CARD = CorpusCard(
    name="emo_db",
    title="EMO-DB: Berlin Database of Emotional Speech",
    url="http://emodb.bilderbar.info/",
    licence="free for research; repackaged by audEERING under CC0 1.0",
    bibtex="""
@inproceedings{burkhardt2005database,
  author = {Burkhardt, Felix and Paeschke, Astrid and Rolfes, Miriam and Sendlmeier, Walter F. and
            Weiss, Benjamin},
  title = {A Database of {German} Emotional Speech},
  booktitle = {Proc. Interspeech 2005},
  pages = {1517--1520},
  year = {2005},
  doi = {10.21437/Interspeech.2005-446}
}""",
    languages=("de",),
    n_speakers=10,
    counts={
        "angry": 127,
        "bored": 81,
        "disgusted": 46,
        "fearful": 69,
        "happy": 71,
        "neutral": 79,
        "sad": 62,
    },
    file_names=(
        "an audio file named like '03a01Fa.wav': speaker (03, 08 to 16), sentence, emotion (W "
        "anger, L boredom, E disgust, A fear, F happiness, T sadness, N neutral), version."
    ),
    faults=(
        "classes differ in size (46 to 127 clips), and so do speakers",
        "clips that listeners did not recognise were removed, so scores are high",
    ),
    how_to_get="Unpack http://emodb.bilderbar.info/download/download.zip there.",
    archives=(Archive("http://emodb.bilderbar.info/download/download.zip"),),
)

_NAME = re.compile(r"(\d\d)([ab]\d\d)([A-Z])([a-z])?", re.IGNORECASE)
_EMOTIONS = {
    "W": "angry",
    "L": "bored",
    "E": "disgusted",
    "A": "fearful",
    "F": "happy",
    "N": "neutral",
    "T": "sad",
}
_SEXES = dict.fromkeys(("03", "10", "11", "12", "15"), "male") | dict.fromkeys(
    ("08", "09", "13", "14", "16"), "female"
)
_SENTENCES = {
    "a01": "Der Lappen liegt auf dem Eisschrank.",
    "a02": "Das will sie am Mittwoch abgeben.",
    "a04": "Heute abend könnte ich es ihm sagen.",
    "a05": "Das schwarze Stück Papier befindet sich da oben neben dem Holzstück.",
    "a07": "In sieben Stunden wird es soweit sein.",
    "b01": "Was sind denn das für Tüten, die da unter dem Tisch stehen?",
    "b02": "Sie haben es gerade hochgetragen und jetzt gehen sie wieder runter.",
    "b03": "An den Wochenenden bin ich jetzt immer nach Hause gefahren und habe Agnes besucht.",
    "b09": "Ich will das eben wegbringen und dann mit Karl was trinken gehen.",
    "b10": "Die wird auf dem Platz sein, wo wir sie immer hinlegen.",
}


def load_emo_db(path: str | os.PathLike[str]) -> Bunch:
    """Load EMO-DB from a folder.

    Parameters
    ----------
    path : str or os.PathLike
        Folder with the audio files, nested (``wav/03a01Fa.wav``) or flat. Files with other names
        are skipped.

    Returns
    -------
    corpus : Bunch
        data (paths, sorted by speaker and file name), target (emotions in the common vocabulary),
        target_names, groups (speakers: "03", "08" to "16"), frame and DESCR, as returned by
        `load_ravdess`. The frame also has a column version.

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
    >>> from skser import load_emo_db
    >>> corpus = load_emo_db("data/emo_db")  # doctest: +SKIP
    >>> corpus.frame["emotion"].value_counts()  # doctest: +SKIP
    """
    return corpus_from_names(CARD, path, _parse)


def _parse(file: Path) -> Row | None:
    name = _NAME.fullmatch(file.stem)
    if name is None:
        return None
    speaker, sentence, label, version = name.groups()
    return {
        "speaker": speaker,
        "sex": _SEXES[speaker],
        "sentence": _SENTENCES[sentence.lower()],
        "emotion": _EMOTIONS[label.upper()],
        "label": label.upper(),
        "version": version and version.lower(),
    }
