"""One check from its start to its observation."""

import asyncio
import contextlib
import errno
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pytest
from fake_probe import Fake

from monitor.checks import run_probe as module
from monitor.checks.run_probe import run_probe
from monitor.errors import LocalError, ProbeError
from monitor.model import HttpFacts, Reason
from monitor.trace import Trace


async def healthy(trace: Trace) -> str:
    trace.enter("connect")
    trace.address = "192.0.2.1:80"
    trace.enter("wait")
    trace.http = HttpFacts(status=200, version="HTTP/1.1")
    trace.facts["status"] = 200
    trace.answer = "hello"
    return "200 OK"


async def test_a_check_that_completes_tells_what_it_learnt() -> None:
    seen = await run_probe(Fake(healthy), 5)
    assert (seen.reason, seen.message, seen.address) == (None, "200 OK", "192.0.2.1:80")
    assert seen.facts == {"status": 200}
    assert seen.http is not None
    assert set(seen.phases_ms) == {"connect", "wait"}
    assert seen.latency_ms is not None
    assert seen.latency_ms >= sum(seen.phases_ms.values())
    assert seen.explanation is not None
    assert seen.explanation.answer == "hello"


async def test_who_looks_on_sees_what_a_check_learns_as_it_goes() -> None:
    traces: list[Trace] = []

    async def hesitant(trace: Trace) -> str:
        trace.enter("wait")
        assert traces == [trace]
        return "200 OK"

    assert (await run_probe(Fake(hesitant), 5, (), traces.append)).reason is None


@dataclass(frozen=True)
class Preparing(Fake):
    """A probe that has to load something first."""

    loads: Callable[[], None] = list

    def prepare(self) -> None:
        self.loads()


async def test_what_a_probe_loads_first_is_in_no_latency() -> None:
    events: list[float] = []

    async def check(trace: Trace) -> str:
        events.append(trace.began)
        return ""

    await run_probe(Preparing(check, loads=lambda: events.append(time.perf_counter())), 5)
    loaded, began = events
    assert loaded < began


async def test_a_probe_that_cannot_be_prepared_is_this_machines_fault_and_not_checked() -> None:
    async def check(trace: Trace) -> str:
        raise AssertionError("was checked")

    loads = lambda: [].pop()  # noqa: E731
    line = loads.__code__.co_firstlineno
    seen = await run_probe(Preparing(check, loads=loads), 5)
    assert (seen.reason, seen.latency_ms) == (Reason.LOCAL_ERROR, None)
    assert seen.message == f"check crashed: IndexError at {Path(__file__).name}:{line}"


@pytest.mark.parametrize(
    ("phase", "reason", "words"),
    [
        ("dns", Reason.CONNECT_TIMEOUT, "looking up the name"),
        ("connect", Reason.CONNECT_TIMEOUT, "connecting"),
        ("tls", Reason.TLS_TIMEOUT, "TLS handshake"),
        ("wait", Reason.READ_TIMEOUT, "waiting for the answer"),
        ("transfer", Reason.READ_TIMEOUT, "reading the answer"),
        ("query", Reason.READ_TIMEOUT, "waiting for the answer"),
        (None, Reason.READ_TIMEOUT, "waiting for the answer"),
    ],
)
async def test_the_phase_in_which_time_ran_out_is_the_reason(
    phase: str | None, reason: Reason, words: str
) -> None:
    async def hang(trace: Trace) -> str:
        trace.enter(phase)
        await asyncio.Event().wait()
        return "never"

    seen = await run_probe(Fake(hang), 0.01)
    assert seen.reason is reason
    assert seen.message.startswith("no answer within 10ms (")
    assert words in seen.message


