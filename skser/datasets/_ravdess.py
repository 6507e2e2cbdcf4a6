from __future__ import annotations

import os
import re
from pathlib import Path

from sklearn.utils import Bunch

from skser.datasets._card import Archive, CorpusCard
from skser.datasets._corpus import Row, corpus_from_names

CARD = CorpusCard(
    name="ravdess",
    title="RAVDESS: Ryerson Audio-Visual Database of Emotional Speech and Song, speech, audio only",
    url="https://zenodo.org/records/1188976",
    licence="CC BY-NC-SA 4.0",
    bibtex="""
@article{livingstone2018ravdess,
  author = {Livingstone, Steven R. and Russo, Frank A.},
  title = {The {Ryerson Audio-Visual Database of Emotional Speech and Song} ({RAVDESS})},
  journal = {PLoS ONE},
  volume = {13},
  number = {5},
  pages = {e0196391},
  year = {2018},
  doi = {10.1371/journal.pone.0196391}
}""",
    languages=("en",),
    n_speakers=24,
    counts={
        "angry": 192,
        "calm": 192,
        "disgusted": 192,
        "fearful": 192,
        "happy": 192,
        "neutral": 96,
        "sad": 192,
        "surprised": 192,
    },
    file_names=(
        "a wav or flac named like '03-01-05-02-01-01-12.wav': modality (03: audio only), channel "
        "(01: speech), emotion, intensity, sentence, repetition, actor."
    ),
    faults=(
        "some clips are stereo, in Actor_01, Actor_05 and Actor_20",
        "03-01-03-01-02-01-07 and 03-01-03-01-02-02-07 (Actor_07) are identical",
        "neutral has half as many clips as any other class, all of normal intensity",
        "every speaker says the same two sentences, so keep speakers apart in every split",
        "some copies of the corpus contain every clip twice",
    ),
    how_to_get="Unpack Audio_Speech_Actors_01-24.zip there, or use fetch_ravdess.",
    # The checksum is the one that the publisher's page shows.
    archives=(
        Archive(
            "https://zenodo.org/records/1188976/files/Audio_Speech_Actors_01-24.zip",
            "md5:bc696df654c87fed845eb13823edef8a",
        ),
    ),
)

_NAME = re.compile(r"03-01-(\d\d)-(\d\d)-(\d\d)-(\d\d)-(\d\d)")
_LABELS = {
    "01": "neutral",
    "02": "calm",
    "03": "happy",
    "04": "sad",
    "05": "angry",
    "06": "fearful",
    "07": "disgust",
    "08": "surprised",
}
_INTENSITIES = {"01": "normal", "02": "strong"}
_SENTENCES = {"01": "Kids are talking by the door", "02": "Dogs are sitting by the door"}


def load_ravdess(path: str | os.PathLike[str]) -> Bunch:
    """Load the speech part of RAVDESS from a folder.

    Parameters
    ----------
    path : str or os.PathLike
        Folder with the audio-only speech files, nested (``Actor_01/03-01-05-...``) or flat, in wav,
        flac or another audio format. Files with other names (songs, videos, stray files) are
        skipped.

    Returns
    -------
    corpus : Bunch
        data : ndarray of shape (n_clips,), dtype=object
            Paths, sorted by speaker and file name.
        target : ndarray of shape (n_clips,), dtype=object
            Emotions, in the common vocabulary.
        target_names : list of str
            The classes, sorted.
        groups : ndarray of shape (n_clips,), dtype=object
            Speakers, "01" to "24". Pass them to a splitter that keeps groups apart.
        frame : pandas.DataFrame
            One row per clip, with the columns path, start and end (s; missing, because every clip
            is a whole file), speaker, sex, language, sentence, emotion, label (the corpus's own),
            intensity, corpus, duration (s), sample_rate (Hz) and repetition.
        DESCR : str
            Source, licence, BibTeX, counts and known faults.

    Raises
    ------
    AudioError
        If the folder does not exist or contains no such file.

    Warns
    -----
    AudioWarning
        If a clip occurs more than once; one copy of it is loaded.

    Examples
    --------
    >>> from skser import load_ravdess
    >>> corpus = load_ravdess("data/ravdess")  # doctest: +SKIP
    >>> corpus.frame[["speaker", "sex", "emotion"]].iloc[0].tolist()  # doctest: +SKIP
    ['01', 'male', 'neutral']
    """
    return corpus_from_names(CARD, path, _parse)


def _parse(file: Path) -> Row | None:
    name = _NAME.fullmatch(file.stem)
    if name is None:
        return None
    emotion, intensity, sentence, repetition, actor = name.groups()
    return {
        "speaker": actor,
        "sex": "male" if int(actor) % 2 else "female",
        "sentence": _SENTENCES[sentence],
        "label": _LABELS[emotion],
        "intensity": _INTENSITIES[intensity],
        "repetition": int(repetition),
    }
