"""Parameter descriptions that many classes share, written once."""

from __future__ import annotations

import textwrap

_SHARED = {
    "{plan}": """
        sr : float, default=None
            Sample rate in Hz that clips are resampled to. None: the union's, 22050 alone.
        n_fft : int, default=None
            Length of a frame in samples. None: the union's, 2048 alone.
        hop_length : int, default=None
            Samples from one frame to the next; frame t is centred at ``t * hop_length / sr``
            seconds. None: the union's, 512 alone.
        window : str or tuple, default=None
            Window of a frame, as for `scipy.signal.get_window`. None: the union's, "hann"
            alone.
        duration : float or "max", default=None
            Seconds that every clip is zero-padded or cut to; "max": as long as the longest
            clip seen in fit. None: the union's; alone, clips stay as they are.
    """,
    "{pooling}": """
        pooling : str, sequence of str, callable or None, default="mean"
            What becomes of a coefficient's frames. Names: mean, std, min, max, range, median,
            iqr, skew, kurtosis, slope (per frame), and pNN for a percentile (p05, p95);
            several are put one behind the other. A callable takes an array of shape
            (n_coefficients, n_frames) and returns a 1-D array. None keeps every frame,
            coefficient by coefficient.
    """,
    "{deltas}": """
        deltas : {0, 1, 2}, default=0
            Also first (1), and second (2) derivatives over time.
    """,
}


def fill(doc: str | None) -> str | None:
    """Replace placeholders such as ``{plan}`` that stand on a line of their own."""
    if doc is None:
        return None
    lines = []
    for line in doc.splitlines():
        shared = _SHARED.get(line.strip())
        if shared is None:
            lines.append(line)
        else:
            indent = line[: len(line) - len(line.lstrip())]
            lines += textwrap.indent(textwrap.dedent(shared).strip("\n"), indent).splitlines()
    return "\n".join(line.rstrip() for line in lines)
