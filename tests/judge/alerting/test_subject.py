"""What the alerts know of one endpoint."""

import pytest
from simulation import result

from monitor.judge.alerting.subject import Subject, expires_too_soon
from monitor.model import Acknowledgement, State
from monitor.model.events import (
    Acknowledged,
    Checked,
    FlappingChanged,
    MaintenanceChanged,
    StateChanged,
    StreakChanged,
)


def turned(at: float, after: State) -> StateChanged:
    return StateChanged(at=at, endpoint="a", before=State.UP, after=after)


def checked(letters: str, confirmed_by: int = 3) -> Subject:
    """An endpoint after a check each second, from 1 s on."""
    subject = Subject(id="a", state=State.UP)
    for number, letter in enumerate(letters, 1):
        at = float(number)
        subject.check(Checked(at=at, endpoint="a", result=result("a", letter, at)), confirmed_by)
    return subject


@pytest.mark.parametrize(
    ("letters", "since"),
    [
        ("gg", None),
        ("ggg", 1.0),
        ("ggugg", None),
        ("uggg", 2.0),
        ("gdgg", 1.0),
        ("gigg", 1.0),
        ("ggg" + "u" * 19, 1.0),
        ("ggg" + "u" * 20, None),
        ("ggg" + "u" * 19 + "g" + "u" * 19, 1.0),
        ("ggg" + "u" * 20 + "ggg", 24.0),
    ],
)
def test_a_degradation_is_confirmed_and_over_after_twenty_checks_without_a_warning(
    letters: str, since: float | None
) -> None:
    assert checked(letters).degraded == since


def test_a_degradation_that_needs_no_confirmation_begins_at_once() -> None:
    assert checked("g", confirmed_by=1).degraded == 1.0


def test_an_outage_and_a_pause_end_a_degradation() -> None:
    for state in (State.DOWN, State.PAUSED):
        subject = checked("ggg")
        subject.accept(turned(4.0, state))
        assert (subject.degraded, subject.warnings) == (None, 0)


def test_an_endpoint_is_remembered_while_a_degradation_is_being_confirmed_or_not_over() -> None:
    remembered = [not checked(letters).is_unremarkable for letters in ("g", "ggu", "gggu", "ggg" + "u" * 20)]
    assert remembered == [True, False, True, False]


def test_it_recovers_when_a_check_passes_while_it_is_down() -> None:
    subject = Subject(id="a")
    subject.accept(turned(1.0, State.DOWN))
    assert not subject.recovering
    subject.accept(StreakChanged(at=2.0, endpoint="a", streak=1, needed=2))
    assert subject.recovering


def test_a_certificate_expires_too_soon_until_a_check_passes_without_that() -> None:
    subject = Subject(id="a")
    assert expires_too_soon(result("a", "c", 1.0))
    for at, letter in ((1.0, "c"), (2.0, "c"), (3.0, "d"), (4.0, "i")):
        subject.check(Checked(at=at, endpoint="a", result=result("a", letter, at)), 3)
    assert subject.expiring == 1.0
    subject.check(Checked(at=5.0, endpoint="a", result=result("a", "u", 5.0)), 3)
    assert subject.expiring is None


def test_marks_are_remembered() -> None:
    subject = Subject(id="a", state=State.UP)
    for event in (
        Acknowledged(at=1.0, endpoint="a", acknowledgement=Acknowledgement(at=1.0)),
        MaintenanceChanged(at=1.0, endpoint="a", active=True),
        FlappingChanged(at=1.0, endpoint="a", flapping=True),
    ):
        subject.accept(event)
    assert (subject.acknowledged, subject.maintenance, subject.flapping) == (True, True, 1.0)
    assert not subject.is_unremarkable


def test_after_a_restart_it_is_still_known_since_when_what_is_so_has_been_so() -> None:
    subject = Subject(id="a", flapping=9.0, failing=9.0)
    subject.remember(Subject(id="a", flapping=1.0, failing=None, degraded=2.0, warnings=3, unwarned=4))
    assert (subject.flapping, subject.failing) == (1.0, 9.0)
    assert (subject.degraded, subject.warnings, subject.unwarned) == (2.0, 3, 4)
    down = Subject(id="a", state=State.DOWN)
    down.remember(Subject(id="a", degraded=2.0, warnings=3))
    assert (down.degraded, down.warnings) == (None, 0)
