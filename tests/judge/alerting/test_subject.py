"""What the alerts know of one endpoint."""

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


def test_a_degraded_time_goes_on_over_a_failure_and_ends_when_it_is_up() -> None:
    subject = Subject(id="a")
    for at, state in ((1.0, State.DEGRADED), (2.0, State.FAILING), (3.0, State.DEGRADED)):
        subject.accept(turned(at, state))
    assert subject.degraded == 1.0
    subject.accept(turned(4.0, State.UP))
    assert subject.degraded is None
    assert subject.is_unremarkable


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
        subject.accept(Checked(at=at, endpoint="a", result=result("a", letter, at)))
    assert subject.expiring == 1.0
    subject.accept(Checked(at=5.0, endpoint="a", result=result("a", "u", 5.0)))
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
    subject.remember(Subject(id="a", flapping=1.0, degraded=2.0))
    assert (subject.flapping, subject.failing, subject.degraded) == (1.0, 9.0, None)