@pytest.mark.parametrize(
    ("error", "reason", "words"),
    [
        (ProbeError(Reason.PROTOCOL_ERROR, "garbage"), Reason.PROTOCOL_ERROR, "garbage"),
        (LocalError("no descriptors"), Reason.LOCAL_ERROR, "no descriptors"),
        (OSError(errno.ECONNREFUSED, "x"), Reason.CONNECTION_REFUSED, "refused"),
        (OSError(errno.EMFILE, "x"), Reason.LOCAL_ERROR, "descriptors"),
        (TimeoutError(errno.ETIMEDOUT, "x"), Reason.CONNECT_TIMEOUT, "timed out"),
        (ValueError("\x1b[2J"), Reason.LOCAL_ERROR, "check crashed: ValueError at test_run_probe.py:"),
        (RecursionError(), Reason.LOCAL_ERROR, "check crashed: RecursionError"),
        (asyncio.CancelledError(), Reason.LOCAL_ERROR, "check crashed: CancelledError"),
    ],
)
async def test_whatever_a_probe_raises_becomes_a_reason(
    error: BaseException, reason: Reason, words: str
) -> None:
    async def fail(trace: Trace) -> str:
        trace.address = "192.0.2.1:80"
        raise error

    seen = await run_probe(Fake(fail), 5)
    assert seen.reason is reason
    assert words in seen.message
    assert seen.address == "192.0.2.1:80"
    assert (seen.latency_ms is None) is (reason is Reason.LOCAL_ERROR)


async def test_a_caller_who_gives_up_cancels_the_check() -> None:
    begun, cancelled = asyncio.Event(), asyncio.Event()

    async def hang(trace: Trace) -> str:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        return "never"

    task = asyncio.create_task(run_probe(Fake(hang), 60))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert cancelled.is_set()


@pytest.mark.parametrize(("worked", "reason"), [(0.0, Reason.LOCAL_ERROR), (60.0, None)])
async def test_a_clock_that_jumped_means_we_stood_still_unless_we_worked(
    monkeypatch: pytest.MonkeyPatch, worked: float, reason: Reason | None
) -> None:
    clock = {"now": 1000.0, "worked": 5.0}
    monkeypatch.setattr(module, "_clock", lambda: clock["now"])
    monkeypatch.setattr(module.time, "process_time", lambda: clock["worked"])

    async def meanwhile(trace: Trace) -> str:
        clock["now"] += 60
        clock["worked"] += worked
        return "200 OK"

    seen = await run_probe(Fake(meanwhile), 5)
    assert seen.reason is reason
    after = await run_probe(Fake(healthy), 5)
    assert after.reason is None


async def test_standing_still_spoils_every_check_in_flight_and_none_that_begins_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = {"now": 1000.0}
    monkeypatch.setattr(module, "_clock", lambda: clock["now"])
    monkeypatch.setattr(module.time, "process_time", lambda: 0.0)
    begun, go = asyncio.Event(), asyncio.Event()

    async def wait(trace: Trace) -> str:
        begun.set()
        await go.wait()
        return "ok"

    early = asyncio.create_task(run_probe(Fake(wait), 60))
    await begun.wait()
    clock["now"] += 10
    late = await run_probe(Fake(healthy), 5)
    go.set()
    assert (await early).reason is Reason.LOCAL_ERROR
    assert late.reason is None


PROGRAM = textwrap.dedent(
    """
    import asyncio, sys
    from monitor.checks.run_probe import run_probe

    class Hang:
        kind, target = "fake", "fake://"
        async def check(self, trace):
            trace.enter("wait")
            print("checking", flush=True)
            await asyncio.sleep(60)

    seen = asyncio.run(run_probe(Hang(), 0.5))
    print(seen.reason, seen.latency_ms, seen.message)
    """
)


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGSTOP")
def test_a_process_that_was_stopped_learns_nothing() -> None:
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "checking\n"
        os.kill(program.pid, signal.SIGSTOP)
        os.waitid(os.P_PID, program.pid, os.WSTOPPED)
        with contextlib.suppress(subprocess.TimeoutExpired):
            program.wait(2.5)  # not for something to come true: this long it is stopped
        os.kill(program.pid, signal.SIGCONT)
        told = program.stdout.readline()
    assert told == "local_error None this machine was asleep or stopped during the check\n"


async def test_observing_leaves_nothing_running() -> None:
    await asyncio.gather(*(run_probe(Fake(healthy), 5) for _ in range(10)))
    assert asyncio.all_tasks() == {asyncio.current_task()}


