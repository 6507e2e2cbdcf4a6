from __future__ import annotations

import os
import re
from pathlib import Path

import pandas as pd
from sklearn.utils import Bunch

from skser.exceptions import AudioError

_NAME = re.compile(r"03-01-(\d\d)-(\d\d)-(\d\d)-(\d\d)-(\d\d)\.(wav|flac)", re.IGNORECASE)
_EMOTIONS = {
    "01": "neutral",
    "02": "calm",
    "03": "happy",
    "04": "sad",
    "05": "angry",
    "06": "fearful",
    "07": "disgusted",
    "08": "surprised",
}
_INTENSITIES = {"01": "normal", "02": "strong"}
_SENTENCES = {"01": "Kids are talking by the door", "02": "Dogs are sitting by the door"}

_DESCR = """\
RAVDESS: Ryerson Audio-Visual Database of Emotional Speech and Song, speech, audio only
---------------------------------------------------------------------------------------

:Clips: {n_clips} (1440 in the full corpus)
:Speakers: {n_speakers} professional actors, odd numbers male, even numbers female
:Classes: neutral, calm, happy, sad, angry, fearful, disgusted, surprised
:Licence: CC BY-NC-SA 4.0
:Source: Livingstone SR, Russo FA (2018). The Ryerson Audio-Visual Database of Emotional Speech
  and Song (RAVDESS). PLoS ONE 13(5): e0196391. https://doi.org/10.1371/journal.pone.0196391

Acted speech in North American English: two sentences, each said twice in every emotion, normal and
strong (neutral only normal). Known faults: some clips are stereo (in Actor_01, Actor_05 and
Actor_20), and one pair of Actor_07 is identical (03-01-03-01-02-01-07 and 03-01-03-01-02-02-07).
Every speaker says the same sentences, so test on other speakers than you train on: use `groups`.
"""


def load_ravdess(path: str | os.PathLike[str]) -> Bunch:
    """Load the speech part of RAVDESS from a folder.

    Parameters
    ----------
    path : str or os.PathLike
        Folder with the audio-only speech files, nested (``Actor_01/03-01-05-...``) or flat, as
        wav or flac. Files of other names are passed over: songs, videos, stray files.

    Returns
    -------
    corpus : Bunch
        data : ndarray of shape (n_clips,), dtype=object
            Paths, sorted by file name.
        target : ndarray of shape (n_clips,), dtype=object
            Emotions.
        target_names : list of str
            The classes, sorted.
        groups : ndarray of shape (n_clips,), dtype=object
            Speakers, "01" to "24": hand them to a splitter that keeps groups apart.
        frame : pandas.DataFrame
            A row a clip: path, speaker, sex, emotion, intensity, sentence, repetition.
        DESCR : str
            Source, licence and known faults.

    Raises
    ------
    AudioError
        If the folder does not exist or has no such file.

    Examples
    --------
    >>> from skser import load_ravdess
    >>> corpus = load_ravdess("data/ravdess")  # doctest: +SKIP
    >>> corpus.frame[["speaker", "sex", "emotion"]].iloc[0].tolist()  # doctest: +SKIP
    ['01', 'male', 'neutral']
    """
    folder = Path(path)
    if not folder.is_dir():
        raise AudioError(f"{str(folder)!r} is no directory. Pass the folder that holds RAVDESS.")
    found = [(file, parts) for file in folder.rglob("*") if (parts := _NAME.fullmatch(file.name))]
    if not found:
        raise AudioError(
            f"{str(folder)!r} holds no RAVDESS speech, that is no wav or flac file named like "
            "'03-01-05-02-01-01-12.wav' (modality 03: audio only, channel 01: speech), in it or "
            "below. Unpack Audio_Speech_Actors_01-24.zip there."
        )
    rows = [_row(file, parts) for file, parts in sorted(found, key=lambda f: (f[1][5], f[0].name))]
    frame = pd.DataFrame(rows)
    return Bunch(
        data=frame["path"].to_numpy(dtype=object),
        target=frame["emotion"].to_numpy(dtype=object),
        target_names=sorted(frame["emotion"].unique().tolist()),
        groups=frame["speaker"].to_numpy(dtype=object),
        frame=frame,
        DESCR=_DESCR.format(n_clips=len(frame), n_speakers=frame["speaker"].nunique()),
    )


def _row(file: Path, parts: re.Match[str]) -> dict[str, str | int]:
    emotion, intensity, sentence, repetition, actor, _ = parts.groups()
    try:
        return {
            "path": str(file),
            "speaker": actor,
            "sex": "male" if int(actor) % 2 else "female",
            "emotion": _EMOTIONS[emotion],
            "intensity": _INTENSITIES[intensity],
            "sentence": _SENTENCES[sentence],
            "repetition": int(repetition),
        }
    except KeyError as error:
        raise AudioError(
            f"{str(file)!r}: {error.args[0]} is no code of RAVDESS at its place in the name. "
            "Rename or remove the file."
        ) from error
