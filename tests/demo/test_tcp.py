import asyncio

import pytest

from monitor.demo.server import serve
from monitor.demo.tcp import TEMPERAMENTS, udp_echo, udp_silent


async def _talk(name: str, sent: bytes = b"", wanted: int = -1) -> bytes:
    async with serve(TEMPERAMENTS[name]) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(sent)
            return await (reader.read() if wanted < 0 else reader.readexactly(wanted))
        finally:
            writer.close()


@pytest.mark.parametrize(
    ("name", "sent", "said"),
    [
        ("banner", b"", b"220 demo ready\r\n"),
        ("pieces", b"", b"220 demo ready\r\n"),
        ("dialogue", b"ping\r\nhello\r\n", b"PONG\r\nERR what?\r\n"),
        ("echo", b"echo me", b"echo me"),
        ("binary", b"", bytes(range(256))),
        ("escapes", b"", b"220 \x1b[2J"),
        ("endless", b"", b"blah " * 100_000),
    ],
)
async def test_a_talker_says_its_words(name: str, sent: bytes, said: bytes):
    assert await _talk(name, sent, len(said)) == said


@pytest.mark.parametrize(
    ("name", "sent", "said"),
    [("close", b"", b""), ("half-open", b"", b"220 de"), ("dialogue", b"quit\r\n", b"ERR what?\r\n")],
)
async def test_one_that_leaves_says_so(name: str, sent: bytes, said: bytes):
    assert await _talk(name, sent) == said


@pytest.mark.parametrize(("name", "sent"), [("reset", b""), ("reset-when-asked", b"x")])
async def test_one_that_resets_does(name: str, sent: bytes):
    with pytest.raises(ConnectionResetError):
        await _talk(name, sent)


async def test_the_silent_one_says_nothing():
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await _talk("silent", b"anybody?")


async def test_datagrams_are_echoed_or_swallowed():
    assert await udp_echo(b"x") == b"x"
    assert await udp_silent(b"x") is None
