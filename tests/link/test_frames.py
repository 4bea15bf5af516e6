"""Frames on a stream."""

from __future__ import annotations

import asyncio
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import LinkError
from monitor.link.frames import LARGEST, LARGEST_REQUEST, read_frame, write_frame


def written(*frames: bytes) -> bytes:
    return b"".join(len(frame).to_bytes(4, "big") + frame for frame in frames)


async def read_all(stream: bytes, cuts: list[int], largest: int = LARGEST) -> list[bytes]:
    """Every frame of ``stream``, which arrives in pieces of these sizes."""
    reader = asyncio.StreamReader()

    async def arrive() -> None:
        rest = stream
        for size in cuts:
            reader.feed_data(rest[:size] or b"")
            rest = rest[size:]
            await asyncio.sleep(0)
        reader.feed_data(rest)
        reader.feed_eof()

    arriving = asyncio.create_task(arrive())
    frames = []
    while (frame := await read_frame(reader, largest)) is not None:
        frames.append(frame)
    await arriving
    return frames


@given(st.lists(st.binary(max_size=300), max_size=8), st.lists(st.integers(0, 9), max_size=40))
def test_frames_arrive_as_they_were_sent_however_they_are_cut(frames: list[bytes], cuts: list[int]):
    assert asyncio.run(read_all(written(*frames), cuts)) == frames


@given(st.binary(max_size=64))
def test_whatever_arrives_is_frames_or_a_link_error(stream: bytes):
    try:
        frames = asyncio.run(read_all(stream, [], largest=32))
    except LinkError:
        return
    assert written(*frames) == stream


@pytest.mark.parametrize("cut", [1, 3, 4, 5, 8])
async def test_a_frame_cut_short_is_an_error(cut: int):
    with pytest.raises(LinkError, match="the connection ended within a message"):
        await read_all(written(b"hello")[:cut], [])


async def test_a_frame_too_long_is_refused_before_it_is_read():
    reader = asyncio.StreamReader()
    reader.feed_data((LARGEST_REQUEST + 1).to_bytes(4, "big"))
    with pytest.raises(LinkError, match=f"received a message of {LARGEST_REQUEST + 1} bytes"):
        await read_frame(reader, LARGEST_REQUEST)


async def test_a_frame_as_long_as_may_be_is_read():
    assert await read_all(written(b"x" * 32), [], largest=32) == [b"x" * 32]


async def pair() -> tuple[asyncio.StreamWriter, asyncio.StreamReader, asyncio.StreamWriter]:
    ours, theirs = socket.socketpair()
    _, writer = await asyncio.open_unix_connection(sock=ours)
    reader, other = await asyncio.open_unix_connection(sock=theirs)
    return writer, reader, other


async def test_a_large_frame_is_taken_at_the_readers_pace():
    writer, reader, other = await pair()
    frame = bytes(3 << 20)
    sending = asyncio.create_task(write_frame(writer, frame))
    for _ in range(20):
        await asyncio.sleep(0)
    assert not sending.done()
    assert await read_frame(reader) == frame
    await sending
    writer.close()
    other.close()


async def _write_forever(writer: asyncio.StreamWriter) -> None:
    while True:
        await write_frame(writer, bytes(1 << 20))


async def test_writing_to_who_has_gone_is_a_link_error():
    writer, _, other = await pair()
    other.close()
    await other.wait_closed()
    with pytest.raises(LinkError, match="the connection broke"):
        await _write_forever(writer)
    writer.close()


async def test_a_connection_that_breaks_while_reading_is_a_link_error():
    reader = asyncio.StreamReader()
    reader.set_exception(ConnectionResetError(104, "Connection reset by peer"))
    with pytest.raises(LinkError, match="the connection broke: Connection reset by peer"):
        await read_frame(reader)
