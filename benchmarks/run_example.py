"""Run an example of the gallery on real corpora in place of the built-in speech.

The example is run as it stands, except that `make_emotional_speech` returns a corpus. An example
that makes speech twice, such as one corpus to train on and another to test on, needs two.

Run: ``python benchmarks/run_example.py plot_protocols``, on RAVDESS from ``SKSER_DATA``, or
``python benchmarks/run_example.py plot_across_corpora --corpus ravdess:DIR emo_db:DIR``;
``--output FILE`` saves the last figure.
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
    needed = {
        file.stem: file.read_text(encoding="utf-8").count("make_emotional_speech(")
        for file in sorted(EXAMPLES.glob("plot_*.py"))
    }
    names = [name for name, count in needed.items() if count]
    parser.add_argument(
        "example", choices=names, metavar="EXAMPLE", help="name of a file in examples/"
    )
    parser.add_argument(
        "--corpus", nargs="+", help="NAME:PATH, a folder or a table; default: RAVDESS"
    )
    parser.add_argument("--output", help="file to save the last figure to")
    options = parser.parse_args()
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    if options.corpus:
        corpora = [skser.load_corpus(corpus) for corpus in options.corpus]
    else:
        corpora = [_common.ravdess_corpus()]
    count = needed[options.example]
    if count != len(corpora):
        parser.error(f"{options.example} needs --corpus {count} times, but has {len(corpora)}")
    speech = iter(corpora)
    setattr(skser, "make_emotional_speech", lambda **_: next(speech))  # noqa: B010
    runpy.run_path(str(EXAMPLES / f"{options.example}.py"), run_name="__main__")
    if options.output:
        plt.savefig(options.output, dpi=120)


if __name__ == "__main__":
    main()
