"""Frames on a stream: four bytes of length, big-endian, then as many bytes."""

from __future__ import annotations

import asyncio
import struct

from monitor.errors import LinkError

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]
LARGEST = 256 << 20
"""Limit of an answer in bytes; a snapshot of 100,000 endpoints stays well below."""
LARGEST_REQUEST = 16 << 20
"""Limit of a request in bytes; the handles of 100,000 endpoints stay well below."""
_LENGTH = struct.Struct(">I")


async def read_frame(reader: asyncio.StreamReader, largest: int = LARGEST) -> bytes | None:
    """The next frame; None at the end of the stream. Raises LinkError if it is cut short or too long."""
    header = b""
    try:
        header = await reader.readexactly(_LENGTH.size)
        (length,) = _LENGTH.unpack(header)
        if length > largest:
            raise LinkError(f"received a message of {length} bytes; the limit is {largest}")
        return await reader.readexactly(length)
    except asyncio.IncompleteReadError as error:
        if not header and not error.partial:
            return None
        raise LinkError("the connection ended within a message") from None
    except OSError as error:
        raise LinkError(f"the connection broke: {error.strerror or error}") from None


async def write_frame(writer: asyncio.StreamWriter, frame: bytes) -> None:
    """Send ``frame`` and wait until there is room for more. Raises LinkError if the connection broke."""
    try:
        writer.write(_LENGTH.pack(len(frame)))
        writer.write(frame)
        await writer.drain()
    except OSError as error:
        raise LinkError(f"the connection broke: {error.strerror or error}") from None
