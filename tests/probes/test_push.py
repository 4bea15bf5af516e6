"""Heartbeats, and their absence."""

import asyncio
from typing import Any

import pytest

from monitor.checks.run_probe import run_probe
from monitor.errors import FieldError
from monitor.model import Observation, Reason
from monitor.probes._heartbeats import heartbeats
from monitor.probes.push import Push


async def seen(*, heard: float | None, listening: float, timeout: float = 5, **keys: Any) -> Observation:
    """A check when somebody listens for ``listening`` seconds, and a heartbeat came ``heard`` ago."""
    hub = heartbeats()
    hub.listen()
    if heard is not None:
        hub.hear("backup", "3 files")
    moved = hub._loop.time
    ago = listening if heard is None else heard
    hub.since = moved() - listening
    for name, beat in hub._beats.items():
        hub._beats[name] = type(beat)(moved() - ago, beat.note)
    return await run_probe(Push(url="push:backup", **keys), timeout)


@pytest.mark.parametrize(
    ("heard", "listening", "reason", "message"),
    [
        (12, 100, None, "heartbeat 12s ago: 3 files"),
        (69, 100, None, "heartbeat 1m9s ago: 3 files"),
        (71, 100, Reason.MISSED, "no heartbeat for 1m11s, allowed 1m10s"),
        (None, 71, Reason.MISSED, "no heartbeat for 1m11s, allowed 1m10s"),
        (None, 69, Reason.LOCAL_ERROR, "no heartbeat yet; listening for 1m9s"),
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


async def test_where_nobody_listens_nothing_is_learnt():
    heartbeats().stop("cannot listen")
    found = await run_probe(Push(url="push:backup"), 5)
    assert (found.reason, found.message) == (Reason.LOCAL_ERROR, "cannot listen")


async def test_a_patient_check_waits_for_the_first_heartbeat():
    hub = heartbeats()
    hub.patient = True
    hub.listen()
    check = asyncio.create_task(run_probe(Push(url="push:backup", interval=60), 60))
    while not hub._waiting:
        await asyncio.sleep(0)
    hub.hear("backup")
    found = await check
    assert (found.reason, found.message) == (None, "heartbeat 0s ago")


async def test_a_patient_check_waits_no_longer_than_allowed():
    hub = heartbeats()
    hub.patient = True
    hub.listen()
    assert (await run_probe(Push(url="push:backup", interval=0.02), 60)).reason is Reason.MISSED


async def test_a_patient_check_that_has_to_end_sooner_learns_nothing():
    hub = heartbeats()
    hub.patient = True
    hub.listen()
    found = await run_probe(Push(url="push:backup", interval=60), 0.02)
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
