"""Load the corpus that the user names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sklearn.utils import Bunch

from skser.cli._checks import unknown_speakers
from skser.cli._options import Source
from skser.cli._output import say
from skser.datasets import load_corpus
from skser.datasets._columns import AdvisedError
from skser.datasets._load_corpus import kind_of_corpus
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
