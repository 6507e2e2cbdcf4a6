from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from pathlib import Path

from sklearn.utils import Bunch

from skser.audio._files import AUDIO_SUFFIXES, find_audio
from skser.datasets._audformat import load_audformat
from skser.datasets._crema_d import load_crema_d
from skser.datasets._emo_db import load_emo_db
from skser.datasets._emotional_speech import make_emotional_speech
from skser.datasets._emov_db import load_emov_db
from skser.datasets._folder import load_folder
from skser.datasets._load_table import load_table
from skser.datasets._ravdess import load_ravdess
from skser.datasets._savee import load_savee
from skser.datasets._tess import load_tess
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


def load_corpus(corpus: str, *, label: str | None = None, group: str | None = None) -> Bunch:
    r"""Load whatever the text names: a folder, a table, a known corpus or the built-in speech.

    For scripts and commands that take a corpus as an argument.

    Parameters
    ----------
    corpus : str
        "synthetic": `make_emotional_speech` of 6 speakers who say each emotion 5 times.
        ``NAME:PATH`` with a name of ravdess, crema_d, tess, savee, emo_db, emov_db, folder, table
        or audformat: by that loader. Else a path: that of a table; or of a folder, which is the
        corpus whose file names more than half of its audio files bear, or else as for
        `load_folder`.
    label, group : str, default=None
        Of folders ("parent" or a regular expression) and tables (a column); None: the loader's
        own default, for tables "label" and "speaker". Refused where the corpus knows.

    Returns
    -------
    corpus : Bunch
        data, target, target_names, groups, frame and DESCR, as from `load_ravdess`.

    Raises
    ------
    AudioError
        If nothing of this name is there, or it holds no clips.

    Examples
    --------
    >>> from skser import load_corpus
    >>> corpus = load_corpus("synthetic")
    >>> len(corpus.data), len(set(corpus.groups))
    (150, 6)
    >>> load_corpus("folder:clips", group=r"speaker(\d+)")  # doctest: +SKIP
    """
    if corpus == "synthetic":
        _refuse_hows("synthetic", label, group)
        return make_emotional_speech(n_speakers=6, n_per_class=5, random_state=0)
    kind, path = kind_of_corpus(corpus, known=label is None and group is None)
    if kind in _KNOWN:
        _refuse_hows(kind, label, group)
        return _KNOWN[kind](path)
    if kind == "folder":
        return load_folder(path, label or "parent", group=group)
    load, column = (load_table, "label") if kind == "table" else (load_audformat, "emotion")
    return load(path, label=label or column, group=group or "speaker")


def kind_of_corpus(corpus: str, *, known: bool = True) -> tuple[str, str]:
    """Return the name of the loader for it, and its path.

    Parameters
    ----------
    corpus : str
    known : bool, default=True
        Whether a folder may be one of the known corpora, by the names of its files.

    Returns
    -------
    kind, path : str
    """
    name, colon, path = corpus.partition(":")
    name = re.sub(r"[ -]", "_", name.lower())
    if colon and name in (*_KNOWN, *_OWN):
        return name, path
    if Path(corpus).is_dir():
        return _kind_of_folder(corpus) if known else "folder", corpus
    if Path(corpus).suffix.lower() in AUDIO_SUFFIXES:
        raise AudioError(f"{corpus!r} is a single clip. Pass the folder, or a table, of many.")
    if Path(corpus).is_file():
        return "table", corpus
    raise AudioError(
        f"{corpus!r} is neither a folder nor a table (now in {str(Path.cwd())!r}), nor NAME:PATH "
        f"with a NAME of {', '.join([*_KNOWN, *_OWN])}, nor 'synthetic'. Check the path."
    )


def _kind_of_folder(path: str) -> str:
    n_files = len(find_audio(Path(path)))
    for name, load in _KNOWN.items():
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", AudioWarning)
                n_clips = len(load(path).data)
        except AudioError:
            continue
        if n_clips > n_files / 2:
            return name
    return "folder"


def _refuse_hows(kind: str, label: str | None, group: str | None) -> None:
    if label is not None or group is not None:
        raise AudioError(
            f"{kind} knows its labels and speakers: pass no label and no speaker, or read it as "
            "folder:PATH."
        )
