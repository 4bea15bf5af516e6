"""Which failures have their path traced, how many traces run at a time, and what they are good for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Self

import pytest
from virtual import Scripted, clock, config, until, virtual

from monitor.checks.run_probe import Progress
from monitor.config import diff
from monitor.engine import Engine
from monitor.engine.paths import AT_ONCE, MOST_WAITING
from monitor.engine.remote import RemoteChecks, RemoteVerdicts
from monitor.model import (
    Assertion,
    Endpoint,
    NetworkPath,
    Observation,
    PathHop,
    PathProtocol,
    Probe,
    Reason,
    Result,
    Status,
)
from monitor.model.events import Checked, DomainEvent, IncidentAnnotated, IncidentOpened, PathTraced
from monitor.trace import Trace
from monitor.wire.resolve import Address

TOOK = 4.0
"""Seconds that a trace takes."""
HOPS = (
    PathHop(ttl=1, sent=5, trips_ms=(0.1,) * 5, addresses=("10.0.0.1",)),
    PathHop(ttl=2, sent=5),
)
STOPS = "stops at hop 1, 10.0.0.1: the target does not answer"


class Traces:
    """Traces of which nothing is sent; notes how many run."""

    def __init__(self) -> None:
        self.made: list[tuple[str, PathProtocol]] = []
        self.running = self.most = 0

    def make(self, address: Address, protocol: PathProtocol, at: float) -> _Trace:
        self.made.append((str(address), protocol))
        return _Trace(self, str(address), protocol, at)


class _Trace:
    def __init__(self, traces: Traces, target: str, protocol: PathProtocol, at: float) -> None:
        self._traces = traces
        self._found = NetworkPath(at=at, target=target, protocol=protocol, hops=HOPS[:1], done=False)

    def path(self) -> NetworkPath:
        return self._found

    async def run(self) -> NetworkPath:
        self._traces.running += 1
        self._traces.most = max(self._traces.most, self._traces.running)
        await asyncio.sleep(TOOK)
        self._traces.running -= 1
        return NetworkPath(
            at=self._found.at, target=self._found.target, protocol=self._found.protocol, hops=HOPS
        )


class Network:
    """Endpoints by name: what their checks find."""

    def __init__(self) -> None:
        self.reasons: dict[str, Reason | None] = {}
        self.addresses: dict[str, str | None] = {}

    async def __call__(
        self, probe: Probe, _timeout: float, assertions: Sequence[Assertion], begun: Progress
    ) -> Observation:
        begun(Trace(assertions))
        name = probe.name  # type: ignore[attr-defined]
        return Observation(
            started=clock(),
            latency_ms=1.0,
            reason=self.reasons.get(name),
            message="no answer",
            address=self.addresses.get(name, "192.0.2.1:443"),
        )


def endpoint(name: str, kind: str = "tcp", **keys: Any) -> Endpoint:
    probe = type(kind, (Scripted,), {"kind": kind})(name)
    usual = {"interval": 10.0, "timeout": 5.0, "retry_interval": 2.0, "down_after": 3, "up_after": 2}
    return Endpoint(id=name, name=name, probe=probe, **{**usual, **keys})


class World:
    def __init__(self, *endpoints: Endpoint, remote: RemoteChecks | None = None) -> None:
        self.network, self.traces = Network(), Traces()
        self.engine = Engine(
            config(*endpoints),
            clock=clock,
            run_probe=self.network,
            make_trace=self.traces.make,
            remote=remote,
        )
        self.events: list[DomainEvent] = []
        self.engine.publisher.subscribe(self.events.append)

    async def __aenter__(self) -> Self:
        self.engine.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.engine.stop()

    @property
    def traced(self) -> list[str]:
        return [event.endpoint for event in self.events if isinstance(event, PathTraced)]

    async def tracing(self) -> None:
        """Wait until a trace is under way."""
        while not self.traces.running:
            await asyncio.sleep(0.1)

    def explained_by(self) -> NetworkPath | None:
        """The path in the explanation of the last failure."""
        detail = self.engine.detail(0, 0.0)
        assert detail
        assert detail.last_failure
        return detail.last_failure.explanation and detail.last_failure.explanation.path

    def path(self, handle: int = 0) -> NetworkPath | None:
        detail = self.engine.detail(handle, 0.0)
        assert detail
        return detail.path


ALWAYS, CONNECTIONLESS = {"tcp", "http", "icmp", "udp", "dns"}, {"icmp", "udp", "dns"}


@pytest.mark.parametrize(
    ("reason", "kinds"),
    [
        (Reason.CONNECT_TIMEOUT, ALWAYS),
        (Reason.CONNECTION_REFUSED, ALWAYS),
        (Reason.UNREACHABLE, ALWAYS),
        (Reason.READ_TIMEOUT, CONNECTIONLESS),
        (Reason.DNS_ERROR, set()),
        (Reason.TLS_ERROR, set()),
        (Reason.STATUS_MISMATCH, set()),
        (Reason.LOCAL_ERROR, set()),
        (None, set()),
    ],
)
def test_a_check_that_does_not_connect_has_its_path_traced(reason: Reason | None, kinds: set[str]) -> None:
    @virtual
    async def run() -> None:
        async with World(*(endpoint(kind, kind) for kind in ALWAYS)) as world:
            world.network.addresses = {kind: f"192.0.2.1:{at}" for at, kind in enumerate(sorted(ALWAYS))}
            world.network.reasons = dict.fromkeys(ALWAYS, reason)
            await until(60)
            assert set(world.traced) == kinds
            icmp = {address for address, protocol in world.traces.made if protocol is PathProtocol.ICMP}
            assert len(icmp) == len(kinds & CONNECTIONLESS)

    run()


@virtual
async def test_a_failure_is_traced_once_and_the_next_failure_again() -> None:
    async with World(endpoint("a")) as world:
        world.network.reasons["a"] = Reason.CONNECT_TIMEOUT
        await until(100)
        assert world.traced == ["a"]
        world.network.reasons["a"] = None
        await until(130)
        world.network.reasons["a"] = Reason.CONNECT_TIMEOUT
        await until(200)
        assert world.traced == ["a", "a"]
        assert len(world.traces.made) == 2


@virtual
async def test_hops_are_shown_as_they_answer_and_kept() -> None:
    async with World(endpoint("a")) as world:
        world.network.reasons["a"] = Reason.CONNECT_TIMEOUT
        await world.tracing()
        path = world.path()
        assert path
        assert (path.done, path.hops) == (False, HOPS[:1])
        await until(60)
        path = world.path()
        assert path
        assert (path.done, path.hops) == (True, HOPS)
        assert world.explained_by() == path


@virtual
async def test_a_path_that_was_traced_later_explains_no_older_failure() -> None:
    async with World(endpoint("a")) as world:
        world.network.reasons["a"] = Reason.STATUS_MISMATCH
        await until(15)
        world.network.reasons["a"] = None
        await until(30)
        world.engine.paths.trace_now(world.engine.endpoints.values())
        await until(40)
        assert world.path()
        assert world.explained_by() is None


@virtual
async def test_the_incident_says_where_the_path_ends() -> None:
    async with World(endpoint("a")) as world:
        world.network.reasons["a"] = Reason.CONNECT_TIMEOUT
        await until(60)
        assert [incident.path for incident in world.engine.incidents.values()] == [STOPS]


@virtual
async def test_an_incident_that_opens_after_the_trace_says_so_too() -> None:
    async with World(endpoint("a", down_after=6)) as world:
        world.network.reasons["a"] = Reason.CONNECT_TIMEOUT
        await until(60)
        assert [incident.path for incident in world.engine.incidents.values()] == [STOPS]


@virtual
async def test_every_subscriber_hears_of_the_failure_before_its_path() -> None:
    async with World(endpoint("a"), endpoint("b", down_after=1)) as world:
        world.network.reasons["a"] = Reason.CONNECT_TIMEOUT
        await until(30)
        world.network.reasons["b"] = Reason.CONNECT_TIMEOUT  # at the same address: the path is known
        await until(60)
        for id in "ab":
            of_id = [event for event in world.events if _concerns(event, id)]
            kinds = [type(event) for event in of_id]
            failed = [isinstance(event, Checked) and event.result.reason is not None for event in of_id]
            assert failed.index(True) < kinds.index(PathTraced)
            assert kinds.index(IncidentOpened) < kinds.index(IncidentAnnotated)


def _concerns(event: DomainEvent, id: str) -> bool:
    incident = getattr(event, "incident", None)
    return (incident.endpoint if incident else getattr(event, "endpoint", None)) == id


@virtual
async def test_endpoints_at_one_address_share_a_trace() -> None:
    async with World(*(endpoint(name) for name in "abc")) as world:
        world.network.reasons = dict.fromkeys("abc", Reason.CONNECT_TIMEOUT)
        await until(60)
        assert sorted(world.traced) == ["a", "b", "c"]
        assert len(world.traces.made) == 1


@virtual
async def test_many_failures_at_once_make_no_storm() -> None:
    names = [f"e{number}" for number in range(200)]
    async with World(*(endpoint(name) for name in names)) as world:
        world.network.addresses = {name: f"192.0.2.1:{1 + at}" for at, name in enumerate(names)}
        world.network.reasons = dict.fromkeys(names, Reason.CONNECT_TIMEOUT)
        await until(400)
        assert world.traces.most == AT_ONCE
        assert len(world.traced) <= MOST_WAITING + 12  # those that began while others still came
        assert len(set(world.traced)) == len(world.traced)


@virtual
async def test_what_a_dependency_explains_is_not_traced() -> None:
    async with World(endpoint("router"), endpoint("a", depends_on=("router",))) as world:
        world.network.addresses["router"] = "192.0.2.9:22"
        world.network.reasons["router"] = Reason.CONNECT_TIMEOUT
        await until(60)
        world.network.reasons["a"] = Reason.CONNECT_TIMEOUT
        await until(120)
        assert world.traced == ["router"]


@pytest.mark.parametrize("address", [None, "127.0.0.1:80", "[::1]:80", "•••:80"])
def test_without_an_address_on_the_network_nothing_is_traced(address: str | None) -> None:
    @virtual
    async def run() -> None:
        async with World(endpoint("a")) as world:
            world.network.addresses["a"] = address
            world.network.reasons["a"] = Reason.CONNECT_TIMEOUT
            await until(60)
            assert not world.traces.made

    run()


@virtual
async def test_trace_path_false_turns_it_off_on_demand_too() -> None:
    async with World(endpoint("a", trace_path=False)) as world:
        world.network.reasons["a"] = Reason.CONNECT_TIMEOUT
        await until(60)
        assert world.engine.paths.trace_now(world.engine.endpoints.values()) == 0
        assert not world.traces.made


@virtual
async def test_on_demand_the_path_to_an_endpoint_that_is_up_is_traced() -> None:
    async with World(endpoint("a")) as world:
        await until(11)
        assert world.engine.paths.trace_now(world.engine.endpoints.values()) == 1
        await until(20)
        assert world.traced == ["a"]
        assert not world.engine.incidents


@virtual
async def test_what_an_operator_asks_for_comes_first() -> None:
    names = [f"e{number}" for number in range(20)]
    async with World(*(endpoint(name) for name in names)) as world:
        world.network.addresses = {name: f"192.0.2.1:{1 + at}" for at, name in enumerate(names)}
        await until(11)
        world.network.reasons = dict.fromkeys(names[:19], Reason.CONNECT_TIMEOUT)
        world.engine.check_now(range(19))
        await world.tracing()
        assert world.engine.paths.trace_now([world.engine.endpoints[19]]) == 1
        while "e19" not in world.traced:
            await asyncio.sleep(0.1)
        assert len(world.traced) <= 2 * AT_ONCE


@virtual
async def test_an_endpoint_that_is_removed_meanwhile_is_forgotten() -> None:
    async with World(endpoint("a"), endpoint("b")) as world:
        world.network.reasons["a"] = Reason.CONNECT_TIMEOUT
        await world.tracing()
        smaller = config(endpoint("b"))
        world.engine.apply(smaller, diff(world.engine.config, smaller))
        await until(60)
        assert not world.traced


class Others:
    """Other machines, which check everything."""

    def handles(self, endpoint: Endpoint) -> bool:
        return True

    def check(self, endpoint: Endpoint, delay: float) -> None:
        pass


@virtual
async def test_a_failure_that_other_machines_found_is_traced_on_demand_alone() -> None:
    others = Others()
    async with World(endpoint("a"), remote=others) as world:
        engine = world.engine
        failure = Result(
            endpoint="a",
            status=Status.DOWN,
            reason=Reason.CONNECT_TIMEOUT,
            message="no answer",
            checked_at=clock(),
            address="192.0.2.1:443",
        )
        RemoteVerdicts(engine.tracker, engine.publisher, others).accept(engine.endpoints[0], failure, clock())
        await until(10)
        assert not world.traces.made
        assert engine.paths.trace_now(engine.endpoints.values()) == 1


@virtual
async def test_an_engine_that_stops_leaves_no_trace_behind() -> None:
    world = World(*(endpoint(name) for name in "abcdefgh"))
    world.network.addresses = {name: f"192.0.2.1:{1 + at}" for at, name in enumerate("abcdefgh")}
    async with world:
        world.network.reasons = dict.fromkeys("abcdefgh", Reason.CONNECT_TIMEOUT)
        await world.tracing()
    await asyncio.sleep(60)
    assert not world.traced
    assert len(world.traces.made) <= AT_ONCE
