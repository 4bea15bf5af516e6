"""One endpoint as the engine knows it."""

from dataclasses import replace
from typing import Any

import pytest
from tracking import fed, record, result
from virtual import Scripted

from monitor.engine.tracked import Tracked
from monitor.judge.expectations import LATENCY
from monitor.judge.health import Health, Inhibition
from monitor.model import Slowdown, State, Status


def needed_by(tracked: Tracked, *states: State) -> tuple[Tracked, ...]:
    """Dependencies in these states."""
    tracked.dependencies = tuple(in_state(f"needed {number}", state) for number, state in enumerate(states))
    return tracked.dependencies


def in_state(name: str, state: State) -> Tracked:
    one = record(name, down_after=2)
    one.paused = state is State.PAUSED
    return fed(one, *map(result, LEADING_TO.get(state, ())))


LEADING_TO = {
    State.UP: [Status.UP],
    State.DEGRADED: [Status.DEGRADED],
    State.FAILING: [Status.DOWN],
    State.DOWN: [Status.DOWN, Status.DOWN],
    State.INCONCLUSIVE: [Status.UP, Status.INCONCLUSIVE],
}


# ── judging ─────────────────────────────────────────────────────────────────────────────────────


def test_a_result_goes_into_health_and_history():
    tracked = fed(record(), result(phases_ms={"wait": 30.0}), result(Status.DOWN, checked_at=1010.0))
    assert tracked.judged is State.FAILING
    assert tracked.samples.newest(9) == ("ud", (40.0, -1.0))
    assert tracked.last is tracked.last_failure
    assert tracked.last_good is not None
    assert tracked.last_good.status is Status.UP


def test_a_paused_endpoint_is_paused_whatever_it_was():
    tracked = fed(record(), result(Status.DOWN))
    tracked.paused = True
    assert tracked.judged is State.PAUSED
    assert tracked.progress == (0, 0)


@pytest.mark.parametrize(
    ("states", "inhibition"),
    [
        ([], Inhibition.NONE),
        ([State.UP, State.PENDING, State.DEGRADED, State.PAUSED, State.INCONCLUSIVE], Inhibition.NONE),
        ([State.UP, State.FAILING], Inhibition.SUSPECT),
        ([State.FAILING, State.DOWN], Inhibition.BLOCKED),
    ],
)
def test_what_dependencies_mean_follows_from_their_states(states: list[State], inhibition: Inhibition):
    tracked = record()
    assert [one.judged for one in needed_by(tracked, *states)] == states
    assert tracked.inhibition is inhibition


def test_what_is_unreachable_blocks_too():
    tracked, between = record(), record("router")
    tracked.dependencies = (between,)
    needed_by(between, State.DOWN)
    fed(between, result(Status.DOWN))
    assert between.state is State.UNREACHABLE
    assert tracked.inhibition is Inhibition.BLOCKED
    assert tracked.blockers == [between]


@pytest.mark.parametrize(
    ("state", "inhibition"), [(State.DOWN, Inhibition.BLOCKED), (State.FAILING, Inhibition.SUSPECT)]
)
def test_a_gap_in_the_outage_of_a_dependency_is_part_of_it(state: State, inhibition: Inhibition):
    tracked = record()
    (needed,) = needed_by(tracked, state)
    fed(needed, result(Status.INCONCLUSIVE))
    assert needed.state is State.INCONCLUSIVE
    assert tracked.inhibition is inhibition


def test_a_dependency_that_is_being_checked_is_undecided():
    tracked = record()
    (needed,) = needed_by(tracked, State.UP)
    needed.being_checked = True
    assert tracked.inhibition is Inhibition.UNDECIDED
    needed.paused = True
    assert tracked.inhibition is Inhibition.NONE


def test_blockers_are_told_by_name():
    tracked = record()
    needed_by(tracked, State.UP, State.DOWN, State.FAILING)
    assert [one.endpoint.name for one in tracked.blockers] == ["needed 1"]


def test_nothing_is_confirmed_behind_a_dead_dependency():
    tracked = record()
    needed_by(tracked, State.DOWN)
    fed(tracked, result(Status.DOWN))
    assert tracked.judged is State.UNREACHABLE
    assert not tracked.confirming


@pytest.mark.parametrize(
    ("then", "judged"),
    [(State.UP, State.DOWN), (State.FAILING, State.FAILING), (State.DOWN, State.UNREACHABLE)],
)
def test_failures_that_waited_count_when_the_dependency_is_found_to_be_fine(then: State, judged: State):
    tracked = record()
    (needed,) = needed_by(tracked, State.UP)
    needed.being_checked = True
    fed(tracked, *[result(Status.DOWN)] * 5)
    tracked.reconsider()
    assert tracked.judged is State.FAILING
    needed_by(tracked, then)
    tracked.reconsider()
    assert tracked.judged is judged


# ── a new config ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("keys", "kept"),
    [
        ({"interval": 5.0}, True),
        ({"name": "Shop"}, True),
        ({"down_after": 5}, True),
        ({"probe": Scripted("shop", 2)}, False),
        ({"expect": LATENCY.compile("latency", "1s")}, False),
        ({"warn": LATENCY.compile("latency", "1s")}, False),
    ],
)
def test_what_is_another_thing_to_check_is_not_known_yet(keys: dict[str, Any], kept: bool):
    tracked = fed(record(), *[result(Status.DOWN)] * 3)
    tracked.alter(replace(tracked.endpoint, **keys), 50.0)
    assert (tracked.judged is State.DOWN) is kept
    assert (tracked.health == Health()) is not kept
    assert tracked.samples.total == 3


SLOWER = Slowdown(phase="tls", since=10.0, ms=68.0, usual_ms=17.0)


@pytest.mark.parametrize(
    ("keys", "kept"), [({"interval": 5.0}, True), ({"probe": Scripted("elsewhere", 2)}, False)]
)
def test_a_slower_phase_belongs_to_what_is_checked(keys: dict[str, Any], kept: bool):
    tracked = fed(record(), result(Status.UP))
    tracked.slowdown = SLOWER
    events = tracked.alter(replace(tracked.endpoint, **keys), 50.0)
    assert (tracked.slowdown, tracked.checked_since) == ((SLOWER, 0.0) if kept else (None, 50.0))
    assert [(one.before, one.after) for one in events] == ([] if kept else [(SLOWER, None)])


@pytest.mark.parametrize("kept", [True, False])
def test_a_slower_phase_outlives_a_restart_unless_something_else_is_checked_then(kept: bool):
    before = fed(record(), result(Status.UP))
    before.slowdown, before.checked_since = SLOWER, 5.0
    after = record() if kept else record(expect=LATENCY.compile("latency", "1s"))
    events = after.resume(before.save(), 50.0)
    assert (after.slowdown, after.checked_since) == ((SLOWER, 5.0) if kept else (None, 50.0))
    assert [(one.before, one.after) for one in events] == ([] if kept else [(SLOWER, None)])


def test_only_a_change_of_enabled_pauses_or_resumes():
    tracked = record()
    tracked.paused = True  # by an operator
    tracked.alter(replace(tracked.endpoint, interval=5.0), 50.0)
    assert tracked.paused
    tracked.alter(replace(tracked.endpoint, enabled=False), 50.0)
    assert tracked.paused
    tracked.alter(replace(tracked.endpoint, enabled=True), 50.0)
    assert not tracked.paused
