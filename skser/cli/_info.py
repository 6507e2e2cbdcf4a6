from __future__ import annotations

from pathlib import Path
from typing import Any

from skser._text import visible
from skser.cli._model_file import check_is_file
from skser.cli._output import print_json, show
from skser.persistence import read_card


def info(model: Path, json: bool) -> None:
    """Print the card of a model file; the model is not opened."""
    check_is_file(model)
    card = read_card(model)
    if json:
        print_json(card)
        return
    width = max(map(len, card))
    for name, value in card.items():
        if value not in (None, []):
            show(f"{visible(name):<{width}}  {_line(value)}")


def _line(value: Any) -> str:
    match value:
        case dict():
            return ", ".join(f"{visible(str(name))} {_line(item)}" for name, item in value.items())
        case list():
            return ", ".join(map(_line, value))
        case float():
            return f"{value:.3g}"
        case _:
            return visible(str(value))
