"""From the first failure to the first answer that lasted."""

from __future__ import annotations

import pytest

from monitor.judge.health import Health, Inhibition, Policy, advance
from monitor.judge.incidents import Outage, followed
from monitor.model import Reason, Result, State, Status

USUAL = Policy(down_after=3, up_after=2)
STATUSES = {"u": Status.UP, "g": Status.DEGRADED, "d": Status.DOWN, "i": Status.INCONCLUSIVE}


def told(letters: str, policy: Policy = USUAL) -> tuple[Outage | None, Health]:
    """What is known after results at the times 1, 2, 3 …; a capital D comes behind a dead dependency."""
    outage: Outage | None = None
    health = Health(hard=State.UP)
    for at, letter in enumerate(letters, start=1):
        status = STATUSES[letter.lower()]
        reason = Reason.READ_TIMEOUT if status is Status.DOWN else None
        result = Result(endpoint="a", status=status, reason=reason, message="", checked_at=float(at))
        hold = Inhibition.BLOCKED if letter == "D" else Inhibition.NONE
        before, health = health, advance(health, status, policy, hold)
        outage = followed(outage, before, health, result, f"failure {at}")
    return outage, health


SCENARIOS = [
    ("u", None),
    ("uiu", None),
    ("ud", (2.0, 1, None)),
    ("udd", (2.0, 2, None)),
    ("uddd", (2.0, 3, None)),
    ("udddd", (2.0, 4, None)),
    ("udidd", (2.0, 3, None)),  # a gap is no end
    ("dddi", (1.0, 3, None)),
    ("dddu", (1.0, 3, 4.0)),  # it may have ended
    ("dddg", (1.0, 3, 4.0)),
    ("ddduu", (1.0, 3, 4.0)),  # it has
    ("dddud", (1.0, 4, None)),  # it had not
    ("dddudu", (1.0, 4, 6.0)),
    ("ddduiu", (1.0, 3, 4.0)),
    ("dudd", (3.0, 2, None)),  # a hiccup before it is no part of it
    ("ddduud", (6.0, 1, None)),
    ("D", None),  # a dependency explains it
    ("Ddd", (2.0, 2, None)),
    ("dD", None),
    ("dDddd", (3.0, 3, None)),
    ("dddD", (1.0, 4, None)),  # down by itself, whatever comes meanwhile
]


@pytest.mark.parametrize(("letters", "expected"), SCENARIOS)
def test_an_outage_is_counted_from_its_first_failure(
    letters: str, expected: tuple[float, int, float | None] | None
):
    outage, _ = told(letters)
    assert (outage and (outage.began, outage.failed, outage.better)) == expected


@pytest.mark.parametrize(("letters", "first"), [("ddd", 1), ("udddd", 2), ("dudd", 3), ("dddud", 1)])
def test_the_cause_is_what_the_first_failure_said(letters: str, first: int):
    outage, _ = told(letters)
    assert outage
    assert (outage.cause, outage.reason) == (f"failure {first}", Reason.READ_TIMEOUT)


def test_one_failure_is_an_outage_where_one_is_enough():
    outage, health = told("ud", Policy(1, 1))
    assert health.hard is State.DOWN
    assert outage
    assert (outage.began, outage.failed) == (2.0, 1)


def test_what_is_over_is_over_since_the_first_answer_that_lasted():
    outage, health = told("ddduduu")
    assert health.hard is State.UP
    assert outage
    assert outage.better == 6.0
