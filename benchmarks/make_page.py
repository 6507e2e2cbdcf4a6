"""Write docs/benchmarks.md from what the benchmarks kept in benchmarks/results.

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

`make bench` runs the scripts in `benchmarks/` and writes this page; it takes tens of minutes. What
counts is ratios: each script measures both sides on one machine, in turns. Where it names no
other unit, times are CPU time of one process with one thread. Clips are RAVDESS where it is
there, built-in speech otherwise. A script says at its head what it measures, and how.
"""
TITLES = {
    "extraction": "Ten features against librosa, and against one Fourier transform",
    "peers": "Ten features against other programs",
    "reading": "Reading and resampling files, in milliseconds a file",
    "selection": "Incremental selection with a store, in seconds",
    "nested": "UAR of a selection, and on speakers that had no part in it, a third of RAVDESS",
    "jobs": "Two processes against one, in seconds by the clock",
    "memory": "Peak memory, the output matrix apart",
    "scale": "Many clips",
    "corpora": "Folders of many files, in microseconds of CPU time a file",
    "decoding": "What part of a fit is decoding and resampling, 400 files",
    "threads": "Tonnetz on busy cores, in ms a clip of 3 s by the clock",
    "growth": "Growth of a process over fits of a network, and over new widths",
    "ragged": "Peak memory of a network on clips of which one is long",
    "voice_memory": "Peak memory of EGeMAPS beyond a clip's samples, in MB",
    "segments": "A file of an hour, in segments",
    "live": "Live recognition on one core, at a hop of 0.5 s",
    "serving": "Requests a second of one process",
    "training": "Training of a network, beside bare Keras",
    "networks": "UAR of networks on speakers not heard in training",
    "choice": "Candidates for the network for images, on speakers held out",
    "speakers-functionals-ravdess": "UAR by unlabelled clips of a test speaker, RAVDESS",
    "speakers-functionals-emo_db": "UAR by unlabelled clips of a test speaker, EMO-DB copy",
    "speakers-residual2d-ravdess": "The same for a network, RAVDESS",
    "prior-ravdess": "UAR on speakers held out by clips and weight of the prior, RAVDESS",
    "prior-emo_db": "UAR on speakers held out by clips and weight of the prior, EMO-DB copy",
    "augmentation": "UAR with augmentation",
    "onnx": "One clip through a network, in TensorFlow and in onnxruntime",
}
SCRIPTS = {
    "choice": "choose_network",
    "speakers-functionals-ravdess": "bench_speakers",
    "speakers-functionals-emo_db": "bench_speakers",
    "speakers-residual2d-ravdess": "bench_speakers",
    "prior-ravdess": "choose_speaker_prior",
    "prior-emo_db": "choose_speaker_prior",
}
NOT_FIGURES = {"benchmark", "machine", "rounds"}


def main() -> None:
    known = list(TITLES)
    files = [file for name in known if (file := RESULTS / f"{name}.json").exists()]
    files += sorted(file for file in RESULTS.glob("*.json") if file.stem not in known)
    parts = [INTRODUCTION, *(section(json.loads(file.read_text())) for file in files)]
    PAGE.write_text("\n".join(parts))
    print(f"{PAGE}: {len(files)} benchmarks")


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
    told = [f"{key.replace('_', ' ')}: {shown(value)}" for key, value in single.items()]
    machine = result["machine"]
    told.append(", ".join([str(machine["cpu"]), f"{machine['cores']} cores"]))
    return "\n".join([*lines, "; ".join(told) + ".", ""])


def table(rows: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of a table; columns are the keys of the rows that are dictionaries."""
    nested = {
        name: flat(row) if isinstance(row, dict) else {"": row}
        for name, row in rows.items()
        if isinstance(row, dict) or is_figure(row)
    }
    columns = list(dict.fromkeys(key for row in nested.values() for key in row))
    columns = [c for c in columns if all(is_figure(row.get(c, "")) for row in nested.values())]
    yield "| | " + " | ".join(column.replace("_", " ") for column in columns) + " |"
    yield "|---|" + "---:|" * len(columns)
    for name, row in nested.items():
        yield f"| {name} | " + " | ".join(shown(row.get(c, "")) for c in columns) + " |"


def flat(row: dict[str, Any]) -> dict[str, Any]:
    """Put what a row holds of ratios beside its figures, as columns of their own."""
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
