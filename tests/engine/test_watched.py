"""One endpoint as the engine knows it."""

from dataclasses import replace
from typing import Any

import pytest
from virtual import Scripted, endpoint

from monitor.engine.schedule import Grid
from monitor.engine.watched import DISABLED, Check, Watched
from monitor.judge.expectations import LATENCY
from monitor.judge.health import Health, Hold
from monitor.link.messages import UnderWay
from monitor.model import Certificate, Explanation, Reason, Result, Source, State, Status
from monitor.trace import Trace

GRID = Grid(0.0, 10.0)


def record(name: str = "shop", **keys: Any) -> Watched:
    return Watched(4, endpoint(name, **keys), GRID, 60, wall=1000.0, now=0.0)


def result(status: Status = Status.UP, **keys: Any) -> Result:
    failed = status is Status.DOWN
    usual: dict[str, Any] = {
        "reason": Reason.CONNECTION_REFUSED if failed else None,
        "message": "refused" if failed else "200 OK",
        "checked_at": 1000.0,
        "latency_ms": None if failed else 40.0,
    }
    return Result(endpoint="shop", status=status, **{**usual, **keys})


def fed(watched: Watched, *results: Result) -> Watched:
    for one in results:
        watched.learn(one)
        if watched.judged is not watched.state:
            watched.turn(watched.judged, 1000.0, str)
    return watched


def plain_row(watched: Watched, samples: int = 10, redact: Any = str, now: float = 0.0) -> Any:
    return watched.row(samples, None, redact, now)


def needed_by(watched: Watched, *states: State) -> tuple[Watched, ...]:
    """Dependencies in these states."""
    watched.dependencies = tuple(in_state(f"needed {number}", state) for number, state in enumerate(states))
    return watched.dependencies


def in_state(name: str, state: State) -> Watched:
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
    watched = fed(record(), result(phases_ms={"wait": 30.0}), result(Status.DOWN, checked_at=1010.0))
    assert watched.judged is State.FAILING
    assert watched.samples.newest(9) == ("ud", (40.0, -1.0))
    detail = watched.detail(0.0, str)
    assert (detail.last, detail.last_failure) == (watched.last, watched.last)
    assert detail.last_good is not None
    assert detail.last_good.status is Status.UP
    assert detail.phases_ms == {"wait": 30.0}
    assert [(point.at, point.outcome) for point in detail.points] == [(1000.0, "u"), (1010.0, "d")]
    assert [point.at for point in watched.detail(1005.0, str).points] == [1010.0]


def test_an_inconclusive_result_is_neither_the_last_success_nor_the_last_failure():
    watched = fed(record(), result(Status.INCONCLUSIVE))
    detail = watched.detail(0.0, str)
    assert (detail.last_failure, detail.last_good) == (None, None)
    assert detail.last is not None
    assert watched.judged is State.INCONCLUSIVE


def test_an_endpoint_that_was_never_checked_has_nothing_to_tell():
    detail = record().detail(0.0, str)
    assert (detail.last, detail.points, detail.phases_ms, detail.under_way) == (None, (), {}, None)
    row = plain_row(record())
    assert (row.state, row.total, row.message, row.uptime) == (State.PENDING, 0, "", None)


def test_a_paused_endpoint_is_paused_whatever_it_was():
    watched = fed(record(), result(Status.DOWN))
    watched.paused = True
    assert watched.judged is State.PAUSED
    assert (plain_row(watched).streak, plain_row(watched).needed) == (0, 0)


def test_a_disabled_endpoint_is_paused_and_says_why():
    watched = record(enabled=False)
    assert watched.judged is State.PAUSED
    assert plain_row(watched).message == DISABLED


@pytest.mark.parametrize(
    ("states", "hold"),
    [
        ([], Hold.NONE),
        ([State.UP, State.PENDING, State.DEGRADED, State.PAUSED, State.INCONCLUSIVE], Hold.NONE),
        ([State.UP, State.FAILING], Hold.SUSPECT),
        ([State.FAILING, State.DOWN], Hold.BLOCKED),
    ],
)
def test_what_dependencies_mean_follows_from_their_states(states: list[State], hold: Hold):
    watched = record()
    assert [one.judged for one in needed_by(watched, *states)] == states
    assert watched.hold is hold


