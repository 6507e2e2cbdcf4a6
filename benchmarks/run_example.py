"""Run an example of the gallery on a real corpus in place of the built-in speech.

The example is run as it stands, except that `make_emotional_speech` returns the corpus. Examples
that make speech twice, such as one corpus to train on and another to test on, are not offered: they
would get the same clips both times.

Run: ``python benchmarks/run_example.py plot_protocols``, on RAVDESS from ``SKSER_DATA``;
``--corpus emo_db:FOLDER`` takes another corpus, and ``--output FILE`` saves the last figure.
"""

from __future__ import annotations

import argparse
import runpy
from pathlib import Path

import _common
import matplotlib

import skser

EXAMPLES = Path(__file__).parents[1] / "examples"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    names = sorted(
        file.stem
        for file in EXAMPLES.glob("plot_*.py")
        if file.read_text(encoding="utf-8").count("make_emotional_speech(") == 1
    )
    parser.add_argument(
        "example", choices=names, metavar="EXAMPLE", help="name of a file in examples/"
    )
    parser.add_argument("--corpus", help="NAME:PATH, a folder or a table; default: RAVDESS")
    parser.add_argument("--output", help="file to save the last figure to")
    options = parser.parse_args()
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    if options.corpus:
        corpus = skser.load_corpus(options.corpus)
    else:
        corpus = _common.ravdess_corpus()
    setattr(skser, "make_emotional_speech", lambda **_: corpus)  # noqa: B010
    runpy.run_path(str(EXAMPLES / f"{options.example}.py"), run_name="__main__")
    if options.output:
        plt.savefig(options.output, dpi=120)


if __name__ == "__main__":
    main()
