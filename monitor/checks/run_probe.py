"""One check from its start to its observation.

A probe's errors never leave this module; only the caller's cancellation does. A crash of the probe, or a
process that was stopped in the middle, is blamed on this machine and not on the endpoint.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from functools import partial
from operator import attrgetter

from monitor.checks.deadline import Deadline
from monitor.checks.loop import busy_since, is_cancelled
from monitor.errors import LocalError, ProbeError, crash
from monitor.model import Assertion, Certificate, Observation, Probe, Reason
from monitor.syntax.duration import format_duration, format_ms
from monitor.text import plain
from monitor.trace import Phase, Resources, Trace
from monitor.wire.os_errors import fault
from monitor.wire.per_loop import PerLoop

BEAT = 0.25
"""Seconds between two beats of the clock watch while checks are in flight."""
STANDSTILL = 1.0
"""Seconds without a beat and without CPU time after which this process counts as suspended."""

OVERDUE = 0.25
"""If the deadline is noticed later than this, the timeout is blamed on this machine (inconclusive)."""

_HANDSHAKE = frozenset(
    {
        Reason.TLS_ERROR,
        Reason.CERTIFICATE_EXPIRED,
        Reason.CERTIFICATE_UNTRUSTED,
        Reason.CERTIFICATE_NAME_MISMATCH,
    }
)
_BEYOND_DOUBT = frozenset(
    {
        Reason.DNS_ERROR,
        Reason.CONNECTION_REFUSED,
        Reason.UNREACHABLE,
        Reason.CONNECT_TIMEOUT,
        Reason.READ_TIMEOUT,
    }
)
"""Failures that have nothing to do with TLS, so that a shortcut may find them too."""
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
    resources: Resources | None = None,
) -> Observation:
    """Run ``probe`` once, for at most ``timeout`` seconds.

    ``assertions`` are those to be judged later: a dialogue may end as soon as they hold. ``resources`` are
    those of the engine; without any, the check shares nothing with others. A check that fails after it took a
    shortcut is made again without one, and its first failure does not count.

    Raises nothing but the CancelledError of its caller.
    """
    trace = Trace(assertions, resources)
    trace.repeatable = getattr(probe, "repeatable", False)
    seen = await _run(probe, timeout, trace, begun)
    if not trace.shortcuts or seen.reason is None or seen.reason in _BEYOND_DOUBT:
        return seen
    for close in trace.shortcuts:
        close()
    return await _run(probe, timeout, Trace(assertions, resources), begun)


async def _run(probe: Probe, timeout: float, trace: Trace, begun: Progress) -> Observation:
    loop = asyncio.get_running_loop()
    pulse = _pulse.of(loop)
    since = pulse.join()
    problem: ProbeError | None = prepare(probe)
    started = time.time()
    trace.begin()
    begun(trace)
    message = ""
    deadline = Deadline(timeout, loop)
    try:
        if problem is None:
            message = await probe.check(trace)
    except ProbeError as error:
        problem = error.with_traceback(
            None
        )  # the exception refers to this frame, and the frame to the exception
    except OSError as error:
        problem = fault(error)
    except asyncio.CancelledError as error:
        if deadline.passed:
            problem, message = _out_of_time(trace, timeout, deadline.late, loop), trace.settled or ""
        elif is_cancelled():
            raise  # by the caller, and not by something inside the probe
        else:
            problem = _crashed(error)
    except Exception as error:  # noqa: BLE001 -- whatever a probe raises becomes an observation, and stops nothing else
        problem = _crashed(error)
    finally:
        deadline.over()
        stood_still = pulse.leave(since)
    trace.finish()
    delayed_ms = busy_since(trace.began, loop) * 1000
    if stood_still:
        trace.shortcuts.clear()  # the failure is this machine's, not theirs
        problem = LocalError("this machine was asleep or stopped during the check")
    seen = _observation(started, trace, problem, message)
    if delayed_ms and seen.latency_ms is not None:
        seen.delayed_ms = min(delayed_ms, seen.latency_ms)
    return seen


def prepare(probe: Probe) -> LocalError | None:
    """Let ``probe`` load its libraries before the clock starts."""
    prepare: Callable[[], None] | None = getattr(probe, "prepare", None)
    if prepare is None:
        return None
    try:
        prepare()
    except Exception as error:  # noqa: BLE001 -- as in a check
        return _crashed(error)
    return None


def _out_of_time(
    trace: Trace, timeout: float, late: float, loop: asyncio.AbstractEventLoop
) -> ProbeError | None:
    """The reason why the observation cannot be judged; None if it can."""
    if trace.settled is not None:
        return None
    lost = busy_since(trace.began, loop)
    if late > OVERDUE or lost > timeout / 2:  # the answer may have arrived without being read
        trace.shortcuts.clear()
        return LocalError(
            f"this machine was too busy to see to the check for {format_ms(max(late, lost) * 1000)}"
        )
    return _too_late(trace.phase, timeout)


def _too_late(phase: str | None, timeout: float) -> ProbeError:
    known = _PHASES.get(phase or "", Phase.WAIT)
    return ProbeError(known.reason, f"no answer within {format_duration(timeout)} ({known.doing})")


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
    """The certificate to report: the refused one, or else the first to expire."""
    if not trace.certificates:
        return None
    if problem is not None and problem.reason in _HANDSHAKE:
        return trace.certificates[-1]
    return min(trace.certificates, key=attrgetter("expires"))


# ── did this process stand still? ───────────────────────────────────────────────────────────────

# This clock advances while the machine sleeps, where the system has it.
_clock = partial(time.clock_gettime, getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class _Pulse:
    """Notices when the process was stopped, or the machine asleep, while checks were in flight.

    A beat that is late, although the process used no CPU time, was not delayed by our own work. There are
    beats only while checks are in flight.
    """

    def __init__(self) -> None:
        self._in_flight = 0
        self._beating = False
        self._looked = self._worked = self._stood_still = 0.0

    def join(self) -> float:
        """Register a check. Return its start, for :meth:`leave`."""
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
        """End a check that started at ``since``. Return whether the process was suspended meanwhile."""
        self._glance()
        self._in_flight -= 1
        return self._stood_still > since

    def _beat(self) -> None:
        self._look()
        self._beating = self._in_flight > 0
        if self._beating:
            asyncio.get_running_loop().call_later(BEAT, self._beat)

    def _glance(self) -> float:
        """The current time. Checks for a suspension only if a beat is overdue, to save a system call."""
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


_pulse: PerLoop[_Pulse] = PerLoop(lambda _loop: _Pulse())