def test_what_is_unreachable_blocks_too():
    watched, between = record(), record("router")
    watched.dependencies = (between,)
    needed_by(between, State.DOWN)
    fed(between, result(Status.DOWN))
    assert between.state is State.UNREACHABLE
    assert watched.hold is Hold.BLOCKED
    assert watched.blockers == ["router"]


@pytest.mark.parametrize(("state", "hold"), [(State.DOWN, Hold.BLOCKED), (State.FAILING, Hold.SUSPECT)])
def test_a_gap_in_the_outage_of_a_dependency_is_part_of_it(state: State, hold: Hold):
    watched = record()
    (needed,) = needed_by(watched, state)
    fed(needed, result(Status.INCONCLUSIVE))
    assert needed.state is State.INCONCLUSIVE
    assert watched.hold is hold


def test_a_dependency_that_is_being_checked_is_undecided():
    watched = record()
    (needed,) = needed_by(watched, State.UP)
    needed.waiting = True
    assert watched.hold is Hold.UNDECIDED
    needed.waiting = False
    needed.check = Check(needed, None, 0.0)
    assert watched.hold is Hold.UNDECIDED
    needed.paused = True
    assert watched.hold is Hold.NONE


def test_blockers_are_told_by_name():
    watched = record()
    needed_by(watched, State.UP, State.DOWN, State.FAILING)
    assert watched.blockers == ["needed 1"]


def test_nothing_is_confirmed_behind_a_dead_dependency():
    watched = record()
    needed_by(watched, State.DOWN)
    fed(watched, result(Status.DOWN))
    assert watched.judged is State.UNREACHABLE
    assert not watched.confirming


@pytest.mark.parametrize(
    ("then", "judged"),
    [(State.UP, State.DOWN), (State.FAILING, State.FAILING), (State.DOWN, State.UNREACHABLE)],
)
def test_failures_that_waited_count_when_the_dependency_is_found_to_be_fine(then: State, judged: State):
    watched = record()
    (needed,) = needed_by(watched, State.UP)
    needed.waiting = True
    fed(watched, *[result(Status.DOWN)] * 5)
    watched.reconsider()
    assert watched.judged is State.FAILING
    needed_by(watched, then)
    watched.reconsider()
    assert watched.judged is judged


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
    watched = fed(record(), *[result(Status.DOWN)] * 3)
    watched.alter(replace(watched.endpoint, **keys), GRID)
    assert (watched.judged is State.DOWN) is kept
    assert (watched.health == Health()) is not kept
    assert watched.samples.total == 3


def test_only_a_change_of_enabled_pauses_or_resumes():
    watched = record()
    watched.paused = True  # by an operator
    watched.alter(replace(watched.endpoint, interval=5.0), GRID)
    assert watched.paused
    watched.alter(replace(watched.endpoint, enabled=False), GRID)
    assert watched.paused
    watched.alter(replace(watched.endpoint, enabled=True), GRID)
    assert not watched.paused


# ── telling ─────────────────────────────────────────────────────────────────────────────────────


def test_a_row_tells_the_present_and_the_newest_samples():
    watched = fed(record(), result(), result(), result(Status.DOWN, checked_at=1020.0))
    row = watched.row(2, 1030.0, str, 0.0)
    assert (row.handle, row.state, row.since) == (4, State.FAILING, 1000.0)
    assert (row.streak, row.needed) == (1, 3)
    assert (row.reason, row.message) == (Reason.CONNECTION_REFUSED, "refused")
    assert (row.latency_ms, row.checked_at, row.next_due) == (None, 1020.0, 1030.0)
    assert (row.total, row.outcomes, row.latencies_ms) == (3, "ud", (40.0, -1.0))
    assert plain_row(watched, 0).outcomes == ""


