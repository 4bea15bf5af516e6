"""Derives states from results: soft and hard states, flapping, dependencies. Pure.

A failure is soft until ``down_after`` of them came in a row; a recovery until ``up_after``
successes did. Inconclusive results are gaps: they count as neither. The rules for flapping are
Icinga's: https://icinga.com/docs/icinga-2/latest/doc/08-advanced-topics/#check-flapping
Confirmation dilutes its rate, because it repeats the same result. So a third outage within the
remembered results is flapping too.
"""

from __future__ import annotations

from enum import Enum

import msgspec

from monitor.model import State, Status

FLAPPING_ON = 30.0
"""Per cent of weighted changes above which an endpoint flaps."""
FLAPPING_OFF = 25.0
"""Per cent below which it no longer does."""
TURNS_ON = 5
"""Confirmed changes among the remembered results with which it flaps: down for the third time."""
TURNS_OFF = 3
"""It no longer flaps with fewer than these."""
_REMEMBERED = 20
"""Results whose changes count for flapping."""
_WEIGHTS = tuple(range(118, 78, -2))
"""Of a change, in hundredths, newest first: 0.8 + 0.02 * i, where the oldest of them is 0."""


class Health(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An endpoint's health by its own results alone."""

    hard: State = State.PENDING
    """The last confirmed state: PENDING, UP or DOWN."""
    streak: int = 0
    """Results in a row that speak against ``hard``."""
    degraded: bool = False
    """The last success was one with a warning."""
    failed: bool = False
    """The last conclusive result was a failure."""
    learnt: bool = True
    """The last result was conclusive."""
    changes: int = 0
    """Bits: whether a result differed from the one before it, the newest lowest."""
    turns: int = 0
    """Bits: whether a result confirmed that it is up or down again, the newest lowest."""
    flapping: bool = False


_WELL = Health(hard=State.UP)
"""The health of most endpoints at most times, as one object to save memory."""


class Policy(msgspec.Struct, frozen=True, gc=False):
    """Numbers of results in a row that confirm a failure and a recovery."""

    down_after: int
    up_after: int


class Inhibition(Enum):
    """The effect of the dependencies' states on a failure."""

    NONE = "none"
    """They are fine: it counts."""
    UNDECIDED = "undecided"
    """One is being checked: it counts, and is not confirmed before the outcome is known."""
    SUSPECT = "suspect"
    """One fails too, unconfirmed: the failure says nothing, and counting restarts when that is over."""
    BLOCKED = "blocked"
    """One is down: the same, and the endpoint is unreachable."""


EXPLAINED = frozenset({Inhibition.SUSPECT, Inhibition.BLOCKED})
"""The dependency explains the failure."""


def advance(
    health: Health, status: Status, policy: Policy, inhibition: Inhibition = Inhibition.NONE
) -> Health:
    """The health after one more result."""
    if status is Status.UP and health == _WELL:
        return _WELL
    if status is Status.INCONCLUSIVE:
        return msgspec.structs.replace(health, learnt=False)
    failed = status is Status.DOWN
    hard, streak = _counted(health, failed, policy, inhibition)
    changes = ((health.changes << 1) & _MASK) | _differs(health, failed)
    turns = ((health.turns << 1) & _MASK) | (hard is not health.hard is not _NEVER)
    return Health(
        hard=hard,
        streak=streak,
        degraded=health.degraded if failed else status is Status.DEGRADED,
        failed=failed,
        changes=changes,
        turns=turns,
        flapping=changes != 0 and _flaps(changes, turns, health.flapping),
    )


def _counted(health: Health, failed: bool, policy: Policy, inhibition: Inhibition) -> tuple[State, int]:
    if failed == (health.hard is State.DOWN):
        return (State.DOWN if failed else State.UP), 0
    streak = health.streak + 1
    if not failed:
        return (State.UP, 0) if streak >= policy.up_after else (State.DOWN, streak)
    if inhibition in EXPLAINED:
        return health.hard, 0
    if inhibition is Inhibition.NONE and streak >= policy.down_after:
        return State.DOWN, 0
    return health.hard, min(streak, policy.down_after)


def decided(health: Health, policy: Policy, inhibition: Inhibition) -> Health:
    """``health`` after ``inhibition`` has changed since the last result.

    Failures that waited for a dependency count once it is healthy, and are ignored once it fails.
    """
    if not _failing(health):
        return health
    if inhibition in EXPLAINED and health.streak:
        return msgspec.structs.replace(health, streak=0)
    if inhibition is Inhibition.NONE and health.streak >= policy.down_after:
        return msgspec.structs.replace(health, hard=State.DOWN, streak=0, turns=health.turns | 1)
    return health


def _failing(health: Health) -> bool:
    return health.failed and health.hard is not State.DOWN


def confirming(health: Health) -> bool:
    """Whether a failure or a recovery is being confirmed."""
    return health.streak > 0 or _failing(health)


def state(health: Health, inhibition: Inhibition) -> State:
    """The state to show, when the endpoint is not paused."""
    return believed(health, inhibition) if health.learnt else State.INCONCLUSIVE


def believed(health: Health, inhibition: Inhibition) -> State:
    """The state as far as it is known: an inconclusive result does not change it."""
    if health.failed and inhibition is Inhibition.BLOCKED:
        return State.UNREACHABLE
    if health.hard is State.DOWN:
        return State.DOWN
    if health.failed:
        return State.FAILING
    return State.DEGRADED if health.hard is State.UP and health.degraded else health.hard


def progress(health: Health, policy: Policy) -> tuple[int, int]:
    """The numbers of counted and of needed results; 0 and 0 if none counts."""
    if not health.streak:
        return 0, 0
    return health.streak, policy.up_after if health.hard is State.DOWN else policy.down_after


# ── flapping ────────────────────────────────────────────────────────────────────────────────────

_MASK = (1 << _REMEMBERED) - 1
_NEVER = State.PENDING


def _differs(health: Health, failed: bool) -> int:
    first = health.hard is _NEVER and not health.failed
    return int(not first and failed != health.failed)


def _flaps(changes: int, turns: int, before: bool) -> bool:
    if before:
        return change_rate(changes) > FLAPPING_OFF or turns.bit_count() >= TURNS_OFF
    return change_rate(changes) > FLAPPING_ON or turns.bit_count() >= TURNS_ON


def change_rate(changes: int) -> float:
    """Weighted share of changes among the remembered results, per cent; newer ones weigh more."""
    return sum(weight for age, weight in enumerate(_WEIGHTS) if changes >> age & 1) / _REMEMBERED
