"""The five studies at length: the examples, on RAVDESS, trained as long as the studies.

An example is run as it stands, with the arguments below. They are the study's own epochs and image
sizes where these take at most six hours of one core on RAVDESS, and else the nearest that do; the
fusion runs at half of its size with all splits, and at its own size without the second one. What is
printed goes to ``benchmarks/tables/studies``, with the command, the commit and the minutes of
processor time.

Each network that was trained is kept in ``benchmarks/results/studies``, so that a run that was
stopped goes on where it was. Delete that folder after a change to skser or to an example.

Run: ``python benchmarks/run_studies.py [STUDY ...]``; about seven hours of one core for all.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import pickle
import runpy
import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import joblib
from _common import RESULTS, ravdess_folder

ROOT = Path(__file__).parents[1]
TRAINED = RESULTS / "studies"
TABLES = Path(__file__).parent / "tables" / "studies"
STUDIES = {
    "sequences": "--epochs 50",
    "images": "--epochs 10 --window 2 --pixels 64 --folds 6",
    "incremental": "--epochs 50 --hop 512",
    "fusion": "--epochs 50 --coarse 2",
    "fusion-full-size": "--epochs 50 --coarse 1 --splits 'speakers apart'",
    "alexnet": "--epochs 30 --coarse 2",
}


class Kept:
    """Fits of networks, each made once, and what all of them have cost."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.seconds_of_this_run = 0.0
        self.fits = 0

    def around(self, fit: Callable[..., Any]) -> Callable[..., Any]:
        """Return a `fit` that looks first whether the same network was trained on the same."""

        @wraps(fit)
        def kept(network: Any, X: Any, y: Any, *args: Any, **kwargs: Any) -> Any:
            what = (type(network).__name__, network.get_params(), X, y, args, kwargs)
            path = TRAINED / f"{joblib.hash(what)}.pkl"
            if path.exists():
                state, seconds = pickle.loads(path.read_bytes())
                network.__setstate__(state)
            else:
                start = time.process_time()
                fit(network, X, y, *args, **kwargs)
                seconds = time.process_time() - start
                self.seconds_of_this_run += seconds
                part = path.with_suffix(".part")
                part.write_bytes(pickle.dumps((network.__getstate__(), seconds)))
                part.replace(path)
                print(f"{network.architecture}: {seconds / 60:.1f} min", file=sys.stderr)
            self.seconds += seconds
            self.fits += 1
            return network

        return kept


def run(study: str, data: Path) -> None:
    """Run an example, and write what it prints to a table."""
    from skser.neural._base import NetworkClassifier

    script = f"examples/studies/plot_study_{study.partition('-')[0]}.py"
    arguments = f"--corpus ravdess:{data} {STUDIES[study]}"
    kept, printed, plain = Kept(), io.StringIO(), NetworkClassifier.fit
    setattr(NetworkClassifier, "fit", kept.around(plain))  # noqa: B010
    start = time.process_time()
    sys.argv = [script, *shlex.split(arguments)]
    try:
        with contextlib.redirect_stdout(printed):
            runpy.run_path(str(ROOT / script), run_name="__main__")
    finally:
        setattr(NetworkClassifier, "fit", plain)  # noqa: B010
    git = ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(git, check=True, capture_output=True, text=True).stdout.strip()
    else_seconds = time.process_time() - start - kept.seconds_of_this_run
    head = [
        f"$ python {script} --corpus ravdess:DIR {STUDIES[study]}",
        f"commit {commit}; {kept.fits} networks trained in {kept.seconds / 60:.0f} minutes of "
        f"processor time; all else {else_seconds / 60:.0f} minutes",
    ]
    TABLES.mkdir(parents=True, exist_ok=True)
    (TABLES / f"{study}.txt").write_text("\n".join([*head, "", printed.getvalue()]))
    print(printed.getvalue())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("studies", nargs="*", choices=[*STUDIES, []], default=[*STUDIES])
    options = parser.parse_args()
    data = ravdess_folder()
    if data is None:
        raise SystemExit("no RAVDESS: set SKSER_DATA to the folder that holds ravdess/")
    os.environ["MPLBACKEND"] = "Agg"
    TRAINED.mkdir(parents=True, exist_ok=True)
    for study in options.studies:
        run(study, data)


if __name__ == "__main__":
    main()
