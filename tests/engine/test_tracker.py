"""The tracker alone: results, commands and moments in, events out."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from virtual import Script, config, endpoint, until, virtual, watching

from monitor.config import diff
from monitor.engine import Engine
from monitor.engine.saved import TrackerState
from monitor.engine.silences import silence_of
from monitor.engine.tracker import Tracker
from monitor.model import (
    Acknowledgement,
    Config,
    Difference,
    Endpoint,
    Reason,
    Result,
    Silence,
    State,
    Status,
)
from monitor.model.events import (
    Acknowledged,
    Checked,
    DomainEvent,
    EndpointAdded,
    EndpointChanged,
    EndpointRemoved,
    FlappingChanged,
    IncidentClosed,
    IncidentOpened,
    IncidentUpdated,
    MaintenanceChanged,
    PauseChanged,
    SilenceEnded,
    SilenceStarted,
    StateChanged,
    StreakChanged,
)

STATUSES = {"u": Status.UP, "g": Status.DEGRADED, "d": Status.DOWN, "i": Status.INCONCLUSIVE}


def tracker(*endpoints: Endpoint) -> Tracker:
    made = Tracker()
    ids = frozenset(one.id for one in endpoints)
    made.apply(config(*endpoints), Difference(added=ids), 0.0)
    return made


def result(letter: str, at: float, name: str = "a") -> Result:
    failed = letter in "di"
    return Result(
        endpoint=name,
        status=STATUSES[letter],
        reason=Reason.CONNECTION_REFUSED if failed else None,
        message="refused" if failed else "200 OK",
        checked_at=at,
        latency_ms=None if failed else 5.0,
    )


def fed(made: Tracker, letters: str, start: float = 10.0, handle: int = 0) -> list[DomainEvent]:
    """The events of a result every 10 s."""
    events: list[DomainEvent] = []
    for number, letter in enumerate(letters):
        at = start + 10 * number
        events += made.accept(handle, result(letter, at, made.endpoints[handle].id), at)
    return events


def kinds(events: list[DomainEvent]) -> list[type]:
    return [type(event) for event in events if not isinstance(event, Checked)]


def states(events: list[DomainEvent]) -> list[tuple[str, str]]:
    return [(event.endpoint, event.after.value) for event in events if isinstance(event, StateChanged)]


# ── events ──────────────────────────────────────────────────────────────────────────────────────


def test_an_outage_is_a_sequence_of_events():
    events = fed(tracker(endpoint("a")), "uddduu")
    assert kinds(events) == [
        StateChanged,  # up
        StateChanged, StreakChanged,  # failing 1/3
        StreakChanged,  # 2/3
        StateChanged, IncidentOpened, StreakChanged,  # down
        StreakChanged,  # recovering 1/2
        StateChanged, IncidentClosed, StreakChanged,  # up
    ]  # fmt: skip
    assert [event.at for event in events if isinstance(event, Checked)] == [10, 20, 30, 40, 50, 60]
    (opened,) = (event for event in events if isinstance(event, IncidentOpened))
    (closed,) = (event for event in events if isinstance(event, IncidentClosed))
    assert (opened.at, opened.incident.began, opened.incident.failed) == (40.0, 20.0, 3)
    assert (closed.at, closed.incident.ended, closed.incident.id) == (60.0, 50.0, opened.incident.id)


def test_each_further_failure_updates_the_incident():
    made = tracker(endpoint("a"))
    fed(made, "ddd")
    (checked, updated) = fed(made, "d", start=50.0)
    assert isinstance(checked, Checked)
    assert isinstance(updated, IncidentUpdated)
    assert updated.incident.failed == 4


def test_an_incident_has_the_same_id_wherever_it_is_seen():
    ids = set()
    for first_handle in (0, 77):
        made = Tracker(first_handle)
        made.apply(config(endpoint("a")), Difference(added=frozenset("a")), 0.0)
        fed(made, "ddd", handle=first_handle)
        ids |= made.incidents.known.keys()
    assert len(ids) == 1


def test_flapping_begins_and_ends_with_an_event():
    events = fed(tracker(endpoint("a", down_after=1, up_after=1)), "ud" * 10 + "u" * 30)
    changes = [event.flapping for event in events if isinstance(event, FlappingChanged)]
    assert changes == [True, False]


def test_a_result_of_an_unknown_endpoint_changes_nothing():
    assert tracker(endpoint("a")).accept(9, result("d", 1.0), 1.0) == []


def test_a_config_change_is_an_event_per_endpoint():
    made = Tracker()
    old = config(endpoint("a"), endpoint("b"))
    assert kinds(made.apply(old, Difference(added=frozenset("ab")), 0.0)) == [EndpointAdded, EndpointAdded]
    new = config(endpoint("b", interval=5.0), endpoint("c"))
    events = made.apply(new, diff(old, new), 5.0)
    assert kinds(events) == [EndpointRemoved, EndpointChanged, EndpointAdded]
    assert [tracked.id for tracked in made.endpoints.values()] == ["b", "c"]


# ── dependencies ────────────────────────────────────────────────────────────────────────────────


def test_an_added_endpoint_is_described_in_full():
    described = endpoint("a", group="shop", tags=("eu",), slo=99.9, interval=7.0, timeout=3.0)
    made = Tracker()
    (added,) = made.apply(config(described), Difference(added=frozenset("a")), 5.0)
    assert added == EndpointAdded(
        at=5.0,
        endpoint="a",
        name="a",
        group="shop",
        tags=("eu",),
        kind=described.kind,
        target=described.target,
        interval=7.0,
        timeout=3.0,
        slo=99.9,
    )


def test_dependents_follow_and_name_the_cause():
    made = tracker(endpoint("gateway", down_after=1), endpoint("shop", depends_on=("gateway",)))
    fed(made, "u", handle=0)
    fed(made, "ud", handle=1)
    events = fed(made, "d", start=50.0, handle=0)
    assert states(events) == [("gateway", "down"), ("shop", "unreachable")]
    (unreachable,) = (one for one in events if isinstance(one, StateChanged) and one.because_of)
    assert unreachable.because_of == ("gateway",)
    assert "shop" not in {one.endpoint for one in made.incidents.known.values()}


def test_dependencies_are_connected_in_the_order_of_the_config():
    made = tracker(
        endpoint("gateway"),
        endpoint("shop", depends_on=("gateway", "blog", "elsewhere")),
        endpoint("blog", depends_on=("gateway",)),
    )
    gateway, shop, blog = made.endpoints.values()
    assert shop.dependencies == (gateway, blog)
    assert gateway.dependents == [shop, blog]
    new = config(endpoint("gateway"), endpoint("shop"), endpoint("blog"))
    made.apply(new, Difference(changed=frozenset(["shop", "blog"]), unchanged=frozenset(["gateway"])), 1.0)
    assert (shop.dependencies, gateway.dependents) == ((), [])


def test_a_failure_waits_while_its_dependency_is_being_checked():
    made = tracker(endpoint("gateway"), endpoint("shop", depends_on=("gateway",), down_after=1))
    fed(made, "u", handle=0)
    made.expect(0)
    assert states(fed(made, "d", handle=1)) == [("shop", "failing")]
    assert states(made.abandon(0, 20.0)) == [("shop", "down")]


# ── marks ───────────────────────────────────────────────────────────────────────────────────────

ANN = Acknowledgement(at=50.0, by="ann")


def test_an_acknowledgement_ends_with_the_recovery():
    made = tracker(endpoint("a"))
    fed(made, "ddd")
    assert kinds(made.acknowledge(made.endpoints[0], ANN, 50.0)) == [Acknowledged, IncidentUpdated]
    events = fed(made, "uu", start=60.0)
    assert [event.acknowledgement for event in events if isinstance(event, Acknowledged)] == [None]
    (incident,) = made.incidents.known.values()
    assert incident.acknowledged == ANN


def test_pausing_closes_the_incident():
    made = tracker(endpoint("a"))
    fed(made, "ddd")
    assert kinds(made.pause(made.endpoints[0], 50.0)) == [StateChanged, IncidentClosed, PauseChanged]
    assert kinds(made.resume(made.endpoints[0], 60.0))[-1] is PauseChanged


def test_a_silence_ends_when_its_time_is_over():
    made = tracker(endpoint("a"), endpoint("b"))
    silence = Silence(id="1", select=silence_of([made.endpoints[0]]), at=0.0, until=100.0)
    assert kinds(made.silence(silence)) == [SilenceStarted]
    assert [one.silence for one in made.endpoints.values()] == [silence, None]
    assert made.tick(99.0) == []
    assert kinds(made.tick(100.0)) == [SilenceEnded]
    assert made.endpoints[0].silence is None


def test_maintenance_begins_and_ends_with_an_event_per_endpoint():
    made = tracker(endpoint("a"), endpoint("b"))
    (began,) = made.tick(1.0, {"b"})
    assert began == MaintenanceChanged(at=1.0, endpoint="b", active=True)
    assert made.tick(2.0, {"b"}) == []
    assert made.tick(3.0) == []
    assert [event.endpoint for event in made.tick(4.0, {"a"})] == ["a", "b"]


# ── the engine gives the same events ────────────────────────────────────────────────────────────


@virtual
async def test_the_engine_and_the_tracker_alone_give_the_same_events():
    names = {"gateway": "uudddddduuuu", "shop": "uuudddddddduuu", "blog": "uidgduduud"}
    endpoints = [
        endpoint("gateway", interval=5.0),
        endpoint("shop", depends_on=("gateway",)),
        endpoint("blog", down_after=1),
    ]
    async with watching(Script(takes=0.2, **names), *endpoints) as running:
        live: list[DomainEvent] = []
        inputs = _recorded(running.engine)
        running.engine.publisher.subscribe(live.append)
        await until(200)
        alone = Tracker()
        alone.apply(running.engine.config, diff(Config(), running.engine.config), 0.0)
        events = []
        for name, arguments, keys in inputs:
            events += getattr(alone, name)(*arguments, **keys) or []
        assert [event for event in live if not isinstance(event, EndpointAdded)] == events
        assert len(states(events)) > 8


Call = tuple[str, tuple[Any, ...], dict[str, Any]]


def _recorded(engine: Engine) -> list[Call]:
    """Every later call of the methods that the engine feeds the tracker with."""
    calls: list[Call] = []

    def recorder(name: str) -> Any:
        method = getattr(engine.tracker, name)

        def call(*arguments: Any, **keys: Any) -> Any:
            calls.append((name, arguments, keys))
            return method(*arguments, **keys)

        return call

    engine.tracker.accept = recorder("accept")  # type: ignore[method-assign]
    engine.tracker.abandon = recorder("abandon")  # type: ignore[method-assign]
    engine.tracker.tick = recorder("tick")  # type: ignore[method-assign]
    engine._scheduler._expect = recorder("expect")
    return calls


# ── a restart ───────────────────────────────────────────────────────────────────────────────────


def restarted(made: Tracker, endpoints: tuple[Endpoint, ...], at: float) -> Tracker:
    """A new tracker that goes on from what the old one saved, through bytes."""
    data = msgspec.msgpack.encode(made.save())
    again = Tracker(first_handle=next(iter(made.endpoints), 0))
    again.apply(config(*endpoints), Difference(added=frozenset(one.id for one in endpoints)), at)
    again.restore(msgspec.msgpack.decode(data, type=TrackerState), at)
    return again


ENDPOINTS = (
    endpoint("gateway"),
    endpoint("shop", depends_on=("gateway",)),
    endpoint("blog", down_after=1, up_after=1),
)
STEPS = st.one_of(
    st.tuples(st.just("result"), st.integers(0, 2), st.sampled_from("uudddgi")),
    st.tuples(st.sampled_from(["pause", "resume", "acknowledge", "silence"]), st.integers(0, 2), st.just("")),
)


def step(made: Tracker, what: tuple[str, int, str], at: float) -> list[DomainEvent]:
    name, handle, letter = what
    tracked = made.endpoints[handle]
    match name:
        case "result" if not tracked.paused:
            return made.accept(handle, result(letter, at, tracked.id), at)
        case "pause":
            return made.pause(tracked, at)
        case "resume":
            return made.resume(tracked, at)
        case "acknowledge":
            return made.acknowledge(tracked, Acknowledgement(at=at, by="ann", until=at + 25), at)
        case "silence":
            return made.silence(
                Silence(id=f"{at:g}", select=silence_of([tracked]), at=at, until=at + 35, by="ann")
            )
    return []


@settings(max_examples=200, deadline=None)
@given(st.lists(STEPS, max_size=40), st.data())
def test_a_restart_at_any_point_changes_no_later_event(
    steps: list[tuple[str, int, str]], data: st.DataObject
):
    made = tracker(*ENDPOINTS)
    cut = data.draw(st.integers(0, len(steps)))
    for number, what in enumerate(steps[:cut]):
        made.tick(10.0 * number)
        step(made, what, 10.0 * number)
    made.tick(10.0 * cut)
    again = restarted(made, ENDPOINTS, 10.0 * cut)
    assert again.save() == made.save()
    for number, what in enumerate(steps[cut:], cut):
        at = 10.0 * number
        assert again.tick(at) == made.tick(at)
        assert step(again, what, at) == step(made, what, at)
    assert again.save() == made.save()


def test_a_restart_keeps_state_streak_and_marks():
    made = tracker(endpoint("a"))
    fed(made, "udd")
    made.acknowledge(made.endpoints[0], ANN, 45.0)
    again = restarted(made, (endpoint("a"),), 500.0)
    tracked = again.endpoints[0]
    assert (tracked.state, tracked.since, tracked.progress) == (State.FAILING, 20.0, (2, 3))
    assert tracked.acknowledged == ANN
    assert tracked.last
    assert (tracked.last.message, tracked.last.checked_at) == ("refused", 30.0)


@pytest.mark.parametrize(
    ("changed", "kept"), [(endpoint("a", interval=5.0), True), (endpoint("a", version=2), False)]
)
def test_an_endpoint_that_checks_something_else_after_a_restart_begins_anew(changed: Endpoint, kept: bool):
    made = tracker(endpoint("a"))
    fed(made, "ddd")
    assert (restarted(made, (changed,), 100.0).endpoints[0].state is State.DOWN) is kept


def test_a_restart_without_an_endpoint_closes_its_incident():
    made = tracker(endpoint("a"), endpoint("b"))
    fed(made, "ddd")
    again = restarted(made, (endpoint("b"),), 100.0)
    (incident,) = again.incidents.known.values()
    assert (incident.ended, incident.ending) == (100.0, "removed")


def test_a_silence_that_ran_out_during_the_restart_is_over():
    made = tracker(endpoint("a"))
    made.silence(Silence(id="1", select=("*",), at=0.0, until=50.0))
    assert restarted(made, (endpoint("a"),), 60.0).silences == {}
    assert set(restarted(made, (endpoint("a"),), 40.0).silences) == {"1"}


def test_an_acknowledgement_that_ran_out_during_the_restart_is_over():
    made = tracker(endpoint("a"))
    fed(made, "ddd")
    made.acknowledge(made.endpoints[0], Acknowledgement(at=40.0, until=50.0), 40.0)
    assert restarted(made, (endpoint("a"),), 60.0).endpoints[0].acknowledged is None
    assert restarted(made, (endpoint("a"),), 45.0).endpoints[0].acknowledged


def test_the_events_of_a_restart_are_returned():
    made = tracker(endpoint("a"))
    fed(made, "ddd")
    made.silence(Silence(id="1", select=("*",), at=0.0, until=50.0))
    again = tracker(endpoint("a", enabled=False))
    kinds = [type(event) for event in again.restore(made.save(), 60.0)]
    assert StateChanged in kinds
    assert SilenceEnded in kinds
