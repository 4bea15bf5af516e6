"""UDP conversations."""

import asyncio
import socket

import pytest

from monitor.demo.process import RunningZoo
from monitor.errors import ProbeError
from monitor.model import Reason
from monitor.trace import Trace
from monitor.wire import datagram
from monitor.wire.datagram import Datagram, converse, dial
from monitor.wire.resolve import Address, IpVersion, resolve


def split(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host, int(port)


async def opened(host: str, port: int, trace: Trace, ip_version: IpVersion = "auto") -> Datagram:
    return dial((await resolve(host, port, trace, ip_version))[0], trace)


async def test_what_is_sent_to_an_echo_comes_back(zoo: RunningZoo) -> None:
    trace = Trace()
    with await opened(*split(zoo.addresses["udp-echo"]), trace) as peer:
        await peer.send(b"hello")
        assert await peer.receive() == b"hello"
    assert trace.address == zoo.addresses["udp-echo"]


async def test_a_port_where_nobody_listens_is_refused() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with await opened("127.0.0.1", port, Trace()) as peer:
        await peer.send(b"hello")
        with pytest.raises(ProbeError) as caught:
            await asyncio.wait_for(peer.receive(), 5)
    assert caught.value.reason is Reason.CONNECTION_REFUSED


async def test_what_strangers_send_is_not_heard(zoo: RunningZoo) -> None:
    with await opened(*split(zoo.addresses["udp-echo"]), Trace()) as peer:
        own = peer._sock.getsockname()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.sendto(b"forged", own)
        await peer.send(b"asked")
        assert await peer.receive() == b"asked"


async def test_the_family_asked_for_is_kept() -> None:
    with pytest.raises(ProbeError) as caught:
        await opened("127.0.0.1", 9, Trace(), 6)
    assert caught.value.reason is Reason.UNREACHABLE


async def test_what_comes_at_the_last_moment_is_not_lost() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        with await opened("127.0.0.1", server.getsockname()[1], Trace()) as peer:
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
        with await opened("127.0.0.1", server.getsockname()[1], Trace()) as peer:
            await peer.send(b"")
            _, client = server.recvfrom(10)
            counting = asyncio.ensure_future(count())
            for _ in range(40):
                server.sendto(b"again", client)
            for _ in range(40):
                assert await peer.receive_by(None) == b"again"
            counting.cancel()
    assert turns >= 8


@pytest.mark.parametrize("others", [["::1"], ["127.0.0.2", "127.0.0.3"], []])
async def test_an_address_that_refuses_gives_way_to_the_next(
    zoo: RunningZoo, others: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    host, port = split(zoo.addresses["udp-echo"])
    families = [socket.AF_INET6 if ":" in other else socket.AF_INET for other in others]
    found = [Address(family, (other, port)) for family, other in zip(families, others, strict=True)]
    found.append(Address(socket.AF_INET, (host, port)))

    async def resolved(*_: object) -> list[Address]:
        return found

    async def talk(peer: Datagram) -> bytes:
        await peer.send(b"hello")
        return await peer.receive()

    monkeypatch.setattr(datagram, "resolve", resolved)
    trace = Trace()
    assert await converse(("host.example", port), trace, "auto", talk) == b"hello"
    assert trace.address == zoo.addresses["udp-echo"]


async def test_if_all_addresses_refuse_the_last_one_is_the_reason() -> None:
    async def talk(peer: Datagram) -> bytes:
        await peer.send(b"hello")
        return await peer.receive()

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(ProbeError) as caught:
        await converse(("127.0.0.1", port), Trace(), "auto", talk)
    assert caught.value.reason is Reason.CONNECTION_REFUSED
