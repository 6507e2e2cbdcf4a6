"""The corpora that are recognised by the names of their files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from skser.datasets import _crema_d, _emo_db, _emov_db, _ravdess, _savee, _tess
from skser.datasets._corpus import read_names
from skser.exceptions import AudioError

KNOWN: dict[str, ModuleType] = {
    module.CARD.name: module for module in (_ravdess, _crema_d, _tess, _savee, _emo_db, _emov_db)
}


def named_like(folder: Path, files: Sequence[Path]) -> str | None:
    """Return the known corpus whose naming scheme all of the files follow, if there is one."""
    for name, module in KNOWN.items():
        try:
            # The first name decides in most folders.
            first = read_names(module.CARD, folder, files[:1], module._parse)
            if first and len(read_names(module.CARD, folder, files, module._parse)) == len(files):
                return name
        except AudioError:
            continue
    return None
