"""What the benchmarks share: one thread, clips, and how results are kept."""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path
from typing import Any

# Before NumPy is imported: a ratio of one-thread times is the one that says something.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(name, "1")

RESULTS = Path(__file__).parent / "results"
SR = 22050


def ravdess_folder() -> Path | None:
    """Return the folder of RAVDESS, from SKSER_DATA or ../shared/data, if it is there."""
    root = Path(os.environ.get("SKSER_DATA", Path(__file__).parents[2] / "shared" / "data"))
    folder = root / "ravdess"
    return folder if folder.is_dir() else None


def clips(n_clips: int, seconds: float = 2.5) -> tuple[list[Any], str]:
    """Return clips of one length in memory, and where they are from."""
    import numpy as np

    from skser import FixDuration, LoadAudio, load_ravdess, make_emotional_speech

    folder = ravdess_folder()
    if folder is None:
        per_class = -(-n_clips // 40)
        corpus = make_emotional_speech(n_per_class=per_class, random_state=0)
        source = "built-in speech"
    else:
        corpus = load_ravdess(folder)
        source = "RAVDESS"
    chosen = np.linspace(0, len(corpus.data) - 1, n_clips).astype(int)
    sounds = FixDuration(seconds).transform(LoadAudio(sr=SR).transform(corpus.data[chosen]))
    return [sound.y for sound in sounds], source


def keep(name: str, result: dict[str, Any]) -> None:
    """Write a result as JSON, with the machine it was measured on."""
    RESULTS.mkdir(exist_ok=True)
    machine = {"cpu": platform.processor() or platform.machine(), "cores": os.cpu_count()}
    text = json.dumps({"benchmark": name, "machine": machine, **result}, indent=2)
    (RESULTS / f"{name}.json").write_text(text + "\n")
