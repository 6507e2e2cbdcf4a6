"""Write docs/benchmarks.md from the results of the benchmarks in benchmarks/results.

Sections whose benchmark has no result there remain as they are.

Run: ``python benchmarks/make_page.py``; ``make bench`` does so last.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from _common import RESULTS

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
INTRODUCTION = """\
# Benchmarks

`make bench` runs the quicker scripts in `benchmarks/` and rewrites their sections of this page,
which takes tens of minutes. The other sections are from scripts that are run by hand.
Only ratios are meaningful, because absolute times depend on the machine: each script measures both
sides in turns, on the same machine. Unless a script names another unit, times are CPU time of one
process with one thread. The clips are RAVDESS if it is available, and built-in speech otherwise.
The docstring of each script explains what it measures, and how.
"""
TITLES = {
    "extraction": "Ten features, compared with librosa and with one Fourier transform",
    "peers": "Ten features, compared with other programs",
    "reading": "Reading and resampling, in milliseconds per file",
    "selection": "Incremental selection with cached features, in seconds",
    "nested": "Score of a feature selection and its nested score, UAR on a third of RAVDESS",
    "jobs": "Two processes, compared with one, in seconds of wall-clock time",
    "memory": "Peak memory, without the output matrix",
    "scale": "Time against the number of clips",
    "corpora": "Folders of many files, in microseconds of CPU time per file",
    "decoding": "Share of decoding and resampling in a fit, 400 files",
    "threads": "Tonnetz on busy cores, in ms of wall-clock time per clip of 3 s",
    "growth": "Memory growth of a process over fits of a network, and over new widths",
    "ragged": "Peak memory of a network if one of the clips is long",
    "voice_memory": "Peak memory of EGeMAPS in addition to the samples of a clip, in MB",
    "segments": "Segments of a file of one hour",
    "live": "Live recognition on one core, at a hop of 0.5 s",
    "serving": "Requests per second of one process",
    "training": "Training of a network, compared with plain Keras",
    "networks": "UAR of networks on speakers who were not in the training data",
    "choice": "Candidates for the default network for images, UAR on held-out speakers",
    "speakers-functionals-ravdess": "UAR by number of enrolled clips of a test speaker, RAVDESS",
    "speakers-functionals-emo_db": "UAR by number of enrolled clips of a test speaker, EMO-DB copy",
    "speakers-residual2d-ravdess": "UAR of a network by number of enrolled clips, RAVDESS",
    "prior-ravdess": "UAR on held-out speakers by enrolled clips and prior weight, RAVDESS",
    "prior-emo_db": "UAR on held-out speakers by enrolled clips and prior weight, EMO-DB copy",
    "augmentation": "UAR with augmentation",
    "onnx": "Prediction of one clip by a network, in TensorFlow and in onnxruntime",
}
SCRIPTS = {
    "choice": "choose_network",
    "speakers-functionals-ravdess": "bench_speakers",
    "speakers-functionals-emo_db": "bench_speakers",
    "speakers-residual2d-ravdess": "bench_speakers",
    "prior-ravdess": "choose_speaker_prior",
    "prior-emo_db": "choose_speaker_prior",
}
TARGETS: dict[str, tuple[str, tuple[str, ...], float, bool]] = {
    "extraction": (
        "nine features without tonnetz relative to the floor",
        ("floor", "rows", "without tonnetz", "times_floor"),
        7,
        False,
    ),
    "selection": (
        "extraction with prefetch faster by",
        ("rows", "memory, prefetch", "extraction_less_by"),
        20,
        True,
    ),
    "jobs": ("speedup of two processes with their start", ("speedup_starting",), 1, True),
    "scale": ("time of 100 000 clips", ("rows", "100000", "times_the_time"), 103, False),
}
"""What is compared with a target: in words, its keys, the target, and whether more is better."""
NOT_FIGURES = {"benchmark", "machine", "rounds"}
LABELS = {
    "skser_ms": "skser (ms)",
    "librosa_ms": "librosa (ms)",
    "times_floor": "relative to the floor",
    "times skser, mean": "relative to skser, mean",
    "times skser, mean and std": "relative to skser, mean and std",
    "extraction_s": "extraction (s)",
    "whole_s": "whole search (s)",
    "extraction_less_by": "extraction faster by",
    "score_of_the_choice": "selection score",
    "nested_std": "standard deviation of the nested score",
    "few_mib": "1000 files (MiB)",
    "many_mib": "100 000 files (MiB)",
    "us_a_clip": "µs per clip",
    "times_the_clips": "relative number of clips",
    "times_the_time": "relative time",
    "growth_mb": "growth (MB)",
    "peak_mib": "peak (MiB)",
    "uar": "UAR",
    "std": "standard deviation",
    "std_over_draws": "standard deviation over draws",
    "held_out": "UAR on held-out speakers",
    "folds_it_was_chosen_in": "folds in which it was chosen",
    "one_s": "one process (s)",
    "two_starting_s": "two processes, with their start (s)",
    "two_s": "two processes (s)",
    "speedup_starting": "speedup with their start",
    "cpu_of_two_against_one": "CPU time of two relative to one",
    "predict_one_ms": "prediction of one clip (ms)",
    "keras_predict_one_ms": "the same in Keras (ms)",
}
"""What the page calls figures whose key is not plain enough."""


def main() -> None:
    known = list(TITLES)
    others = sorted(file.stem for file in RESULTS.glob("*.json") if file.stem not in known)
    kept = sections_of_the_page()
    parts = [INTRODUCTION]
    for name in [*known, *others]:
        file = RESULTS / f"{name}.json"
        if file.exists():
            parts.append(section(json.loads(file.read_text())))
        elif (title := TITLES.get(name, name)) in kept:
            parts.append(kept[title])
    PAGE.write_text("\n".join(parts))
    print(f"{PAGE}: {len(parts) - 1} benchmarks")


def sections_of_the_page() -> dict[str, str]:
    """Return the text of each section of the present page by its title."""
    _, *parts = PAGE.read_text().split("\n## ") if PAGE.exists() else [""]
    return {part.split("\n", 1)[0]: f"## {part.rstrip()}\n" for part in parts}


def section(result: dict[str, Any]) -> str:
    name = result["benchmark"]
    lines = [
        f"## {TITLES.get(name, name)}",
        "",
        f"`python benchmarks/{SCRIPTS.get(name, f'bench_{name}')}.py`",
        "",
    ]
    figures = {key: value for key, value in result.items() if key not in NOT_FIGURES}
    single = {key: value for key, value in figures.items() if is_figure(value)}
    for value in figures.values():
        if isinstance(value, dict) and value:
            lines += [*table(value.get("rows", value)), ""]
    if name in TARGETS:
        lines += [target(result, *TARGETS[name]), ""]
    notes = [f"{label(key)}: {shown(value)}" for key, value in single.items()]
    machine = result["machine"]
    notes.append(", ".join([str(machine["cpu"]), f"{machine['cores']} cores"]))
    return "\n".join([*lines, "; ".join(notes) + ".", ""])


def target(result: Any, what: str, keys: tuple[str, ...], wanted: float, more: bool) -> str:
    """Return a sentence on whether a figure reaches its target."""
    for key in keys:
        result = result[key]
    reached = result >= wanted if more else result <= wanted
    verdict = "reached" if reached else "not reached"
    return f"Target: {what}, at {'least' if more else 'most'} {wanted:g}; {verdict}."


def label(key: str) -> str:
    return LABELS.get(key, key.replace("_", " "))


def table(rows: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of a table; columns are the keys of the rows that are dictionaries."""
    nested = {
        name: flat(row) if isinstance(row, dict) else {"": row}
        for name, row in rows.items()
        if isinstance(row, dict) or is_figure(row)
    }
    columns = list(dict.fromkeys(key for row in nested.values() for key in row))
    columns = [c for c in columns if all(is_figure(row.get(c, "")) for row in nested.values())]
    yield "| | " + " | ".join(label(column) for column in columns) + " |"
    yield "|---|" + "---:|" * len(columns)
    for name, row in nested.items():
        yield f"| {name} | " + " | ".join(shown(row.get(c, "")) for c in columns) + " |"


def flat(row: dict[str, Any]) -> dict[str, Any]:
    """Append the ratios of a row to its figures, as columns."""
    ratios = {f"times {name}": ratio for name, ratio in row.get("ratios", {}).items()}
    return {**{key: value for key, value in row.items() if key != "ratios"}, **ratios}


def is_figure(value: Any) -> bool:
    return isinstance(value, str | int | float)


def shown(value: Any) -> str:
    if not isinstance(value, float):
        return str(value)
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"


if __name__ == "__main__":
    main()
