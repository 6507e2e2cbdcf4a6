"""Check the path of a model file, without the libraries that the model needs."""

from __future__ import annotations

from pathlib import Path

from skser.exceptions import ModelFileError


def check_is_file(path: Path) -> None:
    """Raise `ModelFileError` if a model file does not exist."""
    if not path.is_file():
        raise ModelFileError(
            f"The model file {str(path)!r} does not exist. Write one with 'skser train'."
        )
