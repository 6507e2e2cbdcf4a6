from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skser.audio._base import DEFAULT_SR
from skser.audio._blocks import read_blocks
from skser.cli._models import open_model
from skser.cli._options import ModelFile
from skser.cli._output import say, show
from skser.live import LiveEvent, LiveRecognizer
from skser.live._microphone import open_microphone

_BAR = 8
"""Width in characters of a bar for a probability of 1."""

_EIGHTHS = " ▏▎▍▌▋▊▉"

_CHUNK = 0.1
"""Length in seconds of the chunks of a file, similar to those of a microphone."""


def listen(
    model_file: ModelFile,
    source: Path | None,
    realtime: bool,
    device: str | None,
    window: float | None,
    hop: float,
    min_level: float,
) -> None:
    """Print a line for each window of the sound of a microphone or a file."""
    recognizer = LiveRecognizer(open_model(model_file), window, hop, min_level=min_level)
    if source is None:
        chunks, sr = open_microphone(_number_or_name(device))
        say(f"Listening at {sr:g} Hz; stop with Ctrl-C.")
        # After Ctrl-C, the last incomplete window is not needed.
        for chunk in chunks:
            _show(recognizer.push(chunk, sr), recognizer)
        return
    for chunk, sr in _chunks_of(source):
        if realtime:
            time.sleep(len(chunk) / sr)
        _show(recognizer.push(chunk, sr), recognizer)
    _show(recognizer.flush(), recognizer)


def _chunks_of(source: Path) -> Iterator[tuple[NDArray[np.float32], float]]:
    for block, sr in read_blocks(str(source), DEFAULT_SR):
        step = int(_CHUNK * sr)
        for start in range(0, len(block), step):
            yield block[start : start + step], sr


def _show(events: list[LiveEvent], recognizer: LiveRecognizer) -> None:
    for event in events:
        show(line_of(event, recognizer.classes_))


def line_of(event: LiveEvent, classes: NDArray[Any]) -> str:
    """Return a line for a window: its end, its level, its label and a bar for each class."""
    width = max(len(str(label)) for label in classes)
    said = f"({event.reason})" if event.label is None else str(event.label)
    begin = f"{event.end:8.1f} s {event.level:6.1f} dB  {said:<{max(width, 12)}}"
    bars = [f"{label} {bar(share)}" for label, share in (event.probabilities or {}).items()]
    return "  ".join([begin, *bars]).rstrip()


def bar(share: float) -> str:
    """Draw a probability as a bar, with a resolution of an eighth of a character."""
    eighths = round(8 * _BAR * share)
    full, rest = divmod(eighths, 8)
    return ("█" * full + _EIGHTHS[rest]).ljust(_BAR)[:_BAR]


def _number_or_name(device: str | None) -> int | str | None:
    return int(device) if device is not None and device.isdigit() else device
