"""Stored results, judged again by other rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from simulation import EPOCH, Simulation, alert, result
from simulation import endpoint as watched
from virtual import config, endpoint
from worlds import DAY, HOUR, Span, World, about, run_ours, worlds

from monitor.judge.assertions import MaxLatency
from monitor.model import Alert, Config, Maintenance, Reason, Result, Status
from monitor.model.events import Checked
from monitor.store.batch import Batch
from monitor.store.files import connect
from monitor.store.past_marks import MarkReader
from monitor.store.recording import Recording
from monitor.store.replaying import judged_again, replay

START = 1_800_000_000.0
SLOW, REFUSED, EXPIRING = Reason.LATENCY_EXCEEDED, Reason.CONNECTION_REFUSED, Reason.CERTIFICATE_EXPIRING
UP, DEGRADED, DOWN, UNKNOWN = Status.UP, Status.DEGRADED, Status.DOWN, Status.INCONCLUSIVE


def history(path: Path, start: float = START, **letters: str) -> Path:
    """A result every 10 s: ``u`` up, ``d`` down."""
    results = []
    for name, states in letters.items():
        for number, letter in enumerate(states):
            at = start + 10 * number
            result = Result(
                endpoint=name,
                status=Status.UP if letter == "u" else Status.DOWN,
                reason=None if letter == "u" else Reason.READ_TIMEOUT,
                message="no answer" if letter == "d" else "200 OK",
                checked_at=at,
            )
            results.append(result)
    return recorded(path, results)


def recorded(path: Path, results: Iterable[Result]) -> Path:
    """A history of these results."""
    database = connect(path)
    events = [Checked(at=one.checked_at, endpoint=one.endpoint, result=one) for one in results]
    database.execute("BEGIN")
    Recording(database).write(Batch(events))
    database.execute("COMMIT")
    database.close()
    return path


def rules(down_after: int, *names: str) -> Config:
    endpoints = (endpoint(name, down_after=down_after, up_after=1) for name in names)
    return replace(config(*endpoints), alerts=(Alert(name="mail", url="exec:true", digest=1.0),))


@pytest.mark.parametrize(("down_after", "kinds"), [(2, ["down", "up"] * 3), (3, ["down", "up"]), (9, [])])
def test_the_messages_follow_from_the_rules(tmp_path: Path, down_after: int, kinds: list[str]):
    path = history(tmp_path / "h.db", a="uu" + "dd" + "u" * 20 + "ddd" + "u" * 20 + "dd" + "u" * 20)
    with MarkReader(path) as reader:
        outcome = replay(rules(down_after, "a"), reader, 0, 9e9)
    assert [message.kind.value for message in outcome.messages] == kinds


def test_endpoints_that_the_history_does_not_know_are_quiet(tmp_path: Path):
    with MarkReader(history(tmp_path / "h.db", a="uddd")) as reader:
        outcome = replay(rules(2, "a", "b"), reader, 0, 9e9)
        assert {entry.endpoint for message in outcome.messages for entry in message.entries} == {"a"}
        assert replay(rules(2, "b"), reader, 0, 9e9).messages == []


def test_the_progress_grows_to_the_end_of_the_window(tmp_path: Path):
    shares: list[float] = []
    with MarkReader(history(tmp_path / "h.db", a="u" * 1000)) as reader:
        replay(rules(2, "a"), reader, START, START + 10_000, shares.append)
    assert shares == sorted(shares)
    assert 50 <= len(shares) <= 100
    assert 0.95 < shares[-1] <= 1


# ── the same rules ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("world", [one for one in worlds() if one.seconds <= DAY], ids=lambda one: one.name)
def test_the_same_rules_give_the_messages_that_were_sent(tmp_path: Path, world: World):
    course = run_ours(world)
    path = recorded(tmp_path / "h.db", course.results)
    with MarkReader(path) as reader:
        again = replay(course.config, reader, world.epoch, world.epoch + world.seconds).messages
    assert list(map(about, again)) == list(map(about, course.messages))
    for one, other in zip(again, course.messages, strict=True):
        assert one.at == pytest.approx(other.at, abs=1.1)  # the engine sends once a second
        assert one.cause == other.cause


def test_a_common_address_is_the_cause_as_it_was(tmp_path: Path):
    behind = [f"e{number}" for number in range(6)]
    endpoints = (*(watched(name, host="10.0.0.9") for name in behind), watched("other"))
    world = World(
        name="one host",
        endpoints=endpoints,
        spans={name: (Span(100, 1000),) for name in behind},
        outages=(),
        wanted=(),
        seconds=1500,
    )
    course = run_ours(world)
    with MarkReader(recorded(tmp_path / "h.db", course.results)) as reader:
        again = replay(course.config, reader, world.epoch, world.epoch + world.seconds).messages
    assert [one.cause for one in again] == [one.cause for one in course.messages]
    assert again[0].cause is not None
    assert again[0].cause.kind == "address"


def test_a_certificate_that_expires_soon_is_reported_once(tmp_path: Path):
    results = [result("a", "c" if 5 <= number < 300 else "u", START + 30 * number) for number in range(320)]
    rules = Config(endpoints=(watched("a"),), alerts=(alert(),))
    with MarkReader(recorded(tmp_path / "h.db", results)) as reader:
        assert [str(one.kind) for one in replay(rules, reader, START, 9e9).messages] == ["certificate"]


def test_what_is_still_down_is_reported_at_the_end_of_maintenance(tmp_path: Path):
    simulation = Simulation(
        [watched("a", interval=600.0)],
        [alert()],
        lambda _, at: "d" if 100 <= at < 3000 else "u",
        [Maintenance(name="w", start=EPOCH - EPOCH % 60, duration=1500.0)],
    )
    sent = simulation.run(2 * HOUR)
    with MarkReader(recorded(tmp_path / "h.db", simulation.results)) as reader:
        again = replay(simulation.config, reader, EPOCH, EPOCH + 2 * HOUR).messages
    assert [round(one.at) for one in again] == [round(one.at) for one in sent]
    assert len(again) == 2


# ── other rules ─────────────────────────────────────────────────────────────────────────────────


def sparse(restart: float) -> list[Result]:
    """A check every 30 s, and quick retries until a failure was confirmed: it is down for so long."""
    world = World(
        name="a restart",
        endpoints=(watched("a"),),
        spans={"a": (Span(300, 300 + restart),)},
        outages=(),
        wanted=(),
        seconds=HOUR,
    )
    return run_ours(world).results


@pytest.mark.parametrize(("down_after", "delay"), [(4, 5.0), (6, 15.0), (7, None)])
def test_checks_that_a_longer_confirmation_would_have_made_find_the_same(
    tmp_path: Path, down_after: int, delay: float | None
):
    # Failures at 300, 305 and 310 s, and a success at 340 s: it may have failed until then.
    with MarkReader(recorded(tmp_path / "h.db", sparse(20))) as reader:
        began = replay(Config(endpoints=(watched("a"),), alerts=(alert(digest=0.0),)), reader, 0, 9e9)
        rules = Config(endpoints=(watched("a", down_after=down_after),), alerts=(alert(digest=0.0),))
        later = replay(rules, reader, 0, 9e9)
    assert later.messages or delay is None
    if delay is not None:
        assert later.messages[0].at - began.messages[0].at == delay


def test_limits_on_latency_are_those_of_the_config(tmp_path: Path):
    results = [result("a", "u", START + 30 * number) for number in range(20)]  # each takes 5 ms
    rules = alert(on=frozenset({"down", "degraded"}))
    with MarkReader(recorded(tmp_path / "h.db", results)) as reader:
        for key, kinds in (("expect", ["down"]), ("warn", ["degraded"])):
            strict = watched("a", **{key: (MaxLatency(4.0),)})
            again = replay(Config(endpoints=(strict,), alerts=(rules,)), reader, START, 9e9)
            assert [str(one.kind) for one in again.messages] == kinds


def test_what_was_known_before_the_window_is_no_message(tmp_path: Path):
    path = history(tmp_path / "h.db", a="u" * 10 + "d" * 100)
    with MarkReader(path) as reader:
        outcome = replay(rules(2, "a"), reader, START + 500, 9e9)
    assert outcome.messages == []
    assert [one.began for one in outcome.incidents] == [START + 100]


def test_no_reminder_is_sent_after_the_end_of_the_window(tmp_path: Path):
    path = history(tmp_path / "h.db", a="u" * 5 + "d" * 10)
    reminding = replace(rules(2, "a"), alerts=(alert(remind=60.0),))
    with MarkReader(path) as reader:
        kinds = [str(one.kind) for one in replay(reminding, reader, START, START + 150).messages]
    assert kinds == ["down", "reminder"]


@pytest.mark.parametrize(
    ("status", "reason", "latency", "expect", "warn", "expected"),
    [
        (UP, None, 300.0, None, None, (UP, None)),
        (UP, None, 300.0, 1000, 200, (DEGRADED, SLOW)),
        (UP, None, 300.0, 300, None, (UP, None)),
        (UP, None, 300.0, 299, 200, (DOWN, SLOW)),
        (UP, None, None, 299, 200, (UP, None)),
        (DEGRADED, SLOW, 300.0, None, 400, (UP, None)),
        (DEGRADED, SLOW, 300.0, None, None, (UP, None)),
        (DEGRADED, SLOW, 300.0, None, 200, (DEGRADED, SLOW)),
        (DEGRADED, EXPIRING, 300.0, None, 200, (DEGRADED, EXPIRING)),
        (DEGRADED, EXPIRING, 300.0, 200, None, (DOWN, SLOW)),
        (DOWN, SLOW, 300.0, 400, 200, (DEGRADED, SLOW)),
        (DOWN, SLOW, 300.0, 400, None, (UP, None)),
        (DOWN, REFUSED, 300.0, 1000, 1000, (DOWN, REFUSED)),
        (UNKNOWN, Reason.LOCAL_ERROR, 300.0, 200, 200, (UNKNOWN, Reason.LOCAL_ERROR)),
    ],
)
def test_the_present_limits_decide_over_a_stored_latency(status, reason, latency, expect, warn, expected):
    limits = {key: (MaxLatency(ms),) for key, ms in (("expect", expect), ("warn", warn)) if ms is not None}
    stored = Result(
        endpoint="a", status=status, reason=reason, message="x", checked_at=1.0, latency_ms=latency
    )
    again = judged_again(watched("a", **limits), stored)
    assert (again.status, again.reason) == expected
    assert (again == stored) is (expected == (status, reason) and reason is not SLOW)
    assert [one.reason for one in again.failed] == ([SLOW] if expected[1] is SLOW else [])