@pytest.mark.parametrize(
    ("busy_seconds", "reason"), [(0.0, Reason.READ_TIMEOUT), (module.OVERDUE + 0.05, Reason.LOCAL_ERROR)]
)
async def test_a_deadline_that_we_were_too_busy_for_tells_nothing_of_the_endpoint(
    busy_seconds: float, reason: Reason
) -> None:
    async def wait(trace: Trace) -> str:
        trace.enter("wait")
        asyncio.get_running_loop().call_soon(_work, busy_seconds)
        await asyncio.Event().wait()
        return "never"

    seen = await run_probe(Fake(wait), 0.01)
    assert seen.reason is reason
    assert (seen.latency_ms is None) is (reason is Reason.LOCAL_ERROR)


@pytest.mark.parametrize(("lost", "reason"), [(0.004, Reason.READ_TIMEOUT), (0.006, Reason.LOCAL_ERROR)])
async def test_a_check_that_we_were_busy_for_half_of_tells_nothing_of_the_endpoint(
    monkeypatch: pytest.MonkeyPatch, lost: float, reason: Reason
) -> None:
    async def wait(trace: Trace) -> str:
        trace.enter("wait")
        await asyncio.Event().wait()
        return "never"

    monkeypatch.setattr(module, "busy_since", lambda began, loop: lost)
    assert (await run_probe(Fake(wait), 0.01)).reason is reason


async def test_what_we_may_have_added_to_a_latency_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "busy_since", lambda began, loop: 3600.0)
    seen = await run_probe(Fake(healthy), 5)
    assert seen.latency_ms is not None
    assert seen.delayed_ms == seen.latency_ms > 0
    monkeypatch.setattr(module, "busy_since", lambda began, loop: 0.0)
    assert (await run_probe(Fake(healthy), 5)).delayed_ms == 0.0


def _work(seconds: float) -> None:
    """Keep the processor, and with it the loop, busy for so long."""
    ends = time.perf_counter() + seconds
    while time.perf_counter() < ends:
        pass


@dataclass(frozen=True)
class Repeatable(Fake):
    repeatable: ClassVar[bool] = True


@pytest.mark.parametrize(
    ("reason", "runs"), [(Reason.TLS_ERROR, 2), (Reason.PROTOCOL_ERROR, 2), (Reason.CONNECTION_REFUSED, 1)]
)
async def test_a_check_that_fails_after_a_shortcut_is_made_again_without(reason: Reason, runs: int) -> None:
    made, closed = [], []

    async def fails(trace: Trace) -> str:
        made.append(trace.repeatable)
        if trace.repeatable:
            trace.shortcuts.append(lambda: closed.append("shortcut"))
            raise ProbeError(reason, "by the shortcut")
        raise ProbeError(Reason.TLS_ERROR, "exactly")

    seen = await run_probe(Repeatable(fails), 5)
    assert made == [True, False][:runs]
    assert seen.message == ("exactly" if runs == 2 else "by the shortcut")
    assert closed == ["shortcut"] * (runs - 1)


async def test_a_crash_on_a_shortcut_does_not_count() -> None:
    async def crashes(trace: Trace) -> str:
        if trace.repeatable:
            trace.shortcuts.append(list)
            raise ZeroDivisionError
        return "fine"

    seen = await run_probe(Repeatable(crashes), 5)
    assert (seen.reason, seen.message) == (None, "fine")


@pytest.mark.parametrize("trouble", ["stopped", "busy"])
async def test_a_shortcut_is_not_to_blame_for_this_machine(
    monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    runs = []

    async def hangs(trace: Trace) -> str:
        runs.append(trace)
        trace.shortcuts.append(list)
        await asyncio.sleep(60 if trouble == "busy" else 0)
        return "fine"

    if trouble == "busy":
        monkeypatch.setattr(module, "busy_since", lambda _began, _loop: 60.0)
    else:
        monkeypatch.setattr(module._Pulse, "leave", lambda _self, _since: True)
    seen = await run_probe(Repeatable(hangs), 0.05)
    assert (seen.reason, len(runs)) == (Reason.LOCAL_ERROR, 1)
