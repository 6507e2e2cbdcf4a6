"""What the gallery's examples are called with: a folder for features, where they take one.

It changes no result, but an example then computes each feature of a clip once, not once a fold.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Arguments:
    """Return the arguments of an example; Sphinx' own never reach it.

    Parameters
    ----------
    memory : str
        Folder for computed features.
    """

    memory: str

    def __call__(self, gallery_conf: Any, script_vars: dict[str, Any]) -> list[str]:
        """Return the arguments for one example."""
        takes_memory = '"--memory"' in Path(script_vars["src_file"]).read_text()
        return ["--memory", self.memory] if takes_memory else []
