"""Compute the features of each window of each clip; each file is decoded once."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.utils import Bunch
from tqdm.auto import tqdm

from skser._text import counted
from skser.audio import Audio, Segment, as_items
from skser.audio._base import DEFAULT_SR
from skser.audio._blocks import read_blocks
from skser.audio._items import Item, describe
from skser.cli._options import OnError
from skser.cli._output import is_interactive, say
from skser.cli._usable import usable_clips
from skser.compose import AudioFeatureUnion
from skser.compose._segment_classifier import TOLERANCE, cut_times
from skser.exceptions import AudioError
from skser.extraction._doubts import collecting
from skser.live._sample_buffer import SampleBuffer

_SHORTEST = 1e-3
"""Shortest window and hop in seconds."""

_BATCH = 64
"""Number of windows per batch, so that memory does not grow with the recording."""


class Windows(NamedTuple):
    """The windows of a clip."""

    times: NDArray[np.float64]
    """Start and end in seconds from the start of the file, shape (n_windows, 2)."""
    values: NDArray[np.float32]
    """Features, shape (n_windows, n_values)."""


def check_window(window: float | None, hop: float | None) -> tuple[float, float] | None:
    """Return window and hop in seconds, or None if each clip becomes one row.

    Parameters
    ----------
    window, hop : float or None
        Values of the flags. The hop defaults to the window.

    Returns
    -------
    window_and_hop : tuple of float, or None
        Window and hop in seconds.

    Raises
    ------
    ValueError
        If one of them is too short, or there is a hop without a window.
    """
    if window is None:
        if hop is not None:
            raise ValueError("--hop is the step between windows, so it needs --window. Pass both.")
        return None
    hop = window if hop is None else hop
    for flag, seconds in (("--window", window), ("--hop", hop)):
        if not _SHORTEST <= seconds < np.inf:
            raise ValueError(f"{flag} {seconds:g} is invalid: pass {_SHORTEST:g} seconds or more.")
    return window, hop


def extract_windows(
    union: AudioFeatureUnion,
    corpus: Bunch,
    window: float,
    hop: float,
    *,
    n_jobs: int,
    on_error: OnError,
) -> tuple[Bunch, list[Windows]]:
    """Compute the features of each window of each clip.

    Parameters
    ----------
    union : AudioFeatureUnion
        Union of features that compute vectors; it is fitted in place.
    corpus : Bunch
        Clips.
    window, hop : float
        Length and hop of the windows in seconds.
    n_jobs : int
        Number of processes among which the clips are distributed.
    on_error : OnError
        What to do after a clip that cannot be read.

    Returns
    -------
    usable : Bunch
        The corpus without the clips that cannot be read.
    windows : list of Windows
        Windows of each of its clips.
    """
    if window < (frame := union.n_fft / union.sr):
        say(
            f"Warning: windows of {window:g} s are shorter than an analysis frame, which lasts "
            f"{frame:.3g} s. Each is padded with zeros, so its features are of little use. Pass a "
            "longer --window."
        )
    # The number of values does not depend on the sound.
    union.fit([Audio(np.zeros(round(DEFAULT_SR)), DEFAULT_SR)])
    found = Parallel(n_jobs=n_jobs, return_as="generator")(
        delayed(_windows_or_error)(union, item, place, window, hop)
        for place, item in enumerate(corpus.data)
    )
    results = list(tqdm(found, total=len(corpus.data), unit="clip", disable=not is_interactive()))
    failures = {i: result for i, result in enumerate(results) if isinstance(result, AudioError)}
    windows = [result for result in results if isinstance(result, Windows)]
    usable = usable_clips(corpus, failures, on_error)
    n_short = sum(bool(np.ptp(w.times[0]) < window - TOLERANCE) for w in windows)
    if n_short:
        say(
            f"1 of {counted(len(windows), 'clip')} is shorter than {window:g} s and becomes one "
            "row, as long as the clip."
            if n_short == 1
            else f"{n_short} of {len(windows)} clips are shorter than {window:g} s; each becomes "
            "one row, as long as the clip."
        )
    return usable, windows


def _windows_or_error(
    union: AudioFeatureUnion, item: Item, place: int, window: float, hop: float
) -> Windows | AudioError:
    try:
        return windows_of(union, item, place, window, hop)
    except AudioError as error:
        return error


def windows_of(
    union: AudioFeatureUnion, item: Item, place: int, window: float, hop: float
) -> Windows:
    """Compute the features of each window of a clip, which is decoded in blocks.

    Parameters
    ----------
    union : AudioFeatureUnion
        Fitted union.
    item : path, Segment or Audio
        Clip to cut.
    place : int
        Position of the clip in the corpus, for messages.
    window, hop : float
        Length and hop of the windows in seconds.

    Returns
    -------
    windows : Windows
        Windows, cut as by `timeline`: if the last regular window ends before the clip, one more
        window is added that ends with the clip. A clip shorter than the window is a single window.

    Raises
    ------
    AudioError
        If the clip cannot be read; the message names it.
    """
    times: list[tuple[float, float]] = []
    values = []
    cut = _cut(item, window, hop)
    try:
        while batch := list(islice(cut, _BATCH)):
            times += [(start, end) for start, end, _ in batch]
            # A pause in a recording may well be silent.
            with collecting():
                values.append(union.transform(as_items([audio for *_, audio in batch])))
    except AudioError as error:
        # The message names the clip without its position, or a window, whose sound has no name.
        clip, message = f"{describe(item)}: ", str(error)
        reason = message[len(clip) :] if message.startswith(clip) else message.partition(": ")[2]
        raise AudioError(f"{describe(item, place)}: {reason}") from error
    offset = item.start if isinstance(item, Segment) else 0.0
    return Windows(np.array(times) + offset, np.concatenate(values))


def _cut(item: Item, window: float, hop: float) -> Iterator[tuple[float, float, Audio]]:
    """Yield start and end of each window, in seconds from the start of the clip, and its sound."""
    buffer, n_windows = SampleBuffer(), 0
    rate: float = DEFAULT_SR

    def piece(start: float, end: float) -> tuple[float, float, Audio]:
        first = round(start * rate)
        y = buffer.cut(first, min(max(first + 1, round(end * rate)), buffer.n_samples))
        return start, end, Audio(y, rate)

    for block, rate in read_blocks(item, DEFAULT_SR):
        buffer.append(block)
        while (start := hop * n_windows) + window <= buffer.n_samples / rate:
            n_windows += 1
            yield piece(start, start + window)
        # The last window ends with the sound, whose end is not known yet.
        latest = buffer.n_samples / rate - window
        buffer.drop_before(round(max(0.0, min(hop * n_windows, latest)) * rate))
    for start, end in cut_times(buffer.n_samples / rate, window, hop)[n_windows:].tolist():
        yield piece(start, end)
