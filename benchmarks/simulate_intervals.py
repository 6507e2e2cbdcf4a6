"""Measure how often a 95 % interval of UAR holds the UAR over all speakers.

Speakers are drawn from a population. The recall of a class by a speaker is made of a part of the
class, a part of the speaker, and a part of the two together; each clip is recognised with that
probability. Three intervals are made of the same predictions: the percentile and the BCa bootstrap
over speakers, and Student's t interval over speakers, as in `EmotionReport`. For each, the
share of intervals that hold the UAR of the population is printed, with the mean width.

Run: ``python benchmarks/simulate_intervals.py [--repeats 1000] [--resamples 500]``. It takes some
minutes; the seeds are fixed.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import bootstrap

from skser.metrics._emotion_report import speaker_interval

N_SPEAKERS = (3, 5, 10, 20, 40)
N_CLASSES = 6
N_CLIPS = 8
"""Of each speaker and class; where corpora are uneven, this is the mean."""

CLASS_SD, SPEAKER_SD, HABIT_SD = 0.6, 0.5, 0.5
"""Standard deviations on the scale of logits. Speakers' UARs are about .55, give or take .11."""

METHODS = ("percentile", "BCa", "t")


def recalls(n_speakers: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Draw speakers: the recall of each in each class, of shape (n_speakers, n_classes)."""
    classes = np.linspace(-1, 1, N_CLASSES) * CLASS_SD * np.sqrt(3) + 0.25
    speakers = rng.normal(0, SPEAKER_SD, (n_speakers, 1))
    return expit(classes + speakers + rng.normal(0, HABIT_SD, (n_speakers, N_CLASSES)))


def uar(hits: Any, support: Any, axis: int = -1) -> Any:
    """Pool clips over speakers (`axis` of arrays of which the first has the classes)."""
    recognised, n_clips = hits.sum(axis=axis), support.sum(axis=axis)
    share = np.divide(recognised, n_clips, out=np.full(n_clips.shape, np.nan), where=n_clips > 0)
    return np.nanmean(share, axis=0)


def intervals(
    hits: Any, support: Any, n_resamples: int, rng: np.random.Generator
) -> Iterator[tuple[float, float]]:
    """Yield the interval of each of METHODS."""

    def resampled(drawn: Any, axis: int = -1) -> Any:
        drawn = drawn.astype(int)
        return uar(hits.T[:, drawn], support.T[:, drawn], axis)

    for method in METHODS[:2]:
        with warnings.catch_warnings():
            # Of speakers who are all alike; the interval is NaN and holds nothing.
            warnings.simplefilter("ignore")
            interval = bootstrap(
                (np.arange(len(hits)),),
                resampled,
                vectorized=True,
                n_resamples=n_resamples,
                method=method,
                random_state=rng,
            ).confidence_interval
        yield interval.low, interval.high
    yield speaker_interval(hits, support, 0.95)


def measure(
    n_speakers: int, uneven: bool, repeats: int, n_resamples: int, truth: float
) -> NDArray[np.float64]:
    """Return coverage and mean width of each method, of shape (2, n_methods)."""
    rng = np.random.default_rng(n_speakers)
    held, width = np.zeros(len(METHODS)), np.zeros(len(METHODS))
    for _ in range(repeats):
        shape = (n_speakers, N_CLASSES)
        support = rng.poisson(N_CLIPS, shape) if uneven else np.full(shape, N_CLIPS)
        hits = rng.binomial(support, recalls(n_speakers, rng))
        for i, (low, high) in enumerate(intervals(hits, support, n_resamples, rng)):
            held[i] += low <= truth <= high
            width[i] += np.nan_to_num(high - low)
    return np.stack([held, width]) / repeats


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=1000)
    parser.add_argument("--resamples", type=int, default=500)
    arguments = parser.parse_args()
    population = recalls(500_000, np.random.default_rng(0))
    truth = float(population.mean())
    spread = population.mean(axis=1).std()
    print(f"UAR of the population {truth:.3f}, standard deviation over speakers {spread:.3f}")
    print("Coverage of nominal 95 % (mean width)\n")
    for name, uneven in {"the same clips from each speaker": False, "uneven": True}.items():
        print(f"| speakers, {name} | percentile bootstrap | BCa bootstrap | t |\n|---|---|---|---|")
        for n_speakers in N_SPEAKERS:
            held, width = measure(n_speakers, uneven, arguments.repeats, arguments.resamples, truth)
            cells = [f"{100 * h:.1f} % ({w:.2f})" for h, w in zip(held, width, strict=True)]
            print(f"| {n_speakers} | {' | '.join(cells)} |", flush=True)
        print()


if __name__ == "__main__":
    main()
