"""The command line that was given, written out to be repeated."""

from __future__ import annotations

import shlex
from enum import Enum
from pathlib import Path
from typing import Any

import typer

from skser.report._provenance import shareable


def command_line(context: typer.Context) -> str:
    """Write the command with the arguments and flags that were given.

    Parameters
    ----------
    context : typer.Context
        Context of the command.

    Returns
    -------
    command : str
        One line for a shell, in which absolute paths are cut to their last part.
    """
    words = ["skser", str(context.info_name)]
    for parameter in context.command.params:
        source = context.get_parameter_source(str(parameter.name))
        if source is None or source.name != "COMMANDLINE":
            continue
        value = context.params[str(parameter.name)]
        if parameter.param_type_name == "argument":
            words.append(_word(value, is_corpus=True))
        elif isinstance(value, bool):
            words.append(parameter.opts[0] if value else parameter.secondary_opts[0])
        else:
            # In older versions of typer, the context has paths as text, of a type with this name.
            kind = getattr(getattr(parameter, "type", None), "name", "")
            is_path = isinstance(value, Path) or kind in ("path", "file", "directory")
            words += [parameter.opts[0], _word(Path(value) if is_path else value)]
    return shlex.join(words)


def _word(value: Any, *, is_corpus: bool = False) -> str:
    """Return a value as it is typed, without the folders of an absolute path."""
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, Path):
        return str(shareable(str(value)))
    if not is_corpus:
        return str(value)
    name, colon, path = str(value).partition(":")
    return f"{name}:{shareable(path)}" if colon and len(name) > 1 else str(shareable(str(value)))
