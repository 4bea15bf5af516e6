"""Computes when the next check is due. Pure: moments are seconds of the caller's steady clock.

An endpoint's slots are a grid, ``phase + k * interval``: starts never drift. Phases come from a
hash of the id, so that they are spread over the interval and stay the same from run to run. The
first checks do not wait for their slot: they are spread over the first seconds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from hashlib import blake2b
from typing import NamedTuple

SPREAD = 10.0
"""Seconds within which every endpoint is checked for the first time."""
_NEAR = 0.1
"""Share of an interval after a check out of turn in which a slot is skipped."""
_JUST = 0.25
"""Seconds that a slot may have passed and is still used: a check that hangs until its timeout, which may
be as long as the interval, ends a little after the slot that follows."""


def share(id: str) -> float:
    """A number from 0 to 0.98, always the same for ``id``.

    The last fiftieth stays free, so that a late check is still within its interval.
    """
    return int.from_bytes(blake2b(id.encode(), digest_size=8).digest(), "big") / 2**64 * 0.98


@dataclass(frozen=True, slots=True)
class Grid:
    """The slots ``phase + k * interval``."""

    phase: float
    interval: float

    def after(self, moment: float) -> float:
        """The first slot that is later than ``moment``."""
        number = math.floor((moment - self.phase) / self.interval) + 1
        if self._slot(number) <= moment:  # rounding may land on the moment itself
            number += 1
        return self._slot(number)

    def _slot(self, number: int) -> float:
        return self.phase + number * self.interval

    def between(self, since: float, until: float) -> int:
        """The number of slots later than ``since`` and not later than ``until``."""
        if until <= since:
            return 0
        first = self.after(since)
        return 0 if first > until else math.floor((until - first) / self.interval) + 1


class Due(NamedTuple):
    """The time of an endpoint's next check, and the number of slots skipped before it."""

    at: float
    skipped: int = 0


def grid(id: str, interval: float, origin: float) -> Grid:
    """The slots of endpoint ``id`` when everything begins at ``origin``."""
    return Grid(origin + share(id) * interval, interval)


def soon(id: str, interval: float, now: float, within: float = SPREAD) -> float:
    """A moment for a check out of turn, spread over ``within`` seconds and never over the interval."""
    return now + share(id) * min(interval, within)


def following(slots: Grid, due: float, now: float) -> Due:
    """The next check after the one that was due at ``due`` and has ended by ``now``.

    Slots that passed while it ran are skipped and never made up for; one that has only just passed is
    used at once.
    """
    near = slots.interval * _NEAR
    free_from, until = due + near, now - min(near, _JUST)
    return Due(max(slots.after(max(free_from, until)), now), slots.between(free_from, until))


def confirming(slots: Grid, retry_interval: float, started: float, due: float, now: float) -> Due:
    """As :func:`following`, while a failure or a recovery is being confirmed."""
    return Due(max(started + retry_interval, now), following(slots, due, now).skipped)


def resumed(slots: Grid, id: str, due: float, now: float) -> Due:
    """The time for the check that was due at ``due``, after this process stood still until ``now``."""
    return Due(soon(id, slots.interval, now), slots.between(due, now))
