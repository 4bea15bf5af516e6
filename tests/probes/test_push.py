"""Heartbeats, and their absence."""

import asyncio
import time
from dataclasses import replace
from typing import Any

import pytest

from monitor.checks.run_probe import run_probe
from monitor.errors import FieldError
from monitor.judge.verdict import judge
from monitor.model import Observation, Reason, Result, Status
from monitor.probes._heartbeats import Call, Heartbeats, Signal
from monitor.probes.push import Push
from monitor.trace import Resources


async def seen(*, heard: float | None, listening: float, timeout: float = 5, **keys: Any) -> Observation:
    """A check when somebody listens for ``listening`` seconds, and a heartbeat came ``heard`` ago."""
    resources = Resources()
    hub = resources.of(Heartbeats)
    hub.listen()
    if heard is not None:
        hub.take(Call("backup", note="3 files"))
    moved = hub._loop.time
    ago = listening if heard is None else heard
    hub.since = moved() - listening
    for name, beat in hub._beats.items():
        hub._beats[name] = replace(beat, at=moved() - ago, heard_at=beat.heard_at - ago)
    return await run_probe(Push(url="push:backup", **keys), timeout, resources=resources)


@pytest.mark.parametrize(
    ("heard", "listening", "reason", "message"),
    [
        (12, 100, None, "3 files"),
        (69, 100, None, "3 files"),
        (71, 100, Reason.MISSED, "no heartbeat within 1m and 10s of grace"),
        (None, 71, Reason.MISSED, "no heartbeat within 1m and 10s of grace"),
        (None, 69, Reason.LOCAL_ERROR, "no heartbeat yet"),
    ],
)
async def test_silence_is_the_failure(
    heard: float | None, listening: float, reason: Reason | None, message: str
):
    found = await seen(heard=heard, listening=listening, interval=60, grace=10)
    assert (found.reason, found.message) == (reason, message)
    assert (found.latency_ms, found.phases_ms) == (None, {})


@pytest.mark.parametrize(("heard", "good_for"), [(10, 60), (69, 1), (80, None)])
async def test_it_says_how_long_its_verdict_holds(heard: float, good_for: float | None):
    found = await seen(heard=heard, listening=100, interval=60, grace=10)
    assert found.good_for == (None if good_for is None else pytest.approx(good_for, abs=0.5))


@pytest.mark.parametrize(("heard", "listening"), [(12, 100), (71, 100), (None, 30)])
async def test_when_it_was_heard_and_is_due_is_told_in_moments(heard: float | None, listening: float):
    found = (await seen(heard=heard, listening=listening, interval=60, grace=10)).facts["heartbeat"]
    now, ago = time.time(), listening if heard is None else heard
    assert found.heard_at == (None if heard is None else pytest.approx(now - heard, abs=1))
    assert found.due_at == pytest.approx(now - ago + 60, abs=1)
    assert (found.grace_s, found.note) == (10, "" if heard is None else "3 files")


async def judged(*calls: Call) -> Result:
    resources = Resources()
    hub = resources.of(Heartbeats)
    hub.listen()
    for call in calls:
        hub.take(call)
    return judge("x", await run_probe(Push(url="push:backup", interval=60), 5, resources=resources), (), ())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (Call("backup", Signal.FAILURE), "it reports a failure"),
        (Call("backup", Signal.FAILURE, "disk full"), "disk full"),
    ],
)
async def test_a_failure_that_is_reported_makes_it_down(call: Call, message: str):
    result = await judged(Call("backup"), call)
    assert (result.status, result.reason) == (Status.DOWN, Reason.COMMAND_FAILED)
    assert result.message == message
    assert result.heartbeat is not None
    assert result.heartbeat.failed


async def test_the_next_good_heartbeat_makes_it_up_again():
    result = await judged(Call("backup", Signal.FAILURE), Call("backup", note="fine"))
    assert (result.status, result.message) == (Status.UP, "fine")


async def test_a_run_is_timed(monkeypatch: pytest.MonkeyPatch):
    real, late = time.time, [0.0]
    monkeypatch.setattr(time, "time", lambda: real() + late[0])
    resources = Resources()
    hub = resources.of(Heartbeats)
    hub.listen()
    hub.take(Call("backup", Signal.START))
    found = judge("x", await run_probe(Push(url="push:backup", interval=60), 5, resources=resources), (), ())
    assert found.message == "it began, and has not ended yet"
    assert found.heartbeat is not None
    assert found.heartbeat.started_at == pytest.approx(real(), abs=1)
    late[0] = 75
    hub.take(Call("backup", note="3 files"))
    found = judge("x", await run_probe(Push(url="push:backup", interval=60), 5, resources=resources), (), ())
    assert found.message == "3 files (took 1m15s)"
    assert found.heartbeat is not None
    assert found.heartbeat.run_s == pytest.approx(75, abs=1)
    assert found.performance is not None
    assert found.performance["run"].unit == "s"


async def test_where_nobody_listens_nothing_is_learnt():
    resources = Resources()
    resources.of(Heartbeats).stop("cannot listen")
    found = await run_probe(Push(url="push:backup"), 5, resources=resources)
    assert (found.reason, found.message) == (Reason.LOCAL_ERROR, "cannot listen")


async def test_a_patient_check_waits_for_the_first_heartbeat():
    resources = Resources()
    hub = resources.of(Heartbeats)
    hub.patient = True
    hub.listen()
    check = asyncio.create_task(run_probe(Push(url="push:backup", interval=60), 60, resources=resources))
    while not hub._waiting:
        await asyncio.sleep(0)
    hub.take(Call("backup"))
    found = await check
    assert (found.reason, found.message) == (None, "heartbeat received")


async def test_a_patient_check_waits_no_longer_than_allowed():
    resources = Resources()
    hub = resources.of(Heartbeats)
    hub.patient = True
    hub.listen()
    assert (
        await run_probe(Push(url="push:backup", interval=0.02), 60, resources=resources)
    ).reason is Reason.MISSED


async def test_a_patient_check_that_has_to_end_sooner_learns_nothing():
    resources = Resources()
    hub = resources.of(Heartbeats)
    hub.patient = True
    hub.listen()
    found = await run_probe(Push(url="push:backup", interval=60), 0.02, resources=resources)
    assert (found.reason, found.phases_ms) == (Reason.LOCAL_ERROR, {})


@pytest.mark.parametrize(
    ("url", "name"), [("push:backup", "backup"), ("push://backup", "backup"), ("push:a/b", "a/b")]
)
def test_a_heartbeat_has_a_name(url: str, name: str):
    assert Push(url=url).name == name


@pytest.mark.parametrize(
    ("keys", "key"), [({"url": "push:"}, "url"), ({"url": "push:a", "grace": -1}, "grace")]
)
def test_what_cannot_be_is_refused(keys: dict[str, Any], key: str):
    with pytest.raises(FieldError) as caught:
        Push(**keys)
    assert caught.value.key == key
