"""Find the files beside an ONNX model that contain its weights, from its protocol buffer.

Only the fields that lead to ``TensorProto.external_data`` are parsed, so that the package ``onnx``
is not needed. Field numbers are those of ``onnx.proto``; the encoding is described at
https://protobuf.dev/programming-guides/encoding.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from pathlib import Path

from skser.exceptions import SkserError

_Buffer = bytes | mmap.mmap

_CHILDREN = {
    "model": {7: "graph", 25: "function"},
    "graph": {1: "node", 5: "tensor", 15: "sparse tensor"},
    "function": {7: "node"},
    "node": {5: "attribute"},
    "attribute": {
        5: "tensor",
        6: "graph",
        10: "tensor",
        11: "graph",
        22: "sparse tensor",
        23: "sparse tensor",
    },
    "sparse tensor": {1: "tensor", 2: "tensor"},
    "tensor": {13: "external data"},
}
"""Fields of each message that lead to external data, and the messages that they contain."""

_KEY, _VALUE = 1, 2
_VARINT, _EIGHT_BYTES, _LENGTH, _FOUR_BYTES = 0, 1, 2, 5


def weight_files(path: Path) -> list[str]:
    """Return the names of the files that contain weights of a model, relative to its folder.

    Parameters
    ----------
    path : Path
        Path of an ONNX file.

    Returns
    -------
    names : list of str
        Sorted names without duplicates; empty if all weights are in the file itself.

    Raises
    ------
    SkserError
        If the file is not a protocol buffer.
    """
    if path.stat().st_size == 0:
        raise SkserError(f"{path.name!r} is empty. Pass the path of an ONNX file.")
    with (
        open(path, "rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data,
    ):
        try:
            return sorted(set(_locations(data, "model", 0, len(data))))
        except (ValueError, IndexError) as error:
            raise SkserError(
                f"{path.name!r} cannot be read as an ONNX model ({error}). Pass the path of an "
                "ONNX file."
            ) from error


def _locations(data: _Buffer, message: str, start: int, end: int) -> Iterator[str]:
    if message == "external data":
        entry = {field: data[a:b].decode() for field, a, b in _fields(data, start, end)}
        if entry.get(_KEY) == "location":
            yield entry.get(_VALUE, "")
        return
    children = _CHILDREN[message]
    for field, a, b in _fields(data, start, end):
        if field in children:
            yield from _locations(data, children[field], a, b)


def _fields(data: _Buffer, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Yield number, start and end of the length-delimited fields of a message."""
    at = start
    while at < end:
        tag, at = _varint(data, at)
        field, kind = tag >> 3, tag & 7
        if field == 0 or kind not in (_VARINT, _EIGHT_BYTES, _LENGTH, _FOUR_BYTES):
            raise ValueError(f"no field begins at byte {at}")
        if kind == _VARINT:
            _, at = _varint(data, at)
            continue
        length = {_EIGHT_BYTES: 8, _FOUR_BYTES: 4}.get(kind)
        if length is None:
            length, at = _varint(data, at)
        if at + length > end:
            raise ValueError(f"the field at byte {at} exceeds the message that contains it")
        if kind == _LENGTH:
            yield field, at, at + length
        at += length


def _varint(data: _Buffer, at: int) -> tuple[int, int]:
    """Return an integer of variable length, and the position after it."""
    value = 0
    for shift in range(0, 70, 7):
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise ValueError(f"the number before byte {at} does not end")
