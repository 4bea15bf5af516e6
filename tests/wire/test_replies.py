"""Replies with three-digit codes."""

import socket
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from monitor.errors import ProbeError
from monitor.model import Reason
from monitor.wire.connection import Connection
from monitor.wire.replies import ask, expect, hello, read_line, read_reply, smtp_starttls

T = TypeVar("T")


async def hear(said: bytes, listen: Callable[[Connection], Awaitable[T]]) -> tuple[T, bytes]:
    """What ``listen`` makes of ``said``, and what it wrote."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with theirs, Connection(ours) as connection:
        theirs.sendall(said)
        theirs.shutdown(socket.SHUT_WR)
        found = await listen(connection)
        theirs.setblocking(False)
        try:
            return found, theirs.recv(1000)
        except BlockingIOError:
            return found, b""


@pytest.mark.parametrize(
    ("said", "lines"),
    [
        (b"220 hi\r\n", [b"220 hi"]),
        (b"220-a\r\n220-b\r\n220 c\r\n", [b"220-a", b"220-b", b"220 c"]),
        (b"230-Welcome\r\n to us\r\n230 in\r\n", [b"230-Welcome", b" to us", b"230 in"]),
        (b"220\n", [b"220"]),
    ],
)
async def test_a_reply_ends_with_its_last_line(said: bytes, lines: list[bytes]) -> None:
    assert (await hear(said, read_reply))[0] == lines


async def test_a_line_is_read_without_its_end() -> None:
    assert (await hear(b"* OK\r\nmore", read_line))[0] == b"* OK"


@pytest.mark.parametrize("said", [b"", b"hello\r\n", b"220-a\r\n" * 200, b"2" * 10_000])
async def test_what_is_no_reply_is_a_protocol_error(said: bytes) -> None:
    with pytest.raises(ProbeError) as caught:
        await hear(said, read_reply)
    assert caught.value.reason is Reason.PROTOCOL_ERROR


async def test_another_code_than_expected_is_told_with_the_servers_words() -> None:
    with pytest.raises(ProbeError, match="it was refused, the server said: 550 ␛no"):
        await hear(b"550 \x1bno\r\n", lambda one: expect(one, b"250", "it was refused"))


async def test_a_question_is_one_line() -> None:
    lines, wrote = await hear(b"250 ok\r\n", lambda one: ask(one, b"NOOP", b"250", "no"))
    assert (lines, wrote) == ([b"250 ok"], b"NOOP\r\n")


async def test_a_greeting_says_what_the_server_offers() -> None:
    said = b"250-mail hello\r\n250-Size 100\r\n250-auth PLAIN login\r\n250 STARTTLS\r\n"
    offered, wrote = await hear(said, hello)
    assert offered == {"MAIL": "HELLO", "SIZE": "100", "AUTH": "PLAIN LOGIN", "STARTTLS": ""}
    assert wrote == b"EHLO monitor.invalid\r\n"


async def test_starttls_has_to_be_accepted() -> None:
    assert (await hear(b"220 go\r\n", smtp_starttls))[1] == b"STARTTLS\r\n"
    with pytest.raises(ProbeError, match="STARTTLS was refused"):
        await hear(b"454 later\r\n", smtp_starttls)
