"""Who reported in."""

import asyncio
import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.probes._heartbeats import (
    NOBODY,
    Call,
    CallError,
    Heard,
    Heartbeats,
    Signal,
    addressee,
    understood,
)
from monitor.text import plain


async def test_nobody_listens_at_first():
    hub = Heartbeats()
    assert hub.deaf == NOBODY
    hub.listen()
    assert hub.deaf == ""
    hub.stop("the address is taken")
    assert hub.deaf == "the address is taken"


async def test_the_last_heartbeat_is_kept():
    hub = Heartbeats()
    names = []
    hub.heard = names.append
    hub.listen()
    hub.take(Call("a", note="one"))
    hub.take(Call("a", note="two"))
    beat = hub.last("a")
    assert beat is not None
    assert beat.note == "two"
    assert beat.at <= asyncio.get_running_loop().time()
    assert hub.last("b") is None
    assert names == ["a", "a"]


async def test_a_heartbeat_that_was_due_while_nobody_listened_may_have_come():
    hub = Heartbeats()
    hub.listen()
    hub.take(Call("a"))
    hub.stop()
    hub.listen()
    assert hub.last("a", 60) is not None  # the next one is still due
    hub.since += 100
    assert hub.last("a", 60) is None
    assert hub.last("a", 110) is not None
    hub.take(Call("a"))
    assert hub.last("a", 60) is not None


async def test_the_next_heartbeat_ends_every_wait():
    hub = Heartbeats()
    waits = [asyncio.create_task(hub.next("a", 60)) for _ in range(3)]
    await asyncio.sleep(0)
    hub.take(Call("b"))
    hub.take(Call("a", note="now"))
    assert [beat and beat.note for beat in await asyncio.gather(*waits)] == ["now"] * 3


async def test_a_wait_ends_without_one_and_harms_no_other():
    hub = Heartbeats()
    other = asyncio.create_task(hub.next("a", 60))
    assert await hub.next("a", 0.0) is None
    hub.take(Call("a"))
    assert await other is not None


# ---- how callers write it

NAMES = {"backup", "a/b", "odd/fail"}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("backup", ("backup", "")),
        ("backup/start", ("backup", "start")),
        ("a/b", ("a/b", "")),
        ("a/b/7", ("a/b", "7")),
        ("odd/fail", ("odd/fail", "")),
        ("odd/fail/fail", ("odd/fail", "fail")),
        ("odd", None),
        ("nobody/fail", None),
        ("", None),
    ],
)
def test_the_last_step_of_a_path_may_be_an_action(path: str, found: tuple[str, str] | None):
    assert addressee(path, NAMES) == found


@pytest.mark.parametrize(
    ("action", "query", "signal", "note"),
    [
        ("", {}, Signal.SUCCESS, ""),
        ("", {"msg": "3 files\x1b[2J"}, Signal.SUCCESS, "3 files␛[2J"),
        ("", {"status": "up", "msg": "OK", "ping": "12"}, Signal.SUCCESS, "OK"),
        ("", {"status": "DOWN", "msg": "disk full"}, Signal.FAILURE, "disk full"),
        ("start", {}, Signal.START, ""),
        ("fail", {"msg": "no"}, Signal.FAILURE, "no"),
        ("0", {"msg": "fine"}, Signal.SUCCESS, "fine"),
        ("1", {}, Signal.FAILURE, "exit status 1"),
        ("255", {"msg": "no"}, Signal.FAILURE, "exit status 255: no"),
    ],
)
def test_a_call_says_how_a_run_went(action: str, query: dict[str, str], signal: Signal, note: str):
    assert understood("backup", action, query) == Call("backup", signal, note)


@pytest.mark.parametrize(
    ("action", "query"),
    [
        ("", {"status": "sideways"}),
        ("finish", {}),
        ("256", {}),
        ("-1", {}),
        ("١", {}),
        ("fail", {"status": "down"}),
        ("start", {"status": "up"}),
    ],
)
def test_what_is_not_understood_is_refused(action: str, query: dict[str, str]):
    with pytest.raises(CallError):
        understood("backup", action, query)


@given(st.text(max_size=8), st.dictionaries(st.sampled_from(["status", "msg"]), st.text(max_size=8)))
def test_any_call_is_understood_or_refused(action: str, query: dict[str, str]):
    with suppress(CallError):
        assert understood("backup", action, query).note == plain(understood("backup", action, query).note)


# ---- runs


async def test_a_run_that_says_when_it_began_is_timed(monkeypatch: pytest.MonkeyPatch):
    hub = Heartbeats()
    hub.listen()
    monkeypatch.setattr(time, "time", lambda: 1000.0)
    hub.take(Call("a", Signal.START))
    assert (hub.last("a"), hub.started("a")) == (None, 1000.0)
    monkeypatch.setattr(time, "time", lambda: 1012.5)
    hub.take(Call("a", Signal.FAILURE, "no space"))
    beat = hub.last("a")
    assert beat is not None
    assert (beat.run_s, beat.failed, beat.note, beat.heard_at) == (12.5, True, "no space", 1012.5)
    assert hub.started("a") is None
    hub.take(Call("a"))
    beat = hub.last("a")
    assert beat is not None
    assert (beat.run_s, beat.failed) == (None, False)


async def test_that_a_run_begins_ends_no_wait():
    hub = Heartbeats()
    waiting = asyncio.create_task(hub.next("a", 0.05))
    await asyncio.sleep(0)
    hub.take(Call("a", Signal.START))
    assert await waiting is None


# ---- after a restart


@pytest.mark.parametrize(
    ("heard", "until", "recalled"),
    [
        (900.0, 990.0, True),
        (100.0, 990.0, True),
        (805.0, 990.0, False),
        (None, 990.0, False),
    ],
    ids=["due later", "overdue before", "due while nobody listened", "never heard"],
)
async def test_what_an_earlier_run_knew_is_taken_over(
    monkeypatch: pytest.MonkeyPatch, heard: float | None, until: float, recalled: bool
):
    monkeypatch.setattr(time, "time", lambda: 1010.0)
    hub = Heartbeats()
    hub.listen()
    hub.recall("a", Heard(heard_at=heard, note="3 files", run_s=7.0, failed=True), until)
    beat = hub.last("a", 190)
    assert (beat is not None) is recalled
    if beat is not None and heard is not None:
        assert (beat.note, beat.run_s, beat.heard_at, beat.failed) == ("3 files", 7.0, heard, True)
        assert beat.at == pytest.approx(asyncio.get_running_loop().time() - (1010 - heard), abs=1)
        assert hub.known("a") == Heard(heard_at=heard, note="3 files", run_s=7.0, failed=True)


async def test_a_run_that_began_before_a_restart_is_timed():
    hub = Heartbeats()
    hub.listen()
    hub.recall("a", Heard(started_at=time.time() - 60), time.time())
    assert hub.last("a") is None
    hub.take(Call("a"))
    beat = hub.last("a")
    assert beat is not None
    assert beat.run_s == pytest.approx(60, abs=5)
