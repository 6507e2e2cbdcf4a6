"""Check arrays in NumPy's own format before NumPy allocates the size in their headers."""

from __future__ import annotations

import io
import math

import numpy as np

from skser.exceptions import ModelFileError

_LONGEST_HEADER = 4096


def check_array(name: str, content: bytes) -> None:
    """Check that an array is as large as its header says, and holds no Python objects.

    Parameters
    ----------
    name : str
        Name of the member, for messages.
    content : bytes
        Output of `numpy.save`.

    Raises
    ------
    ModelFileError
        If the size differs, the header is damaged, or the array holds Python objects.
    """
    stream = io.BytesIO(content)
    try:
        version = np.lib.format.read_magic(stream)
        read = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }[version]
        shape, _, dtype = read(stream, max_header_size=_LONGEST_HEADER)
    # A header is a Python literal, which can be wrong in several ways.
    except Exception as error:
        raise ModelFileError(f"holds an array {name!r} whose header is damaged") from error
    if dtype.hasobject:
        raise ModelFileError(f"holds an array {name!r} of Python objects, which could run code")
    n_values = math.prod(shape)
    if dtype.itemsize == 0 and n_values != 0:
        raise ModelFileError(f"holds an array {name!r} of values that take no bytes")
    stated = n_values * dtype.itemsize
    present = len(content) - stream.tell()
    if stated != present or any(size < 0 for size in shape):
        raise ModelFileError(
            f"holds an array {name!r} that should take {stated} bytes but takes {present}"
        )