def test_uptime_runs_on_between_changes_of_state():
    watched = fed(record(), result())
    assert plain_row(watched, now=30.0).uptime == 1.0
    watched.count_until(30.0)
    watched.turn(State.DOWN, 0.0, str)
    assert plain_row(watched, now=40.0).uptime == pytest.approx(0.75)
    assert plain_row(watched, now=40.0).uptime == pytest.approx(0.75)


def certificate(not_after: float, chain: float | None = None) -> Certificate:
    own = Certificate(subject="a", issuer="b", not_before=0.0, not_after=not_after)
    return own if chain is None else replace(own, issuers=(replace(own, not_after=chain),))


def test_the_expiry_of_the_last_certificate_seen_is_told():
    seen = result(certificate=certificate(5000.0, 4000.0))
    assert plain_row(fed(record(), seen)).not_after == 4000.0
    assert plain_row(fed(record(), result(certificate=certificate(5000.0)))).not_after == 5000.0
    assert plain_row(fed(record(), seen, result(Status.DOWN))).not_after == 4000.0
    assert plain_row(record()).not_after is None


def mask(text: str) -> str:
    return text.replace("hunter2", "•••")


def test_secrets_are_masked_wherever_a_result_is_told():
    leaking = result(
        Status.DOWN, message="hunter2", address="hunter2", explanation=Explanation(answer="hunter2")
    )
    watched = fed(record(), leaking)
    assert plain_row(watched, redact=mask).message == "•••"
    assert "hunter2" not in repr(watched.detail(0.0, mask))
    watched.mask(mask)
    assert "hunter2" not in repr(watched.detail(0.0, str))


def test_a_card_says_what_the_config_says():
    keys = {"tags": ("a", "b"), "description": "d", "runbook": "r", "depends_on": ("gateway",)}
    card = record(group="g", source=Source("m.toml", 7), **keys).card()
    assert (card.handle, card.id, card.name, card.kind, card.target) == (
        4, "shop", "shop", "fake", "fake://shop",
    )  # fmt: skip
    assert (card.group, card.file, card.line) == ("g", "m.toml", 7)
    assert {key: getattr(card, key) for key in keys} == keys
    assert (card.interval, card.timeout, card.down_after, card.up_after) == (10.0, 5.0, 3, 2)
    bare = record().card()
    assert (bare.group, bare.file, bare.line) == ("", "", 0)


@pytest.mark.parametrize(
    ("warn", "expect", "allowed"), [(None, None, None), ("1s", "2s", 1000.0), (None, "2s", 2000.0)]
)
def test_a_card_has_the_latency_that_warn_or_else_expect_allows(
    warn: str | None, expect: str | None, allowed: float | None
):
    keys = {
        key: LATENCY.compile("latency", value)
        for key, value in (("warn", warn), ("expect", expect))
        if value is not None
    }
    assert record(**keys).card().warn_latency_ms == allowed


def in_phase(phase: str | None, *, over: bool = False) -> Trace:
    trace = Trace()
    trace.enter("dns")
    trace.enter(phase)
    if over:
        trace.finish()
    return trace


@pytest.mark.parametrize(
    ("traces", "phase", "phases"),
    [
        ([], "", set()),
        ([in_phase("connect")], "connect", {"dns", "connect"}),
        ([in_phase(None)], "", {"dns"}),
        ([in_phase("connect", over=True), in_phase("wait")], "wait", {"dns", "wait"}),
        ([in_phase("connect", over=True)], "", set()),
    ],
    ids=["not begun", "in a phase", "between two", "one of two is over", "being judged"],
)
def test_a_check_tells_how_far_it_got(traces: list[Trace], phase: str, phases: set[str]):
    check = Check(record(), None, 0.0)
    check.traces += traces
    assert (check.under_way.phase, set(check.under_way.phases_ms)) == (phase, phases)


def test_what_waits_for_its_turn_is_under_way_too():
    watched = record()
    assert watched.detail(0.0, str).under_way is None
    watched.waiting = True
    assert watched.detail(0.0, str).under_way == UnderWay()
