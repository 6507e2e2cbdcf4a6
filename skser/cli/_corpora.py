"""Load the corpus that the user names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sklearn.utils import Bunch

from skser._text import visible
from skser.audio._files import find_files
from skser.cli._checks import unknown_speakers
from skser.cli._options import Source
from skser.cli._output import say
from skser.datasets import load_corpus
from skser.datasets._columns import AdvisedError
from skser.datasets._load_corpus import ANNOTATIONS, kind_of_corpus
from skser.exceptions import AudioError


@contextmanager
def advice_of_commands() -> Iterator[None]:
    """Name the flags of a command in messages, instead of the arguments of a function."""
    try:
        yield
    except AdvisedError as error:
        raise AudioError(error.for_command) from error


def open_corpus(source: Source, *, with_speakers: bool = False) -> Bunch:
    """Load a corpus.

    Parameters
    ----------
    source : Source
        A folder, a table, ``NAME:PATH`` or "synthetic".
    with_speakers : bool, default=False
        Whether unknown speakers are an error.

    Returns
    -------
    corpus : Bunch
        The loaded corpus.

    Raises
    ------
    AudioError
        If the corpus does not exist, or its speakers are required but unknown.
    """
    name = source.corpus
    if name != "synthetic" and source.label is None and source.speaker is None:
        kind, path = kind_of_corpus(name)
        if path == name and kind != "folder" and Path(path).is_dir():
            say(
                f"Read as {kind}, because of the names of its files. If this is wrong, pass "
                f"folder:{path}"
            )
        if path == name and kind == "folder":
            _say_what_is_annotated(path)
        name = f"{kind}:{path}"
    with advice_of_commands():
        corpus = load_corpus(
            name,
            label=source.label,
            group=source.speaker,
            path=source.path,
            start=source.start,
            end=source.end,
            sheet=source.sheet,
            root=source.root,
            audio=source.audio,
            emotions="canonical" if source.canonical_labels else None,
            # Commands treat missing files like damaged ones.
            missing="keep",
        )
    if with_speakers and corpus.groups is None:
        raise AudioError(f"{source.corpus!r}: {unknown_speakers(corpus)}")
    return corpus


def _say_what_is_annotated(folder: str) -> None:
    """Name the loader of annotations that lie in a folder, which is read as a folder of clips."""
    for suffix, kind in ANNOTATIONS.items():
        if files := find_files(folder, [suffix]):
            say(
                f"The labels are the names of the folders, although there are annotations such as "
                f"'{visible(files[0].name)}'. To use them, pass {kind}:{folder}"
            )
