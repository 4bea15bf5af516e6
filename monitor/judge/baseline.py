"""Whether a phase of an endpoint's checks takes lastingly longer than in the endpoint's own past. Pure.

The past is the last two weeks, an hour at a time. For each hour of the day, the usual duration of a phase is
the median of the past hours' medians: of all hours, or of this hour and its neighbours on other days, or of
the hours one and two weeks ago, whichever is longest. So a slow hour that comes every day, or every week, is
usual. A phase is slower if its median over the last minutes exceeds

- 1.5 times the usual one,
- the usual 90th percentile: of a phase that varies much within an hour, the median of a few checks does too,
- the usual one by 5 robust standard deviations of the hours (1.4826 times the median absolute deviation,
  https://en.wikipedia.org/wiki/Median_absolute_deviation), on a logarithmic scale,

in both halves of these minutes, and if it adds 5 ms and a tenth to the whole latency. It is over once both
halves are nearer to the usual duration than to that limit. The past is followed, so that a phase that stays
slower for more than a week becomes usual.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from math import exp, log, sqrt
from statistics import median
from typing import NamedTuple

from msgspec.structs import replace

from monitor.model import Slowdown

_HOUR, _DAY = 3600, 86400
PAST = 14.0 * _DAY
"""Seconds of the past that count."""
VALID = 1.0 * _DAY
"""Seconds for which a baseline may be used."""
LEAST_CHECKS = 12
"""Passed checks that each half of the last minutes needs: their median is above the usual 90th percentile by
chance once in 2,000 times, and in both halves once in four million."""
_LEAST_PAST, _LEAST_HOURS = 3.0 * _DAY, 48
"""Age of an endpoint, and hours with checks, below which it has no baseline."""
_LEAST_DAYS = 3
"""Days that must have values of an hour of the day, before that hour has a usual duration of its own."""
_FACTOR, _DEVIATIONS = 1.5, 5 * 1.4826
_LEAST_MS, _LEAST_SHARE = 5.0, 0.1
"""Minimum that a slower phase adds to the latency, in milliseconds and as a share."""
_NEW_SIZE = 1.25
"""Factor between two durations from which a mark is updated to the newer one."""
_HOURS = 24


class Spread(NamedTuple):
    """The durations of a phase in a period, in milliseconds."""

    median: float
    high: float
    """The 90th percentile."""


class Hour(NamedTuple):
    """An hour of the past, by phase."""

    at: float
    phases: Mapping[str, Spread]


class Timed(NamedTuple):
    """The median of a phase over a short time."""

    at: float
    ms: float


Medians = Mapping[str, float]
"""Milliseconds by phase."""


class Baseline:
    """The usual duration and the limit of each phase, by the hour of the day; valid for a day."""

    __slots__ = ("_names", "_table", "made")

    def __init__(self, phases: Mapping[str, Sequence[tuple[float, float]]], made: float) -> None:
        self.made = made
        self._names = tuple(phases)
        self._table = array("f", [ms for hours in phases.values() for pair in hours for ms in pair])

    def of(self, phase: str, at: float) -> tuple[float, float] | None:
        """The usual duration of a phase at a moment, and its limit; None if too little is known."""
        if phase not in self._names:
            return None
        place = 2 * (self._names.index(phase) * _HOURS + int(at // _HOUR) % _HOURS)
        return self._table[place], self._table[place + 1]

    def usual(self, at: float) -> dict[str, float]:
        """The usual duration of every phase."""
        found = ((name, self.of(name, at)) for name in self._names)
        return {name: pair[0] for name, pair in found if pair}


def baseline(hours: Sequence[Hour], at: float) -> Baseline | None:
    """The baseline after these ``hours``, oldest first; None if they are too few or too young."""
    if len(hours) < _LEAST_HOURS or at - hours[0].at < _LEAST_PAST:
        return None
    names = dict.fromkeys(name for hour in hours for name in hour.phases)
    known = {name: {hour.at: hour.phases[name] for hour in hours if name in hour.phases} for name in names}
    return Baseline(
        {name: _by_hour(spreads, at) for name, spreads in known.items() if len(spreads) >= _LEAST_HOURS}, at
    )


def _by_hour(past: Mapping[float, Spread], at: float) -> list[tuple[float, float]]:
    """The usual duration and the limit of a phase for each hour of the day."""
    whole = _middle(past.values())
    same: list[list[Spread]] = [[] for _ in range(_HOURS)]
    for moment, spread in past.items():
        same[int(moment // _HOUR) % _HOURS].append(spread)
    days = [_middle(spreads) if len(spreads) >= _LEAST_DAYS else whole for spreads in same]
    off = [abs(log(one.median / days[int(moment // _HOUR) % _HOURS].median)) for moment, one in past.items()]
    allowed = exp(_DEVIATIONS * median(off))
    found = []
    for hour in range(_HOURS):
        near = [(hour + step) % _HOURS for step in (-1, 0, 1)]
        alike = [
            whole,
            *(days[one] for one in near),
            *(one for two in near for one in _weekly(past, two, at)),
        ]
        usual, high = max(one.median for one in alike), max(one.high for one in alike)
        found.append((usual, max(_FACTOR * usual, high, allowed * usual)))
    return found


def _middle(spreads: Iterable[Spread]) -> Spread:
    medians, highs = zip(*spreads, strict=True)
    return Spread(median(medians), median(highs))


def _weekly(past: Mapping[float, Spread], hour: int, at: float) -> list[Spread]:
    """The hour one week before it comes next, if it was like that two weeks before, too."""
    this = int(at // _HOUR)
    coming = (this + (hour - this) % _HOURS) * _HOUR
    found = [past.get(float(coming - weeks * 7 * _DAY)) for weeks in (1, 2)]
    known = [one for one in found if one]
    return [min(known)] if len(known) == len(found) else []


# ── judging ─────────────────────────────────────────────────────────────────────────────────────


def judged(
    present: Slowdown | None, usual: Baseline, older: Medians, newer: Medians, at: float
) -> Slowdown | None:
    """The mark at moment ``at``, given the ``present`` one. A new mark began at ``at`` or earlier.

    ``older`` and ``newer`` are the halves of the last minutes.
    """
    if present is None:
        return _worst(usual, older, newer, at)
    known = usual.of(present.phase, at)
    if known is None:
        return present
    now = newer.get(present.phase, 0.0)
    if max(now, older.get(present.phase, 0.0)) < sqrt(known[0] * known[1]):
        return None
    changed = max(now / present.ms, present.ms / now if now else 0.0) >= _NEW_SIZE
    return replace(present, ms=now, usual_ms=known[0]) if changed and now > known[0] else present


def _worst(usual: Baseline, older: Medians, newer: Medians, at: float) -> Slowdown | None:
    """The slower phase that adds the most time, if there is one."""
    every = usual.usual(at)
    least = max(_LEAST_MS, _LEAST_SHARE * sum(every.values()))
    found = []
    for phase, ms in every.items():
        known, low = usual.of(phase, at), min(older.get(phase, 0.0), newer.get(phase, 0.0))
        if known and low > known[1] and low - ms >= least:
            found.append(Slowdown(phase=phase, since=at, ms=newer[phase], usual_ms=ms))
    return max(found, key=lambda one: one.ms - one.usual_ms, default=None)


def began(mark: Slowdown, past: Sequence[Timed]) -> Slowdown:
    """Give a new mark its start: since then, most of the ``past`` medians, oldest first, are nearer to its
    duration than to the usual one.
    """
    middle, best, total, since = sqrt(mark.ms * mark.usual_ms), 0, 0, mark.since
    for one in reversed(past):
        total += 1 if one.ms > middle else -2
        if total >= best:
            best, since = total, min(one.at, since)
    return replace(mark, since=since)
