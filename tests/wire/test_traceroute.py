"""Paths through network namespaces: three hops, over both address families, and what goes wrong there."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable, Iterator

import pytest
from namespaces import Network, network

from monitor.judge.path_trace import EXPIRED, conclusion
from monitor.model.path import NetworkPath, PathProtocol
from monitor.wire import traceroute
from monitor.wire.path_packets import Heard
from monitor.wire.resolve import Address
from monitor.wire.traceroute import Traceroute, address_of

pytestmark = pytest.mark.long

TCP, ICMP, UDP = PathProtocol.TCP, PathProtocol.ICMP, PathProtocol.UDP
BOTH = [4, 6]
PORT = 81
"""Nobody listens on it."""


@pytest.fixture(scope="module")
def built() -> Iterator[Network]:
    with network(2) as made:
        yield made


@pytest.fixture
def net(built: Network, monkeypatch: pytest.MonkeyPatch) -> Network:
    monkeypatch.setattr(traceroute, "PATIENCE", 0.6)
    monkeypatch.setattr(traceroute, "LINGER", 3.0)
    return built


def address(host: str, port: int = PORT) -> Address:
    if ":" in host:
        return Address(socket.AF_INET6, (host, port, 0, 0))
    return Address(socket.AF_INET, (host, port))


def trace(net: Network, host: str, *protocols: PathProtocol, port: int = PORT) -> list[NetworkPath]:
    """A trace with each protocol, at the same time."""

    async def run() -> list[NetworkPath]:
        traces = [Traceroute(address(host, port), one, 0.0) for one in protocols]
        return await asyncio.gather(*(one.run() for one in traces))

    return net.run_here(run)


def addresses(path: NetworkPath) -> list[tuple[str, ...]]:
    return [hop.addresses for hop in path.hops]


def here(version: int, link: int, end: int) -> str:
    return f"10.9.{link}.{end}" if version == 4 else f"fd09:{link}::{end}"


@pytest.fixture
def rules(net: Network) -> Iterator[Callable[[str], None]]:
    """Adds a rule to the second router's firewall, for what it forwards."""
    net.router(2, "nft", "add table inet t; add chain inet t f { type filter hook forward priority 0; }")
    yield lambda rule: net.router(2, "nft", f"add rule inet t f {rule}")
    net.router(2, "nft", "delete table inet t")


# ── the target answers ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("version", BOTH)
def test_each_protocol_finds_every_hop(net: Network, version: int) -> None:
    for path in trace(net, here(version, 3, 2), TCP, ICMP, UDP):
        assert addresses(path) == [(here(version, link, 2),) for link in (1, 2, 3)], path.protocol
        assert [hop.loss for hop in path.hops] == [0, 0, 0]
        assert all(0 < trip < 200 for hop in path.hops for trip in hop.trips_ms)
        assert path.done


@pytest.mark.parametrize(
    ("protocol", "answer"), [(TCP, "connection refused"), (ICMP, "echo reply"), (UDP, "port unreachable")]
)
def test_the_answer_of_the_target_is_reported(net: Network, protocol: PathProtocol, answer: str) -> None:
    (path,) = trace(net, net.there[0], protocol)
    assert conclusion(path) == f"the target answers at hop 3: {answer}"


def test_an_open_port_is_found_open(net: Network) -> None:
    async def run() -> NetworkPath:
        server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            return await Traceroute(address("127.0.0.1", port), TCP, 0.0).run()

    net.router(0, "ip", "link", "set", "lo", "up")
    assert conclusion(net.run_here(run)) == "the target answers at hop 1: the port is open"


def test_findings_are_there_while_the_trace_is_under_way(net: Network) -> None:
    async def run() -> tuple[NetworkPath, NetworkPath]:
        under_way = Traceroute(address(net.there[0]), TCP, 0.0)
        running = asyncio.ensure_future(under_way.run())
        while not under_way.path().hops:
            await asyncio.sleep(0.001)
        return under_way.path(), await running

    early, whole = net.run_here(run)
    assert not early.done
    assert whole.done
    assert early.hops[0].sent < whole.hops[0].sent


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("192.0.2.1:443", "192.0.2.1:443"),
        ("[2001:db8::1]:443", "[2001:db8::1]:443"),
        ("192.0.2.1", "192.0.2.1:0"),
        ("2001:db8::1", "[2001:db8::1]:0"),
        ("[fe80::1%lo]:443", "[fe80::1]:443"),
        ("fe80::1%lo", "[fe80::1]:0"),
        ("[fe80::1]:443", None),
        ("169.254.1.1:80", "169.254.1.1:80"),
        ("shop.example:443", None),
        ("•••:443", None),
        ("192.0.2.1:http", None),
        ("192.0.2.1:99999999999", None),
        ("[", None),
        ("", None),
    ],
)
def test_an_address_is_read_back_and_no_name_is_looked_up(text: str, expected: str | None) -> None:
    found = address_of(text)
    assert (found and str(found)) == expected


# ── it does not ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("version", BOTH)
def test_a_router_that_does_not_answer_is_an_empty_hop(net: Network, version: int) -> None:
    family, source = ("-4", "10.9.1.0/24") if version == 4 else ("-6", "fd09:1::/64")
    net.router(1, "ip", family, "rule", "add", "iif", "lo", "to", source, "blackhole")
    try:
        paths = trace(net, here(version, 3, 2), TCP, ICMP)
    finally:
        net.router(1, "ip", family, "rule", "del", "iif", "lo", "to", source, "blackhole")
    for path in paths:
        assert addresses(path) == [(), (here(version, 2, 2),), (here(version, 3, 2),)]
        assert path.hops[0].loss == 1
        assert "lost" not in conclusion(path)


