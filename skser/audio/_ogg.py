"""Check from its pages whether an Ogg file (Vorbis, Opus, Speex, FLAC in Ogg) is complete.

libogg skips pages whose checksum is wrong, and libsndfile takes the last remaining page for the
end, so that a damaged or truncated file decodes to a shorter clip without an error. The framing of
pages is defined in RFC 3533, section 6.
"""

from __future__ import annotations

import os
import struct
import zlib
from typing import BinaryIO

_MAGIC = b"OggS"
_HEADER = struct.Struct("<4sBBqIIIB")
_BEGINS, _ENDS = 2, 4
"""Flags of the first and the last page of a stream."""

_MIRRORED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
"""Each byte with its bits in reverse order."""

_ADVICE = "Copy or download it again, or remove it."


def is_ogg(head: bytes) -> bool:
    """Return whether a file that begins with these bytes is an Ogg file."""
    return head.startswith(_MAGIC)


def find_ogg_damage(path: str | os.PathLike[str]) -> str | None:
    """Return what is wrong with the pages of an Ogg file and what to do, or None if it is valid.

    The whole file is read, page by page, but not decoded.
    """
    with open(path, "rb") as file:
        return find_damaged_page(file)


def find_damaged_page(file: BinaryIO) -> str | None:
    """Return what is wrong with an Ogg file that is open at its start, or None if it is valid."""
    numbers: dict[int, int] = {}
    open_streams: set[int] = set()
    n_chained = 0
    while open_streams or not numbers or _is_next_page(file):
        page = _read_page(file)
        if isinstance(page, str):
            return page
        flags, stream, number = page
        if flags & _BEGINS:
            n_chained += bool(numbers) and not open_streams
            open_streams.add(stream)
        elif numbers.get(stream) != number - 1 or stream not in open_streams:
            return f"damaged: Ogg pages are missing before page {number}. {_ADVICE}"
        numbers[stream] = number
        if flags & _ENDS:
            open_streams.discard(stream)
    if n_chained:
        return (
            f"the file has {n_chained + 1} Ogg streams one after another, of which libsndfile "
            "reads only the first. Convert it to a single stream ('ffmpeg -i in.ogg out.wav')."
        )
    return None


def _is_next_page(file: BinaryIO) -> bool:
    """Return whether a page follows; anything else after the last page is not sound."""
    following = file.read(len(_MAGIC))
    file.seek(-len(following), os.SEEK_CUR)
    return following == _MAGIC


def _read_page(file: BinaryIO) -> tuple[int, int, int] | str:
    """Return a page's flags, stream number and page number, or a message if it is damaged."""
    header = file.read(_HEADER.size)
    if len(header) < _HEADER.size:
        return (
            f"truncated: the last Ogg page does not end the stream. {_ADVICE} If it was recorded "
            "like this, convert it ('ffmpeg -i in.ogg out.wav')."
        )
    magic, _, flags, _, stream, number, checksum, n_segments = _HEADER.unpack(header)
    if magic != _MAGIC:
        return f"damaged: no Ogg page begins at byte {file.tell() - _HEADER.size}. {_ADVICE}"
    lengths = file.read(n_segments)
    n_bytes = sum(lengths)
    body = file.read(n_bytes)
    if len(lengths) < n_segments or len(body) < n_bytes:
        return f"truncated: the last Ogg page is incomplete. {_ADVICE}"
    if _checksum(header[:22] + bytes(4) + header[26:] + lengths + body) != checksum:
        return f"damaged: the checksum of Ogg page {number} is wrong. {_ADVICE}"
    return flags, stream, number


def _checksum(page: bytes) -> int:
    """Return the CRC of Ogg, whose polynomial is that of zlib with the bits in reverse order.

    zlib also starts from all ones and inverts the result; both are undone here.
    """
    mirrored = zlib.crc32(page.translate(_MIRRORED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int.from_bytes(mirrored.to_bytes(4, "little").translate(_MIRRORED), "big")
