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
