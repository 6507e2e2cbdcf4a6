"""Hashes of model files, each computed only once as long as the file does not change."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from skser.exceptions import SkserError
from skser.pretrained._weight_files import weight_files

_BLOCK = 1 << 20


def hash_of_file(path: Path) -> str:
    """Return the SHA-256 of one file."""
    stat = path.stat()
    return _hash_of_file(str(path), stat.st_size, stat.st_mtime_ns)


def hash_of_model(path: Path) -> str:
    """Return the SHA-256 of a model.

    Parameters
    ----------
    path : Path
        Path of an ONNX file.

    Returns
    -------
    sha256 : str
        SHA-256 of the file. If the model keeps weights in other files, the SHA-256 of the lines
        ``sha256  name`` of the model and of these files.

    Raises
    ------
    SkserError
        If the file is not an ONNX model, or a file of its weights is missing.
    """
    own = hash_of_file(path)
    names = _weight_files(str(path), own)
    if not names:
        return own
    for name in names:
        if not (path.parent / name).is_file():
            raise SkserError(
                f"{path.name!r} keeps weights in {name!r}, which is not in {str(path.parent)!r}. "
                "Put that file beside the model, or save the model as one file."
            )
    lines = [f"{own}  model", *(f"{hash_of_file(path.parent / name)}  {name}" for name in names)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


@lru_cache(maxsize=64)
def _hash_of_file(path: str, size: int, mtime_ns: int) -> str:
    hashed = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(_BLOCK):
            hashed.update(block)
    return hashed.hexdigest()


@lru_cache(maxsize=32)
def _weight_files(path: str, sha256: str) -> list[str]:
    return weight_files(Path(path))
