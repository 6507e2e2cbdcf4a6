from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class SampleBuffer:
    """The latest samples of a stream, indexed by their position in the whole stream.

    Attributes
    ----------
    n_samples : int
        Number of samples of the stream so far.
    """

    def __init__(self) -> None:
        self.n_samples = 0
        self._memory = np.empty(0, dtype=np.float32)
        self._n_held = 0

    @property
    def nbytes(self) -> int:
        """Size of the memory for samples, in bytes."""
        return self._memory.nbytes

    def append(self, y: NDArray[np.float32]) -> None:
        """Add samples at the end."""
        needed = self._n_held + len(y)
        if needed > len(self._memory):
            larger = np.empty(2 * needed, dtype=np.float32)
            larger[: self._n_held] = self._memory[: self._n_held]
            self._memory = larger
        self._memory[self._n_held : needed] = y
        self._n_held = needed
        self.n_samples += len(y)

    def drop_before(self, place: int) -> None:
        """Discard the samples before a position in the stream."""
        kept = max(0, min(self._n_held, self.n_samples - place))
        # Not for every sample, because moving the samples that are kept takes time.
        if self._n_held - kept > kept:
            self._memory[:kept] = self._memory[self._n_held - kept : self._n_held]
            self._n_held = kept

    def cut(self, first: int, end: int) -> NDArray[np.float32]:
        """Return a copy of the samples between two positions in the stream."""
        before = self.n_samples - self._n_held
        return self._memory[first - before : end - before].copy()
