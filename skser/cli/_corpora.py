"""From what the user calls a corpus to the corpus."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from pathlib import Path

from sklearn.utils import Bunch

from skser.audio import AUDIO_SUFFIXES, find_audio
from skser.cli._options import Source
from skser.cli._output import say
from skser.datasets import (
    load_audformat,
    load_crema_d,
    load_emo_db,
    load_emov_db,
    load_folder,
    load_ravdess,
    load_savee,
    load_table,
    load_tess,
    make_emotional_speech,
)
from skser.exceptions import AudioError, AudioWarning

_KNOWN: dict[str, Callable[[str], Bunch]] = {
    "ravdess": load_ravdess,
    "crema_d": load_crema_d,
    "tess": load_tess,
    "savee": load_savee,
    "emo_db": load_emo_db,
    "emov_db": load_emov_db,
}
_OWN = ("folder", "table", "audformat")


def open_corpus(source: Source, *, with_speakers: bool = False) -> Bunch:
    """Load a corpus.

    Parameters
    ----------
    source : Source
        A folder, a table, ``NAME:PATH`` or "synthetic".
    with_speakers : bool, default=False
        Insist on knowing them.

    Returns
    -------
    corpus : Bunch

    Raises
    ------
    AudioError
        If there is no such corpus, or speakers are wanted and unknown.
    """
    if source.corpus == "synthetic":
        _refuse_hows(source, "synthetic")
        return make_emotional_speech(n_speakers=6, n_per_class=5, random_state=0)
    kind, path = _kind_and_path(source)
    if kind in _KNOWN:
        _refuse_hows(source, kind)
        corpus = _KNOWN[kind](path)
    elif kind == "folder":
        corpus = load_folder(path, source.label or "parent", group=source.speaker)
    else:
        load, label = (load_table, "label") if kind == "table" else (load_audformat, "emotion")
        corpus = load(path, label=source.label or label, group=source.speaker or "speaker")
    if with_speakers and corpus.groups is None:
        raise AudioError(
            f"{source.corpus!r}: who speaks is not known, so that no split can keep speakers "
            "apart. Say where it is, with --speaker."
        )
    return corpus


def _kind_and_path(source: Source) -> tuple[str, str]:
    name, colon, path = source.corpus.partition(":")
    name = re.sub(r"[ -]", "_", name.lower())
    if colon and name in (*_KNOWN, *_OWN):
        return name, path
    path = source.corpus
    if Path(path).is_dir():
        return _kind_of_folder(source), path
    if Path(path).suffix.lower() in AUDIO_SUFFIXES:
        raise AudioError(f"{path!r} is a single clip. Pass the folder, or a table, of many.")
    if Path(path).is_file():
        return "table", path
    raise AudioError(
        f"{path!r} is neither a folder nor a table (now in {str(Path.cwd())!r}), nor NAME:PATH "
        f"with a NAME of {', '.join([*_KNOWN, *_OWN])}. Check the path."
    )


def _kind_of_folder(source: Source) -> str:
    """Know a corpus by the names of its files; others are folders of their own kind."""
    if source.label is not None or source.speaker is not None:
        return "folder"
    n_files = len(find_audio(Path(source.corpus)))
    for name, load in _KNOWN.items():
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", AudioWarning)
                n_clips = len(load(source.corpus).data)
        except AudioError:
            continue
        if n_clips > n_files / 2:
            say(f"Read as {name}, by the names of its files. Otherwise: folder:{source.corpus}")
            return name
    return "folder"


def _refuse_hows(source: Source, kind: str) -> None:
    if source.label is not None or source.speaker is not None:
        raise AudioError(
            f"{kind} knows its labels and speakers: leave --label and --speaker out, or read it "
            "as folder:PATH."
        )
