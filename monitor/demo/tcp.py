"""TCP and UDP temperaments: one handler per way to treat a connection."""

from __future__ import annotations

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import Mapping

from monitor.demo.server import Handler, hang_up, reset, until_gone


async def banner(reader: StreamReader, writer: StreamWriter) -> None:
    """Greets, then listens."""
    writer.write(b"220 demo ready\r\n")
    await until_gone(reader)


async def dialogue(reader: StreamReader, writer: StreamWriter) -> None:
    """Answers PING with PONG and QUIT by leaving, anything else with an error."""
    while line := await reader.readline():
        word = line.strip().upper()
        writer.write(b"PONG\r\n" if word == b"PING" else b"ERR what?\r\n")
        if word == b"QUIT":
            return


async def pieces(reader: StreamReader, writer: StreamWriter) -> None:
    """A greeting that arrives in three segments."""
    for piece in (b"220 ", b"demo ", b"ready\r\n"):
        writer.write(piece)
        await asyncio.sleep(0.02)
    await until_gone(reader)


async def echo(reader: StreamReader, writer: StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()


async def silent(reader: StreamReader, writer: StreamWriter) -> None:  # noqa: ARG001 -- a handler's shape
    """Accepts, and sends nothing."""
    await until_gone(reader)


async def close(reader: StreamReader, writer: StreamWriter) -> None:
    """Accepts, and closes at once."""
    await hang_up(reader, writer)


async def half_open(reader: StreamReader, writer: StreamWriter) -> None:
    """Greets without a line's end, closes its own side only, and keeps the other open."""
    writer.write(b"220 de")
    await hang_up(reader, writer)


async def reset_at_once(reader: StreamReader, writer: StreamWriter) -> None:  # noqa: ARG001
    reset(writer)


async def reset_when_asked(reader: StreamReader, writer: StreamWriter) -> None:
    await reader.read(1)
    reset(writer)


async def endless(reader: StreamReader, writer: StreamWriter) -> None:  # noqa: ARG001
    """Talks for ever and never ends a line."""
    while True:
        writer.write(b"blah " * 1000)
        await writer.drain()


async def binary(reader: StreamReader, writer: StreamWriter) -> None:
    writer.write(bytes(range(256)))
    await until_gone(reader)


async def escapes(reader: StreamReader, writer: StreamWriter) -> None:
    """Terminal escape codes and markup as a greeting."""
    writer.write(b"220 \x1b[2J\x1b]0;owned\x07[bold red]owned[/]\r\n")
    await until_gone(reader)


TEMPERAMENTS: Mapping[str, Handler] = {
    "banner": banner,
    "dialogue": dialogue,
    "pieces": pieces,
    "echo": echo,
    "silent": silent,
    "close": close,
    "half-open": half_open,
    "reset": reset_at_once,
    "reset-when-asked": reset_when_asked,
    "endless": endless,
    "binary": binary,
    "escapes": escapes,
}


async def udp_echo(data: bytes) -> bytes | None:
    return data


async def udp_silent(data: bytes) -> bytes | None:  # noqa: ARG001 -- a replier's shape
    return None
