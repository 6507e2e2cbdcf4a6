"""Batches of clips that differ in length, padded to the longest clip of each batch only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from skser.preprocessing._ragged import is_ragged, pad_ragged

if TYPE_CHECKING:
    import tensorflow as tf


_LANES = 8
"""Number of values that a vector register of the processor holds, or half of that number."""

_ROWS, _VALUES = 1024, 2**18
"""Maximal number of rows, and of values, to predict at once: the outputs of a network's first
layer are a multiple of its input."""


@dataclass(frozen=True)
class Samples:
    """Samples that a network is trained or validated on."""

    X: NDArray[Any]
    y: NDArray[np.int64]
    weight: NDArray[np.float64] | None

    def take(self, rows: NDArray[np.intp]) -> Samples:
        """Return the samples in these rows."""
        weight = None if self.weight is None else self.weight[rows]
        return Samples(self.X[rows], self.y[rows], weight)

    def arrays(self) -> tuple[NDArray[Any], ...]:
        """Return X, y and, if there are any, the weights."""
        return (self.X, self.y) if self.weight is None else (self.X, self.y, self.weight)


def padded(X: NDArray[Any]) -> NDArray[np.float32]:
    """Return X as one array, in which shorter clips are padded with NaN."""
    return pad_ragged(X) if is_ragged(X) else X


def ragged_batches(
    samples: Samples, batch_size: int, shape: Sequence[int | None], seed: int | None
) -> tf.data.Dataset:
    """Make batches of clips that differ in length, for Keras to train or validate on.

    Parameters
    ----------
    samples : Samples
        Samples whose X is an object array.
    batch_size : int
    shape : sequence of int or None
        Shape of a sample, with None along frames, so that TensorFlow traces a network once for
        all lengths.
    seed : int or None
        Seed for shuffling the samples in each epoch. None keeps their order.

    Returns
    -------
    batches : tf.data.Dataset
    """
    import tensorflow as tf

    random = None if seed is None else np.random.default_rng(seed)
    n_samples = len(samples.y)

    def epoch() -> Iterator[tuple[NDArray[Any], ...]]:
        order = np.arange(n_samples) if random is None else random.permutation(n_samples)
        for start in range(0, n_samples, batch_size):
            X, *others = samples.take(order[start : start + batch_size]).arrays()
            yield (padded(X), *others)

    specs = [tf.TensorSpec((None, *shape), tf.float32), tf.TensorSpec((None,), tf.int64)]
    if samples.weight is not None:
        specs.append(tf.TensorSpec((None,), tf.float32))
    batches = tf.data.Dataset.from_generator(epoch, output_signature=tuple(specs))
    return batches.apply(tf.data.experimental.assert_cardinality(-(-n_samples // batch_size)))


def predict_in_chunks(
    run: Callable[[NDArray[np.float32]], Sequence[Any]], X: NDArray[Any], widths: tuple[int, int]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Run a network over samples in chunks of similar length, which need little padding.

    Parameters
    ----------
    run : callable
        Function that maps an array of samples, padded with NaN, to probabilities and embeddings.
    X : ndarray of shape (n_samples, ...)
        Samples, or an object array of samples that differ in length.
    widths : tuple (n_classes, n_units)
        Numbers of columns of the two outputs.

    Returns
    -------
    probabilities : ndarray of shape (n_samples, n_classes), dtype=float32
    embedding : ndarray of shape (n_samples, n_units), dtype=float32
    """
    sizes = np.array([x.size for x in X]) if is_ragged(X) else np.full(len(X), X[0].size)
    probabilities, embeddings = (np.empty((len(X), width), np.float32) for width in widths)
    for rows in chunks_to_predict(sizes, _ROWS, _VALUES):
        outputs = run(padded(X[filled(rows, sizes, _VALUES)]))
        probabilities[rows], embeddings[rows] = (part[: len(rows)] for part in outputs)
    return probabilities, embeddings


def chunks_to_predict(
    sizes: NDArray[np.intp], max_rows: int, max_values: int
) -> Iterator[NDArray[np.intp]]:
    """Split samples into chunks of similar size, each of which is predicted at once.

    Parameters
    ----------
    sizes : ndarray of shape (n_samples,)
        Number of values in each sample.
    max_rows, max_values : int
        Maximal number of samples in a chunk, and of its values when each sample is padded to the
        largest. A sample with more values forms a chunk by itself.

    Yields
    ------
    rows : ndarray of shape (n_rows,)
        Indices of the samples in a chunk.
    """
    order = np.argsort(sizes, kind="stable")
    start = 0
    while start < len(order):
        # In ascending order the last sample of a chunk is its largest.
        ends = np.arange(1, min(max_rows, len(order) - start) + 1)
        fitting = ends[ends * sizes[order[start + ends - 1]] <= max_values]
        n_rows = int(fitting[-1]) if len(fitting) else 1
        if n_rows > _LANES and start + n_rows < len(order):
            n_rows -= n_rows % _LANES
        yield order[start : start + n_rows]
        start += n_rows


def filled(rows: NDArray[np.intp], sizes: NDArray[np.intp], max_values: int) -> NDArray[np.intp]:
    """Repeat samples of a chunk until their number is a multiple of the vector length.

    Otherwise the last rows would be computed in a different order than the rows before, and the
    prediction for a sample would depend on its position. A chunk of one sample is not changed,
    nor is one that would exceed `max_values`.
    """
    n_rows = -(-len(rows) // _LANES) * _LANES
    if len(rows) == 1 or n_rows * sizes[rows].max() > max_values:
        return rows
    return np.resize(rows, n_rows)
