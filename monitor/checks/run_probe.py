"""One check from its start to its observation: the deadline, and whose fault it was.

Nothing that a probe does escapes from here, except that the caller cancels it: a probe that
crashes, or a process that was stopped in the middle, is this machine's fault and not the
endpoint's.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from operator import attrgetter
from weakref import WeakKeyDictionary

from monitor.checks.deadline import Deadline
from monitor.checks.loop import busy_since
from monitor.duration import format_duration
from monitor.errors import LocalError, ProbeError, crash
from monitor.model import Assertion, Certificate, Observation, Probe, Reason
from monitor.text import plain
from monitor.trace import Phase, Trace
from monitor.wire.faults import fault

BEAT = 0.25
"""Seconds between two looks at the clock while checks are in flight."""
STANDSTILL = 1.0
"""Seconds without a look at the clock, and without work, that mean that this process stood still."""

OVERDUE = 0.25
"""Seconds that a deadline may come late before a check that missed it tells nothing of the endpoint."""

_HANDSHAKE = frozenset(
    {
        Reason.TLS_ERROR,
        Reason.CERTIFICATE_EXPIRED,
        Reason.CERTIFICATE_UNTRUSTED,
        Reason.CERTIFICATE_NAME_MISMATCH,
    }
)
_PHASES = {str(phase): phase for phase in Phase}

Progress = Callable[[Trace], object]
"""Receives the trace of a check when it starts, to follow its progress."""


def ignore_progress(_trace: Trace) -> None:
    """Default progress callback."""


async def run_probe(
    probe: Probe,
    timeout: float,
    assertions: Sequence[Assertion] = (),
    begun: Progress = ignore_progress,
) -> Observation:
    """Let ``probe`` make one check, for at most ``timeout`` seconds.

    ``assertions`` is what will be asked of the observation: a dialogue ends when they hold.

    Never raises, but for the CancelledError of a caller who gives up.
    """
    pulse = _pulse()
    since = pulse.join()
    problem: ProbeError | None = prepare(probe)
    started = time.time()
    trace = Trace(assertions)
    begun(trace)
    message = ""
    deadline = Deadline(timeout)
    try:
        if problem is None:
            message = await probe.check(trace)
    except ProbeError as error:
        problem = error.with_traceback(None)  # which would hold this frame, and the frame holds it
    except OSError as error:
        problem = fault(error)
    except asyncio.CancelledError as error:
        if deadline.passed:
            problem, message = _out_of_time(trace, timeout, deadline.late), trace.settled or ""
        elif _given_up():
            raise
        else:
            problem = _crashed(error)
    except Exception as error:  # noqa: BLE001 -- whatever a probe raises, it is told and nothing else stops
        problem = _crashed(error)
    finally:
        deadline.over()
        stood_still = pulse.leave(since)
    trace.finish()
    delayed_ms = busy_since(trace.began) * 1000
    if stood_still:
        problem = LocalError("this machine was asleep or stopped during the check")
    seen = _observation(started, trace, problem, message)
    if delayed_ms and seen.latency_ms is not None:
        seen.delayed_ms = min(delayed_ms, seen.latency_ms)
    return seen


def prepare(probe: Probe) -> LocalError | None:
    """Let ``probe`` load what it needs, if it is of those that do, before the clock starts."""
    prepare: Callable[[], None] | None = getattr(probe, "prepare", None)
    if prepare is None:
        return None
    try:
        prepare()
    except Exception as error:  # noqa: BLE001 -- as in a check
        return _crashed(error)
    return None


def _out_of_time(trace: Trace, timeout: float, late: float) -> ProbeError | None:
    """None if everything learnt so far can be judged as it stands."""
    if trace.settled is not None:
        return None
    lost = busy_since(trace.began)
    if late > OVERDUE or lost > timeout / 2:  # the answer may have come, with nobody here to read it
        return LocalError(
            f"this machine was too busy to see to the check for {format_duration(max(late, lost))}"
        )
    return _too_late(trace.phase, timeout)


def _too_late(phase: str | None, timeout: float) -> ProbeError:
    known = _PHASES.get(phase or "", Phase.WAIT)
    return ProbeError(known.reason, f"no answer within {format_duration(timeout)} ({known.doing})")


def _given_up() -> bool:
    """Whether somebody cancels this task, rather than something inside the probe."""
    task = asyncio.current_task()
    return task is None or task.cancelling() > 0


def _crashed(error: BaseException) -> LocalError:
    return LocalError(plain(f"check crashed: {crash(error)}"))


def _observation(started: float, trace: Trace, problem: ProbeError | None, message: str) -> Observation:
    learnt = (problem is None or problem.reason is not Reason.LOCAL_ERROR) and not trace.untimed
    return Observation(
        started=started,
        latency_ms=trace.latency_ms if learnt else None,
        phases_ms=trace.phases_ms if learnt else {},
        address=trace.address,
        reason=None if problem is None else problem.reason,
        message=message if problem is None else problem.message,
        facts=trace.facts,
        http=trace.http,
        certificate=_telling(trace, problem),
        explanation=trace.explanation(),
        good_for=trace.good_for,
        degraded=trace.degraded,
    )


def _telling(trace: Trace, problem: ProbeError | None) -> Certificate | None:
    """The certificate that counts: that of the failed handshake, or else the first to expire."""
    if problem is not None and problem.reason in _HANDSHAKE:
        return trace.certificates[-1] if trace.certificates else None
    return min(trace.certificates, key=attrgetter("expires"), default=None)


# ── did this process stand still? ───────────────────────────────────────────────────────────────

# The clock that goes on while the machine sleeps, where there is one.
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class _Pulse:
    """Notices when this process was stopped, or the machine asleep, while checks were in flight.

    A beat that comes late, with no processor time spent meanwhile, was not delayed by our own
    work. Beats only while checks are in flight.
    """

    def __init__(self) -> None:
        self._in_flight = 0
        self._beating = False
        self._looked = self._worked = self._stood_still = 0.0

    def join(self) -> float:
        """A check begins. When, by the clock that :meth:`leave` wants it back from."""
        if self._beating:
            now = self._glance()
        else:
            now = self._looked = _clock()
            self._worked = time.process_time()
        self._in_flight += 1
        if not self._beating:
            self._beat()
        return now

    def leave(self, since: float) -> bool:
        """A check that began at ``since`` ends: whether we stood still meanwhile."""
        self._glance()
        self._in_flight -= 1
        return self._stood_still > since

    def _beat(self) -> None:
        self._look()
        self._beating = self._in_flight > 0
        if self._beating:
            asyncio.get_running_loop().call_later(BEAT, self._beat)

    def _glance(self) -> float:
        """Look only when a beat is overdue: looking costs a system call. The present moment."""
        now = _clock()
        if now - self._looked > BEAT + STANDSTILL:
            self._look()
        return now

    def _look(self) -> None:
        now, worked = _clock(), time.process_time()
        idle = (now - self._looked) - (worked - self._worked)
        if idle > BEAT + STANDSTILL and self._in_flight:
            self._stood_still = now
        self._looked, self._worked = now, worked


def _clock() -> float:
    return time.clock_gettime(_CLOCK)


_pulses: WeakKeyDictionary[asyncio.AbstractEventLoop, _Pulse] = WeakKeyDictionary()


def _pulse() -> _Pulse:
    loop = asyncio.get_running_loop()
    pulse = _pulses.get(loop)
    if pulse is None:
        pulse = _pulses[loop] = _Pulse()
    return pulse
