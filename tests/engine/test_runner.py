"""The checks in flight."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest
from virtual import BEGINNING, Script, Scripted, clock, endpoint, loop, until, virtual

from monitor.engine.runner import Check, Job, Runner
from monitor.engine.stats import Meter
from monitor.engine.tracked import Tracked
from monitor.link.messages import CheckProgress
from monitor.model import (
    Certificate,
    Config,
    Explanation,
    Failed,
    Observation,
    Reason,
    Result,
    Settings,
    Status,
)
from monitor.trace import Trace


def mask(text: str) -> str:
    return text.replace("hunter2", "•••")


class Bench:
    """A runner under test, and what ended: name and result."""

    def __init__(self, script: Script, most: int | None = None, canaries: Sequence[Scripted] = ()) -> None:
        self.script = script
        self.ended: list[tuple[str, Result | None]] = []
        self.connectivity: list[bool] = []
        self.meter = Meter(loop().time())
        self.checks = Runner(script, self.meter, clock, self._end, self.connectivity.append)
        self.settings(most, canaries)

    def settings(self, most: int | None = None, canaries: Sequence[Scripted] = ()) -> None:
        settings = Settings(max_concurrency=most, connectivity=tuple(canaries))
        self.checks.use(Config(settings=settings, redact=mask))

    def _end(self, check: Check, result: Result | None) -> None:
        check.job.check = None
        self.ended.append((check.job.tracked.endpoint.name, result))

    def check(self, name: str, due: float | None = None, **keys: Any) -> Job:
        job = Job(Tracked(0, endpoint(name, **keys), 60, clock()))
        self.checks.enqueue(job, due)
        return job

    @property
    def statuses(self) -> dict[str, Status | None]:
        return {name: result and result.status for name, result in self.ended}

    def result(self, name: str) -> Result:
        return next(result for ended, result in self.ended if ended == name and result)


@virtual
async def test_a_check_ends_with_its_verdict():
    bench = Bench(Script(takes=0.5, a="u", b="g", c="d", d="i"))
    for name in "abcd":
        bench.check(name)
    assert len(bench.checks.in_flight) == 4
    await until(1)
    assert bench.statuses == {
        "a": Status.UP, "b": Status.DEGRADED, "c": Status.DOWN, "d": Status.INCONCLUSIVE,
    }  # fmt: skip
    assert not bench.checks.in_flight
    await bench.checks.stop()


@virtual
async def test_no_more_than_allowed_are_in_flight_and_the_others_wait_in_order():
    bench = Bench(Script(takes=1.0), most=2)
    for name in "abcdef":
        bench.check(name)
    assert (len(bench.checks.in_flight), bench.checks.queued) == (2, 4)
    await until(10)
    assert bench.script.most == 2
    assert [name for name, _ in bench.ended] == list("abcdef")
    assert [bench.script.started[name] for name in "abcdef"] == [[0], [0], [1], [1], [2], [2]]
    assert bench.checks.queued == 0
    await bench.checks.stop()


@virtual
async def test_waiting_for_a_turn_is_lateness_and_no_part_of_the_check():
    bench = Bench(Script(a="h", b="h"), most=1)
    bench.check("a", due=BEGINNING)
    bench.check("b", due=BEGINNING)
    await until(20)
    assert bench.script.started["b"] == [5.0]
    assert bench.result("b").checked_at == clock() - 15
    assert bench.meter.late_p99_ms(loop().time()) == pytest.approx(5000, rel=0.15)
    await bench.checks.stop()


@virtual
async def test_a_check_out_of_turn_is_late_for_nothing():
    bench = Bench(Script())
    bench.check("a", due=None)
    await until(1)
    assert bench.meter.per_second(loop().time()) == 0.0
    await bench.checks.stop()


@virtual
async def test_who_no_longer_wants_to_be_checked_loses_its_place():
    bench = Bench(Script(takes=1.0), most=1)
    bench.check("a")
    bench.checks.drop(bench.check("b"))
    bench.check("c")
    assert bench.checks.queued == 1
    await until(5)
    assert list(bench.script.started) == ["a", "c"]
    await bench.checks.stop()


@virtual
async def test_more_room_is_used_at_once():
    bench = Bench(Script(takes=100.0), most=1)
    for name in "abc":
        bench.check(name)
    bench.settings(most=10)
    await until(1)
    assert bench.script.running == 3
    await bench.checks.stop()


@virtual
async def test_checks_in_flight_continue_between_the_starts_of_many_others():
    bench = Bench(Script(takes=100.0))
    for number in range(1000):
        bench.check(str(number), due=BEGINNING)
    started: list[int] = []
    while len(bench.script.started) < 1000:
        await asyncio.sleep(0)
        started.append(len(bench.script.started))
    assert max(later - earlier for earlier, later in pairwise([0, *started])) <= 16
    assert list(bench.script.started) == [str(number) for number in range(1000)]
    assert bench.checks.queued == 0
    assert loop().time() == BEGINNING
    await bench.checks.stop()


# ── what does not end well ──────────────────────────────────────────────────────────────────────


@virtual
async def test_a_cancelled_check_ends_without_a_result():
    bench = Bench(Script(takes=3.0))
    job = bench.check("a")
    await until(1)
    assert job.check
    assert job.check.task
    job.check.task.cancel()
    await until(2)
    assert bench.ended == [("a", None)]
    await bench.checks.stop()


@virtual
async def test_a_check_that_nobody_wants_any_more_is_not_told_of():
    bench = Bench(Script(takes=3.0))
    job = bench.check("a")
    await until(1)
    job.check = None
    await until(10)
    assert bench.ended == []
    assert not bench.checks.in_flight
    await bench.checks.stop()


@virtual
async def test_a_check_cancelled_before_it_began_frees_its_place():
    bench = Bench(Script(takes=3.0), most=1)
    job = bench.check("a")
    bench.check("b")
    bench.checks.drop(job)
    await until(1)
    assert list(bench.script.started) == ["b"]
    assert len(bench.checks.in_flight) == 1
    await bench.checks.stop()


@virtual
async def test_a_check_that_does_not_heed_its_end_is_given_up_and_frees_its_place():
    bench = Bench(Script(a="H"), most=1)
    bench.check("a", timeout=5.0)
    bench.check("b")
    await until(14)
    assert bench.ended == []
    await until(17)
    result = bench.result("a")
    assert (result.status, result.reason) == (Status.INCONCLUSIVE, Reason.LOCAL_ERROR)
    assert "did not end" in result.message
    assert bench.statuses["b"] is Status.UP
    await until(3700)
    assert [name for name, _ in bench.ended] == ["a", "b"]
    await bench.checks.stop()


@virtual
async def test_a_check_that_is_made_again_has_the_time_of_two():
    bench = Bench(Script(a="H"), most=1)
    job = bench.check("a", timeout=5.0)
    assert job.check
    await until(4)
    job.check.traces.append(Trace())
    await until(19)
    assert bench.ended == []
    await until(22)
    assert bench.result("a").reason is Reason.LOCAL_ERROR
    await bench.checks.stop()


@virtual
async def test_checks_that_last_as_long_as_they_may_are_not_given_up():
    bench = Bench(Script(takes=300.0))
    bench.check("a", timeout=300.0)
    await until(301)
    assert bench.statuses == {"a": Status.UP}
    await bench.checks.stop()


@dataclass(frozen=True)
class Crashing:
    def judge(self, observation: Observation, severity: str) -> Failed | None:
        raise ZeroDivisionError("oops")


@virtual
async def test_what_crashes_harms_nobody_else():
    bench = Bench(Script(a="!"))
    bench.check("a")
    bench.check("b", expect=(Crashing(),))
    bench.check("c")
    await until(1)
    assert bench.statuses == {"a": Status.INCONCLUSIVE, "b": Status.INCONCLUSIVE, "c": Status.UP}
    assert "ZeroDivisionError at" in bench.result("b").message
    await bench.checks.stop()


@virtual
async def test_stopping_cancels_what_is_in_flight_and_begins_nothing_more():
    bench = Bench(Script(takes=100.0, c="H"), most=3)
    for name in "abcdef":
        bench.check(name)
    await until(1)
    await bench.checks.stop()
    assert sorted(bench.script.cancelled) == ["a", "b"]
    assert loop().time() - BEGINNING == pytest.approx(2.0)  # c was given a second
    await until(200)
    assert set(bench.script.started) == {"a", "b", "c"}


# ── canaries ────────────────────────────────────────────────────────────────────────────────────


class Canary:
    """A canary whose answer is set by hand."""

    def __init__(self) -> None:
        self.alive = True
        self.asked = 0
        self.probe = Scripted("canary", answers=self._answer)

    async def _answer(self) -> str:
        self.asked += 1
        await asyncio.sleep(0.1)
        if not self.alive:
            raise ConnectionRefusedError
        return "ok"


@virtual
async def test_canaries_are_not_asked_while_nothing_fails():
    canary = Canary()
    bench = Bench(Script(), canaries=[canary.probe])
    for _ in range(20):
        bench.check("a")
    await until(600)
    assert canary.asked == 0
    assert not bench.checks.offline
    await bench.checks.stop()


@virtual
async def test_a_failure_is_believed_when_a_canary_answers():
    canary = Canary()
    bench = Bench(Script(a="d"), canaries=[canary.probe])
    bench.check("a")
    await until(1)
    assert bench.statuses == {"a": Status.DOWN}
    assert canary.asked == 1
    await bench.checks.stop()


@virtual
async def test_no_failure_is_believed_while_no_canary_answers():
    canary = Canary()
    canary.alive = False
    bench = Bench(Script(a="d", b="d", c="u"), canaries=[canary.probe])
    for name in "abc":
        bench.check(name)
    await until(1)
    assert bench.statuses == {"a": Status.INCONCLUSIVE, "b": Status.INCONCLUSIVE, "c": Status.UP}
    assert canary.asked == 1  # the failures share one round
    assert bench.result("a").message == "this machine is offline (connection refused)"
    assert bench.checks.offline
    await bench.checks.stop()


@virtual
async def test_coming_and_going_is_told_and_while_offline_canaries_are_asked_again():
    canary = Canary()
    canary.alive = False
    bench = Bench(Script(a="d"), canaries=[canary.probe])
    bench.check("a")
    await until(60)
    assert 10 <= canary.asked <= 15
    canary.alive = True
    await until(70)
    assert not bench.checks.offline
    assert bench.connectivity == [False, True]
    asked = canary.asked
    await until(600)
    assert canary.asked == asked
    await bench.checks.stop()


@virtual
async def test_new_settings_do_not_bring_a_machine_online():
    canary, other = Canary(), Canary()
    canary.alive = other.alive = False
    bench = Bench(Script(a="d"), canaries=[canary.probe])
    bench.check("a")
    await until(1)
    bench.settings(most=3, canaries=[canary.probe])
    bench.settings(most=3, canaries=[other.probe])
    await until(20)
    assert bench.checks.offline
    assert other.asked
    assert bench.connectivity == [False]
    bench.settings()
    await until(30)
    assert not bench.checks.offline
    await bench.checks.stop()


# ── secrets ─────────────────────────────────────────────────────────────────────────────────────


@virtual
async def test_results_are_redacted_and_plain_when_they_leave():
    async def leak(*_: object) -> Observation:
        return Observation(
            started=clock(),
            reason=Reason.PROTOCOL_ERROR,
            message="hunter2\x1b[2J",
            address="hunter2",
            explanation=Explanation(answer="hunter2"),
            certificate=Certificate(subject="CN=hunter2", issuer="CN=a", not_before=0.0, not_after=1.0),
        )

    bench = Bench(Script())
    bench.checks._run_probe = leak
    bench.check("a")
    await until(1)
    result = bench.result("a")
    assert result.message == "•••␛[2J"
    assert "hunter2" not in repr(result)
    await bench.checks.stop()


# ── progress ────────────────────────────────────────────────────────────────────────────────────


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
def test_a_check_says_how_far_it_got(traces: list[Trace], phase: str, phases: set[str]):
    check = Check(Job(Tracked(0, endpoint("a"), 60, 0.0)), None, 0.0)
    check.traces += traces
    assert (check.in_progress.phase, set(check.in_progress.phases_ms)) == (phase, phases)


@virtual
async def test_an_endpoint_that_waits_for_its_turn_is_under_way_too():
    bench = Bench(Script(takes=1.0), most=1)
    first, second = bench.check("a"), bench.check("b")
    assert (first.in_progress, second.in_progress) == (CheckProgress(), CheckProgress())
    await until(5)
    assert (first.in_progress, second.in_progress) == (None, None)
    await bench.checks.stop()
