"""Change Google's speech embedding so that it takes images of any length.

The model takes windows of 76 frames. No layer pads the time axis, and the three layers that pool
over time halve it without a remainder. On an image of ``76 + 8 n`` frames, the same layers
therefore compute what the model returns for ``n + 1`` windows with a hop of 8 frames, and they
compute what the windows share only once.

Only the lengths that the file states have to change. Each is replaced by one of as many bytes, so
that the package ``onnx`` is not needed. This is safe because the SHA-256 of the file is known. The
messages are those of ``onnx.proto``, and the encoding is described at
https://protobuf.dev/programming-guides/encoding.
"""

from __future__ import annotations

import numpy as np

SHAPE = (76, 32, 1)
"""Shape of a window: frames, bands, channels."""

HOP = 8
"""Hop in frames between the windows of a longer image."""

_N_VALUES = 96


def with_any_length(model: bytes) -> bytes:
    """Return the model with a time axis of variable length.

    Parameters
    ----------
    model : bytes
        Content of the file, whose inputs have the shape (batch, 76, 32, 1) and whose outputs have
        the shape (batch, 1, 1, 96).

    Returns
    -------
    changed : bytes
        Model whose inputs have the shape (batch, 76 + 8 n, 32, 1) and whose outputs have the shape
        (batch, 96, n + 1, 1).
    """
    n_frames, n_bands, _ = SHAPE
    replacements = {
        _dimensions(*SHAPE): _dimensions(None, n_bands, 1),
        _dimensions(1, 1, _N_VALUES): _dimensions(_N_VALUES, None, 1),
        # The target shapes of the first and the last layer, where 0 keeps a length of the input
        # and -1 stands for the length that remains.
        _integers(-1, 1, n_frames, n_bands): _integers(0, 1, -1, n_bands),
        _integers(-1, 1, 1, _N_VALUES): _integers(0, _N_VALUES, -1, 1),
    }
    for old, new in replacements.items():
        model = model.replace(old, new)
    return model


def _dimensions(*lengths: int | None) -> bytes:
    """Encode successive dimensions of a ``TensorShapeProto``.

    Each is field 1 (0A) of two bytes: ``dim_value`` (08), which is below 128, or ``dim_param``
    (12), whose empty name (00) stands for any length.
    """
    return b"".join(
        bytes([0x0A, 2, 0x12, 0] if length is None else [0x0A, 2, 0x08, length])
        for length in lengths
    )


def _integers(*values: int) -> bytes:
    """Encode ``TensorProto.raw_data`` of 64-bit integers."""
    return np.array(values, dtype="<i8").tobytes()
