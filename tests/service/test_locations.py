"""What locations report, folded into an engine in virtual time."""

from __future__ import annotations

from typing import Any

from virtual import clock, config, endpoint, until, virtual

from monitor.cluster.protocol import Beat, Report
from monitor.engine import Engine
from monitor.model import Endpoint, Reason, Result, State, Status
from monitor.model.events import LocationChecked
from monitor.probes.push import Push
from monitor.service.locations import FORGOTTEN_AFTER, GONE_AFTER, Locations, Presence, is_shared


class RemoteChecks:
    """Takes every endpoint, and notes what is to be checked again."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, float]] = []

    def handles(self, endpoint: Endpoint) -> bool:
        return is_shared(endpoint)

    def check(self, endpoint: Endpoint, delay: float) -> None:
        self.asked.append((endpoint.id, delay))


class Cluster:
    def __init__(self, *endpoints: Endpoint) -> None:
        self.remote = RemoteChecks()
        self.engine = Engine(config(*endpoints), clock=clock, remote=self.remote)
        self.engine.start()
        self.locations = Locations(self.engine, self.remote)

    def beat(self, *locations: str, **keys: Any) -> None:
        for location in locations:
            self.locations.beat(location, Beat(agent=location, **keys), clock())
        self.locations.tick()

    def say(self, location: str, letter: str, id: str = "shop") -> None:
        status = {"u": Status.UP, "d": Status.DOWN}[letter]
        reason = Reason.CONNECTION_REFUSED if letter == "d" else None
        result = Result(endpoint=id, status=status, reason=reason, message=letter, checked_at=clock())
        self.locations.report(location, Report(agent="a", result=result), clock())

    def state(self, id: str = "shop") -> State:
        tracked = self.engine.tracker.by_id(id)
        assert tracked
        return tracked.state


@virtual
async def test_an_endpoint_is_down_when_the_quorum_said_so_often_enough():
    cluster = Cluster(endpoint("shop", down_after=2))
    cluster.beat("eu", "us", "ap")
    for at, states in ((10, "udd"), (20, "ddu")):
        await until(at)
        cluster.beat("eu", "us", "ap")
        for location, letter in zip(("eu", "us", "ap"), states, strict=True):
            cluster.say(location, letter)
    assert cluster.state() is State.DOWN
    (incident,) = cluster.engine.incidents.values()
    assert incident.cause == "ap and us: d"
    await cluster.engine.stop()


@virtual
async def test_one_location_of_three_only_degrades():
    cluster = Cluster(endpoint("shop"))
    cluster.beat("eu", "us", "ap")
    for location, letter in (("eu", "u"), ("us", "d"), ("ap", "u")):
        cluster.say(location, letter)
    assert cluster.state() is State.DEGRADED
    await cluster.engine.stop()


@virtual
async def test_a_location_that_is_offline_has_no_vote():
    cluster = Cluster(endpoint("shop", down_after=1))
    cluster.beat("eu", "us", "ap")
    cluster.beat("us", "ap", leaving=True)
    cluster.say("eu", "d")
    assert cluster.state() is State.DOWN
    await cluster.engine.stop()


@virtual
async def test_an_endpoint_that_nobody_can_check_is_a_gap():
    cluster = Cluster(endpoint("shop"))
    cluster.beat("eu")
    cluster.say("eu", "u")
    await until(30)
    cluster.locations.tick()
    assert cluster.state() is State.INCONCLUSIVE
    texts = [event.text for event in cluster.engine.event_log.since(0)]
    assert "location eu is offline and has no vote" in texts
    cluster.beat("eu")
    cluster.say("eu", "u")
    assert cluster.state() is State.UP
    await cluster.engine.stop()


@virtual
async def test_a_location_that_is_not_to_check_an_endpoint_does_not_count():
    cluster = Cluster(endpoint("shop", locations=("eu",), down_after=1))
    cluster.beat("eu", "us")
    cluster.say("us", "d")
    cluster.say("us", "d", "unknown")
    assert cluster.state() is State.PENDING
    cluster.say("eu", "u")
    assert cluster.state() is State.UP
    await cluster.engine.stop()


@virtual
async def test_a_location_that_does_not_answer_is_waited_for_no_longer_than_the_timeout():
    cluster = Cluster(endpoint("shop", timeout=5.0))
    cluster.beat("eu", "us")
    cluster.say("eu", "u")
    await until(10)
    cluster.beat("eu", "us")
    assert cluster.state() is State.PENDING
    await until(10.1)
    cluster.beat("eu", "us")
    assert cluster.state() is State.UP
    await cluster.engine.stop()


@virtual
async def test_an_endpoint_that_changes_begins_another_round():
    cluster = Cluster(endpoint("shop", down_after=1))
    cluster.beat("eu", "us")
    cluster.say("eu", "d")
    cluster.locations.forget("shop")
    cluster.say("us", "u")
    assert cluster.state() is State.PENDING
    await until(1)
    cluster.say("eu", "u")
    assert cluster.state() is State.UP
    await cluster.engine.stop()


@virtual
async def test_a_failure_is_checked_again_soon_everywhere():
    cluster = Cluster(endpoint("shop"))
    cluster.beat("eu")
    cluster.say("eu", "d")
    assert cluster.state() is State.FAILING
    assert cluster.remote.asked == [("shop", 2.0)]
    await cluster.engine.stop()


@virtual
async def test_a_status_shows_each_location():
    cluster = Cluster(endpoint("shop"))
    cluster.beat("eu", "us")
    cluster.say("us", "d")
    cluster.say("eu", "u")
    tracked = cluster.engine.tracker.by_id("shop")
    assert tracked
    shown = cluster.engine.status(tracked, 0).locations
    assert [(one.location, one.status) for one in shown] == [("eu", Status.UP), ("us", Status.DOWN)]
    await until(1)
    assert cluster.engine.stats().checks_per_second == 2.0
    await cluster.engine.stop()


def test_heartbeats_and_disabled_endpoints_are_no_work_for_agents():
    assert is_shared(endpoint("shop"))
    assert not is_shared(endpoint("shop", enabled=False))
    assert not is_shared(Endpoint(id="x", name="x", probe=Push(url="push:backup", token="secret")))


@virtual
async def test_each_result_of_a_location_is_published_but_not_while_the_endpoint_is_paused():
    cluster = Cluster(endpoint("shop"))
    events: list[Any] = []
    cluster.engine.publisher.subscribe(events.append)
    cluster.beat("eu", "us")
    cluster.say("eu", "u")
    cluster.say("us", "d")
    cluster.engine.pause(list(cluster.engine.endpoints))
    cluster.say("eu", "u")
    found = [(one.location, one.result.message) for one in events if isinstance(one, LocationChecked)]
    assert found == [("eu", "u"), ("us", "d")]
    await cluster.engine.stop()


# ---- which locations are online


def test_a_location_is_online_while_one_of_its_agents_is_heard():
    presence = Presence()
    presence.accept("eu", Beat(agent="a"), 100.0)
    presence.accept("eu", Beat(agent="b"), 105.0)
    assert presence.online(105.0 + GONE_AFTER) == {"eu"}
    assert presence.online(105.1 + GONE_AFTER) == frozenset()


def test_an_agent_that_is_cut_off_does_not_count_but_is_known():
    presence = Presence()
    presence.accept("eu", Beat(agent="a", online=False), 100.0)
    assert (presence.online(100.0), presence.known(100.0)) == (frozenset(), {"eu"})


def test_an_agent_that_leaves_is_gone_at_once():
    presence = Presence()
    presence.accept("eu", Beat(agent="a"), 100.0)
    presence.accept("eu", Beat(agent="a", leaving=True), 100.5)
    assert presence.online(101.0) == frozenset()


def test_a_location_is_forgotten_after_an_hour():
    presence = Presence()
    presence.accept("eu", Beat(agent="a"), 100.0)
    presence.forget(100.0 + FORGOTTEN_AFTER)
    assert presence.known(100.0 + FORGOTTEN_AFTER) == {"eu"}
    presence.forget(100.1 + FORGOTTEN_AFTER)
    assert presence.known(100.0) == frozenset()
