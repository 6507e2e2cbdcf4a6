from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_REACH = 100
"""Number of samples, at the lower rate, over which soxr's "HQ" filter spreads one sample (96)."""


class Resampler:
    """Resample a stream with ``soxr_hq``; the values do not depend on the chunks.

    They are bit-identical to ``soxr.resample`` of the whole stream. A sample that is NaN is NaN in
    the output, as far as the filter spreads it, and does not affect later samples.

    Parameters
    ----------
    source_sr, sr : float
        Sample rates in Hz, of the input and the output.
    """

    def __init__(self, source_sr: float, sr: float) -> None:
        import soxr

        self.source_sr = source_sr
        self._ratio = sr / source_sr
        self._reach = _REACH / min(1.0, self._ratio)
        self._stream = soxr.ResampleStream(source_sr, sr, 1, dtype="float32", quality="soxr_hq")
        self._n_in = self._n_out = 0
        self._bad: list[tuple[int, int]] = []

    def process(self, y: NDArray[np.float32], *, last: bool = False) -> NDArray[np.float32]:
        """Return the samples that are ready; with `last`, all remaining samples."""
        bad = np.isnan(y)
        if bad.any():
            places = self._n_in + np.flatnonzero(bad)
            for run in np.split(places, np.flatnonzero(np.diff(places) > 1) + 1):
                first, end = (run[0] - self._reach, run[-1] + self._reach)
                self._bad.append((int(first * self._ratio), int(end * self._ratio) + 1))
            y = np.where(bad, np.float32(0), y)
        out: NDArray[np.float32] = self._stream.resample_chunk(y, last=last)
        for first, end in self._bad:
            out[max(0, first - self._n_out) : max(0, end - self._n_out)] = np.nan
        self._n_in += len(y)
        self._n_out += len(out)
        self._bad = [(first, end) for first, end in self._bad if end > self._n_out]
        return out
