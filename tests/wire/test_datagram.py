"""UDP conversations."""

import asyncio
import socket

import pytest

from monitor.demo.process import RunningZoo
from monitor.errors import ProbeError
from monitor.model import Reason
from monitor.trace import Trace
from monitor.wire.datagram import open_datagram


def split(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host, int(port)


async def test_what_is_sent_to_an_echo_comes_back(zoo: RunningZoo) -> None:
    trace = Trace()
    with await open_datagram(*split(zoo.addresses["udp-echo"]), trace) as peer:
        await peer.send(b"hello")
        assert await peer.receive() == b"hello"
    assert trace.address == zoo.addresses["udp-echo"]


async def test_a_port_where_nobody_listens_is_refused() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with await open_datagram("127.0.0.1", port, Trace()) as peer:
        await peer.send(b"hello")
        with pytest.raises(ProbeError) as caught:
            await asyncio.wait_for(peer.receive(), 5)
    assert caught.value.reason is Reason.CONNECTION_REFUSED


async def test_what_strangers_send_is_not_heard(zoo: RunningZoo) -> None:
    with await open_datagram(*split(zoo.addresses["udp-echo"]), Trace()) as peer:
        own = peer._sock.getsockname()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.sendto(b"forged", own)
        await peer.send(b"asked")
        assert await peer.receive() == b"asked"


async def test_the_family_asked_for_is_kept() -> None:
    with pytest.raises(ProbeError) as caught:
        await open_datagram("127.0.0.1", 9, Trace(), 6)
    assert caught.value.reason is Reason.UNREACHABLE


async def test_what_comes_at_the_last_moment_is_not_lost() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        with await open_datagram("127.0.0.1", server.getsockname()[1], Trace()) as peer:
            await peer.send(b"")
            _, client = server.recvfrom(10)
            now = asyncio.get_running_loop().time()
            waiting = asyncio.ensure_future(peer.receive_by(now))
            await asyncio.sleep(0)
            server.sendto(b"at last", client)
            assert await waiting == b"at last"
            assert await peer.receive_by(now) is None
            assert await peer.receive_by(now + 0.01) is None


async def test_a_peer_that_never_pauses_keeps_nobody_waiting() -> None:
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        with await open_datagram("127.0.0.1", server.getsockname()[1], Trace()) as peer:
            await peer.send(b"")
            _, client = server.recvfrom(10)
            counting = asyncio.ensure_future(count())
            for _ in range(40):
                server.sendto(b"again", client)
            for _ in range(40):
                assert await peer.receive_by(None) == b"again"
            counting.cancel()
    assert turns >= 8
