"""As much BER as LDAP's logins and StartTLS need."""

import asyncio
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import ProbeError
from monitor.model import Reason
from monitor.wire.ber import LONGEST, SEQUENCE, read_message, take, tlv
from monitor.wire.connection import Connection


@given(st.integers(0, 255), st.binary(max_size=400), st.binary(max_size=5))
def test_an_element_is_read_as_it_was_written(tag: int, content: bytes, rest: bytes) -> None:
    assert take(tlv(tag, content) + rest, tag) == (content, rest)


@given(st.binary(max_size=40))
def test_garbage_is_a_protocol_error_or_an_element(garbage: bytes) -> None:
    try:
        content, rest = take(garbage, SEQUENCE)
    except ProbeError as error:
        assert error.reason is Reason.PROTOCOL_ERROR  # noqa: PT017
    else:
        assert garbage.endswith(content + rest)


async def read(data: bytes) -> bytes:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with theirs, Connection(ours) as connection:
        theirs.sendall(data)
        theirs.shutdown(socket.SHUT_WR)
        return await read_message(connection)


async def test_a_message_is_read_whole() -> None:
    assert await read(tlv(SEQUENCE, b"x" * 300) + b"more") == b"x" * 300


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x30",
        b"HTTP/1.1 400",
        b"\x30\x84" + (LONGEST + 1).to_bytes(4, "big"),
        b"\x30\x88" + b"\xff" * 8,
        b"\x30\x05abc",
    ],
)
async def test_what_is_no_message_is_a_protocol_error(data: bytes) -> None:
    with pytest.raises(ProbeError) as caught:
        await asyncio.wait_for(read(data), 5)
    assert caught.value.reason is Reason.PROTOCOL_ERROR