@pytest.mark.parametrize("version", BOTH)
def test_a_path_ends_where_packets_vanish(net: Network, rules: Callable[[str], None], version: int) -> None:
    rules("drop")
    for path in trace(net, here(version, 3, 2), TCP, ICMP, UDP):
        assert addresses(path) == [(here(version, 1, 2),), (here(version, 2, 2),), ()], path.protocol
        assert conclusion(path) == f"stops at hop 2, {here(version, 2, 2)}: the target does not answer"
        assert sum(hop.sent for hop in path.hops) == 15


@pytest.mark.parametrize("version", BOTH)
def test_a_router_that_prohibits_is_named(net: Network, rules: Callable[[str], None], version: int) -> None:
    rules("reject with icmpx admin-prohibited")
    for path in trace(net, here(version, 3, 2), TCP, ICMP, UDP):
        where = f"hop 3, {here(version, 2, 2)}, answers: administratively prohibited"
        assert conclusion(path) == where, path.protocol


@pytest.mark.parametrize("version", BOTH)
def test_a_host_that_is_off_is_named_by_its_router(net: Network, version: int) -> None:
    words = "host unreachable" if version == 4 else "address unreachable"
    (path,) = trace(net, here(version, 3, 77), TCP)
    assert conclusion(path) == f"hop 3, {here(version, 2, 2)}, answers: {words}"


@pytest.mark.parametrize("version", BOTH)
def test_a_neighbour_that_is_off_is_reported_by_this_machine(net: Network, version: int) -> None:
    words = "host unreachable" if version == 4 else "address unreachable"
    for path in trace(net, here(version, 1, 77), TCP, ICMP):
        own = here(version, 1, 1)
        assert conclusion(path) == f"hop 1, {own}, answers: {words}, by this machine itself", path.protocol


def test_without_a_route_nothing_is_sent(net: Network) -> None:
    for path in trace(net, "10.200.0.1", TCP, ICMP, UDP):
        assert path.hops == ()
        assert "unreachable" in conclusion(path) or "no route" in conclusion(path), path.protocol


@pytest.mark.parametrize("version", BOTH)
def test_loss_counts_from_the_hop_behind_which_it_happens(
    net: Network, rules: Callable[[str], None], version: int
) -> None:
    """Each fifth round is lost behind the second router: packets are counted by the firewall."""
    rules("numgen inc mod 5 == 4 drop")
    (path,) = trace(net, here(version, 3, 2), ICMP)
    assert path.hops[2].addresses == (here(version, 3, 2),)
    assert 0 < path.hops[2].loss < 1
    assert [hop.loss for hop in path.hops[:2]] == [0, 0]
    assert conclusion(path).endswith(f"from hop 3 on, {path.hops[2].loss:.0%} of the packets are lost")


# ── bounds ──────────────────────────────────────────────────────────────────────────────────────


def test_a_trace_into_nothing_is_over_in_time(net: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    net.router(2, "nft", "add table inet t; add chain inet t f { type filter hook forward priority 0; }")
    net.router(2, "nft", "add rule inet t f drop")
    began = time.monotonic()
    try:
        trace(net, net.there[0], TCP, ICMP, UDP)
    finally:
        net.router(2, "nft", "delete table inet t")
    assert time.monotonic() - began < 6


class Slow:
    """A path of which each hop answers just in time."""

    protocol = UDP
    sent = 0

    def __init__(self, heard: Heard) -> None:
        self._heard = heard

    def send(self, ttl: int) -> None:
        self.sent += 1
        delay = 0.25 * (ttl % traceroute.MAX_TTL)
        asyncio.get_running_loop().call_later(delay, self._heard, ttl, "10.0.0.1", 1.0, EXPIRED)

    def close(self) -> None:
        pass


async def test_routers_that_answer_late_do_not_make_it_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Slow] = []

    def open_slow(_protocol: PathProtocol, _target: Address, heard: Heard) -> Slow:
        made.append(Slow(heard))
        return made[0]

    monkeypatch.setattr(traceroute, "open_packets", open_slow)
    monkeypatch.setattr(traceroute, "LONGEST", 1.0)
    began = time.monotonic()
    path = await Traceroute(address("192.0.2.1"), UDP, 0.0).run()
    assert time.monotonic() - began < 3
    assert path.done
    assert path.hops
    assert made[0].sent <= 150


def test_where_icmp_is_not_permitted_udp_takes_its_place(
    net: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = socket.socket

    def forbidden(family: int = -1, kind: int = -1, protocol: int = -1, *rest: object) -> socket.socket:
        if protocol in (socket.IPPROTO_ICMP, socket.IPPROTO_ICMPV6):
            raise PermissionError(1, "Operation not permitted")
        return real(family, kind, protocol)

    monkeypatch.setattr("monitor.wire.icmp.socket.socket", forbidden)
    (path,) = trace(net, net.there[0], ICMP)
    assert path.protocol is UDP
    assert conclusion(path) == "the target answers at hop 3: port unreachable"
