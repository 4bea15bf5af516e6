"""The clock: its synchronisation, its jumps, and the delay of wake-ups."""

from __future__ import annotations

import ctypes
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass

from monitor.doctor import Finding, Level
from monitor.model import Config
from monitor.syntax.duration import format_ms

_UNSYNCHRONISED = 0x40
"""STA_UNSYNC of <sys/timex.h>."""
_FAR_OFF = 1000.0
"""Milliseconds of estimated error from which times in the history mislead."""
_NAPS, _NAP = 40, 0.005
_JUMP = 10.0
"""Limit of milliseconds by which the two clocks may drift apart during the measurement."""
_LATE = 20.0
"""Milliseconds that waking up may be late, for one nap in ten."""
_REMEDY = "let chrony or systemd-timesyncd keep it: timedatectl set-ntp true"


class _Timex(ctypes.Structure):
    """The part of ``struct timex`` that is read, and room for the rest."""

    _fields_ = (
        *((name, ctypes.c_long) for name in ("modes", "offset", "freq", "maxerror", "esterror")),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 512),
    )


@dataclass(frozen=True)
class Kept:
    """The kernel's state of the clock."""

    synchronised: bool
    error_ms: float
    """The estimated error."""


def examine(_config: Config) -> Iterable[Finding]:
    yield synchronised(_kept())
    drift, late = _watched()
    yield jumping(drift)
    yield waking(late)


def synchronised(kept: Kept | None) -> Finding:
    """Judge the kernel's state of the clock."""
    if kept is None:
        return Finding(Level.WARN, "this system does not report whether the clock is synchronised")
    if not kept.synchronised:
        text = "the clock is not known to be synchronised: certificates and incidents may have wrong times"
        return Finding(Level.WARN, text, _REMEDY)
    if kept.error_ms > _FAR_OFF:
        return Finding(Level.BAD, f"the clock may be wrong by {format_ms(kept.error_ms)}", _REMEDY)
    return Finding(Level.OK, f"the clock is synchronised, to within {format_ms(kept.error_ms)}")


def jumping(drift_ms: float) -> Finding:
    """Judge a difference between wall clock and monotonic clock."""
    if abs(drift_ms) > _JUMP:
        text = f"the clock jumped by {format_ms(abs(drift_ms))} while it was watched"
        return Finding(
            Level.BAD, text, "let the clock be slewed, not stepped; look for two programs that set it"
        )
    return Finding(Level.OK, "the clock did not jump while it was watched")


def waking(late_ms: float) -> Finding:
    """Judge the delay of wake-ups: measured latencies include it."""
    if late_ms > _LATE:
        text = f"this machine wakes up {format_ms(late_ms)} late, which latencies include: it is overloaded"
        return Finding(Level.BAD, text, "give it more CPU, or lower the container's CPU throttling")
    return Finding(
        Level.OK, f"this machine wakes up in time (late by {format_ms(late_ms)} at most, nine times in ten)"
    )


def _kept() -> Kept | None:
    if sys.platform != "linux":
        return None
    timex = _Timex()
    try:
        state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(timex))
    except (OSError, AttributeError):
        return None
    if state < 0:
        return None
    return Kept(not timex.status & _UNSYNCHRONISED, timex.maxerror / 1000)


def _watched() -> tuple[float, float]:
    """Milliseconds that the wall clock drifted from the monotonic one, and that naps were late."""
    apart, late = time.time() - time.monotonic(), []
    for _ in range(_NAPS):
        began = time.perf_counter()
        time.sleep(_NAP)
        late.append((time.perf_counter() - began - _NAP) * 1000)
    return (time.time() - time.monotonic() - apart) * 1000, sorted(late)[_NAPS * 9 // 10]
