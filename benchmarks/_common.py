"""What the benchmarks share: one thread, clips, and how results are kept."""

from __future__ import annotations

import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

# Before NumPy is imported: a ratio of one-thread times is the one that says something.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(name, "1")
# A script that imported NumPy before this module has its threads already.
threadpool_limits(1)

RESULTS = Path(__file__).parent / "results"
SR = 22050


def ravdess_folder() -> Path | None:
    """Return the folder of RAVDESS, from SKSER_DATA or ../shared/data, if it is there."""
    root = Path(os.environ.get("SKSER_DATA", Path(__file__).parents[2] / "shared" / "data"))
    folder = root / "ravdess"
    return folder if folder.is_dir() else None


def ravdess_corpus() -> Any:
    """Return RAVDESS, without which some benchmarks say nothing."""
    from skser import load_ravdess

    folder = ravdess_folder()
    if folder is None:
        raise SystemExit("no RAVDESS: set SKSER_DATA to the folder that holds ravdess/")
    return load_ravdess(folder)


def known_corpus(name: str) -> Any:
    """Return "ravdess" or "emo_db", without which some benchmarks say nothing."""
    from skser import load_emo_db

    if name == "ravdess":
        return ravdess_corpus()
    root = Path(os.environ.get("SKSER_DATA", Path(__file__).parents[2] / "shared" / "data"))
    if not (root / "emodb").is_dir():
        raise SystemExit("no EMO-DB: set SKSER_DATA to the folder that holds emodb/")
    return load_emo_db(root / "emodb")


def clips(n_clips: int, seconds: float = 2.5, sr: int = SR) -> tuple[list[Any], str]:
    """Return clips of one length and rate in memory, and where they are from."""
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
    sounds = FixDuration(seconds).transform(LoadAudio(sr=sr).transform(corpus.data[chosen]))
    return [sound.y for sound in sounds], source


def speech_files(folder: str, n_clips: int, sr: int = 48000) -> tuple[list[str], str]:
    """Return paths of clips, spread over RAVDESS or built-in speech written to `folder`."""
    import numpy as np

    from skser import load_ravdess, make_emotional_speech

    if (ravdess := ravdess_folder()) is not None:
        data = load_ravdess(ravdess).data
        chosen = np.linspace(0, len(data) - 1, min(n_clips, len(data))).astype(int)
        return [str(path) for path in data[chosen]], "RAVDESS"
    import soundfile

    corpus = make_emotional_speech(n_per_class=-(-n_clips // 40), sr=sr, random_state=0)
    paths = [str(Path(folder, f"{i:04d}.flac")) for i in range(n_clips)]
    for path, clip in zip(paths, corpus.data, strict=False):
        soundfile.write(path, clip.y, clip.sr)
    return paths, "built-in speech"


def write_noise(folder: str, n_files: int, seconds: float, sr: int) -> list[str]:
    """Write files of noise, hardly two alike, and return their paths.

    Not by libsndfile, which waits for the disk after each.
    """
    import wave

    import numpy as np

    rng = np.random.default_rng(0)
    noise = rng.integers(-3000, 3000, size=int(10 * sr), dtype=np.int16)
    length = int(seconds * sr)
    paths = [str(Path(folder, f"{i:06d}.wav")) for i in range(n_files)]
    for path, start in zip(paths, rng.integers(len(noise) - length, size=n_files), strict=True):
        with wave.open(path, "wb") as file:
            file.setparams((1, 2, sr, length, "NONE", "not compressed"))
            file.writeframes(noise[start : start + length].tobytes())
    return paths


def ten_features() -> list[Any]:
    """Return the features that the benchmarks compute, with librosa's defaults."""
    import skser

    return [
        skser.ZCR(),
        skser.RMS(),
        skser.MFCC(20),
        skser.Chroma(),
        skser.SpectralRolloff(),
        skser.SpectralContrast(),
        skser.SpectralFlatness(),
        skser.SpectralBandwidth(),
        skser.Tonnetz(),
        skser.Mel(),
    ]


def cpu_seconds(run: Callable[[], object]) -> float:
    """Return the CPU time that a run takes in this process."""
    start = time.process_time()
    run()
    return time.process_time() - start


def take_turns(
    runs: Mapping[str, Callable[[list[Any]], object]],
    samples: Sequence[Any],
    rounds: int,
    prepare: Mapping[str, Callable[[Any], Any]] | None = None,
    turn: int = 10,
) -> dict[str, list[float]]:
    """Return what each run costs a clip in every round, in milliseconds of CPU time.

    The runs take turns every few clips, so that a minute in which the machine is slow is slow for
    all of them; time in which other programs have the processor does not count. What `prepare`
    makes of a clip for a run is not timed.
    """
    prepare = prepare or {}
    costs: dict[str, list[float]] = {name: [] for name in runs}
    for number in range(rounds + 1):
        spent = dict.fromkeys(runs, 0.0)
        # The first round makes filter banks and compiles; one turn is enough of it.
        chosen = samples if number else samples[:turn]
        for start in range(0, len(chosen), turn):
            for name, run in runs.items():
                ready = [prepare.get(name, _as_it_is)(y) for y in chosen[start : start + turn]]
                began = time.process_time()
                run(ready)
                spent[name] += time.process_time() - began
        if number:
            for name, seconds in spent.items():
                costs[name].append(1000 * seconds / len(chosen))
    return costs


def _as_it_is(y: Any) -> Any:
    return y


def median_ratio(slow: Sequence[float], fast: Sequence[float]) -> float:
    """Return the median over the rounds of how many times `slow` costs what `fast` does."""
    return statistics.median(a / b for a, b in zip(slow, fast, strict=True))


def keep(name: str, result: dict[str, Any]) -> None:
    """Write a result as JSON, with the machine it was measured on."""
    RESULTS.mkdir(exist_ok=True)
    machine = {"cpu": _processor(), "cores": os.cpu_count()}
    text = json.dumps({"benchmark": name, "machine": machine, **result}, indent=2)
    (RESULTS / f"{name}.json").write_text(text + "\n")


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
