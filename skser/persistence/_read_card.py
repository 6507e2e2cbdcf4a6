"""Read the card of a model file, its description, without the libraries that the model needs."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from skser.exceptions import ModelFileError
from skser.persistence._archive import check_seal, unpack

FORMAT = 1

_MEMBERS = re.compile(r"card\.json|estimator\.skops|graphs/[0-9a-f]{64}\.onnx")


def read_card(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read the card of a model file without loading the model.

    The content of a card is not verified: the author of the file can write anything into it.

    Parameters
    ----------
    path : str or os.PathLike
        File written by `save_model`.

    Returns
    -------
    card : dict
        Entries ``format``, ``estimator``, ``classes``, ``input`` (``kind``, "clips" or "arrays",
        and the ``sample_rate`` in Hz that is assumed for arrays), ``score``, ``date``,
        ``licence``, ``note``, ``versions``, ``trust`` (names that `load_model` needs as
        `trusted`), and everything else that was passed to `save_model`.

    Raises
    ------
    ModelFileError
        If the file is not a model file, is damaged, was changed, or has a newer format.
    OSError
        If the file cannot be read.

    See Also
    --------
    load_model : Load the model.

    Examples
    --------
    >>> import tempfile
    >>> from skser import MFCC, read_card, save_model
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = f"{folder}/voice.skser"
    ...     written = save_model(MFCC(sr=16000), file, card={"licence": "CC0-1.0"})
    ...     card = read_card(file)
    >>> card["input"], card["licence"]
    ({'kind': 'clips', 'sample_rate': 16000}, 'CC0-1.0')
    """
    with naming(path):
        card: dict[str, Any] = json.loads(read_members(path)["card.json"])
    return card


def read_members(path: str | os.PathLike[str]) -> dict[str, bytes]:
    """Read the members of a model file, and check that they are complete and unchanged."""
    # fspath refuses an int, which open would take for an open file.
    with open(os.fspath(path), "rb") as file:
        first = file.read(4)
        if first[:1] == b"\x80":
            raise ModelFileError(
                "is a pickle, which runs code when it is opened, and not a model file. If you "
                "trust it, open it with pickle.load, and save it again with save_model"
            )
        if first != b"PK\x03\x04":
            raise ModelFileError("is not a model file. Write one with save_model")
        data = first + file.read()
    check_seal(data)
    members = unpack(data, _MEMBERS)
    try:
        card = json.loads(members["card.json"])
    except (KeyError, ValueError, RecursionError) as error:
        raise ModelFileError("has no card, or one that cannot be read") from error
    _read_format(card)
    if "estimator.skops" not in members:
        raise ModelFileError("holds no estimator")
    return members


@contextmanager
def naming(path: str | os.PathLike[str]) -> Iterator[None]:
    """Add the name of the file to an error."""
    try:
        yield
    except ModelFileError as error:
        text = str(error)
        raise ModelFileError(
            f"{os.fsdecode(path)!r} {text}{'' if text.endswith('.') else '.'}"
        ) from error


def _read_format(card: Any) -> int:
    """Return the number of the format that a card states.

    Raises
    ------
    ModelFileError
        If the card states no format, or one that is newer than this version of skser.
    """
    number = card.get("format") if isinstance(card, dict) else None
    if type(number) is not int or number < 1:
        raise ModelFileError("has a card that states no format")
    if number > FORMAT:
        raise ModelFileError(
            f"has format {number}, but this version of skser reads formats up to {FORMAT}. Install "
            "a newer skser: pip install --upgrade skser"
        )
    return number
