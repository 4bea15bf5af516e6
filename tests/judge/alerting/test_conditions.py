"""What one alert would send about one endpoint."""

import pytest
from msgspec.structs import replace
from simulation import alert

from monitor.judge.alerting.conditions import (
    BEGAN,
    ENDED,
    Track,
    conditions,
    forget_what_is_over,
    is_still_down,
    note_sent,
    reminder,
    suppression,
)
from monitor.judge.alerting.subject import Subject
from monitor.model import Ending, Incident, Kind, Reason, Slowdown, State, Suppression

OPEN = Incident(id="i", endpoint="a", handle=0, name="A", began=5.0, cause="refused")
OVER = Incident(id="i", endpoint="a", handle=0, name="A", began=5.0, ended=50.0, ending=Ending.RECOVERED)


def down(**keys) -> Subject:
    return Subject(id="a", **{"state": State.DOWN, "since": 10.0, "opened": 10.0, "incident": OPEN, **keys})


def up(**keys) -> Subject:
    return Subject(id="a", **{"state": State.UP, "since": 60.0, **keys})


SLOWER = Slowdown(phase="tls", since=600.0, ms=68.0, usual_ms=17.0)
CERTIFICATE = {
    "state": State.DEGRADED,
    "degraded": 1.0,
    "expiring": 2.0,
    "expires": 99.0,
    "reason": Reason.CERTIFICATE_EXPIRING,
}


@pytest.mark.parametrize(
    ("subject", "track", "kinds"),
    [
        (down(), Track(), ["down"]),
        (down(), Track(down="i"), []),
        (down(), Track(down="earlier"), ["down"]),
        (down(acknowledged=True), Track(), []),
        (down(state=State.UNREACHABLE), Track(), []),
        (down(state=State.INCONCLUSIVE), Track(), []),
        (down(flapping=7.0), Track(), ["flapping"]),
        (down(flapping=7.0), Track(flapping=True), []),
        (down(flapping=7.0, acknowledged=True), Track(), []),
        (down(), Track(flapping=True), ["flapping"]),
        (up(flapping=7.0, state=State.UNREACHABLE), Track(), []),
        (up(), Track(), []),
        (up(), Track(owed=OVER, down="i"), ["up"]),
        (up(acknowledged=True), Track(owed=OVER, down="i"), ["up"]),
        (up(flapping=7.0), Track(owed=OVER, down="i", flapping=True), []),
        (up(state=State.FAILING), Track(owed=OVER, down="i"), []),
        (up(state=State.DEGRADED, degraded=3.0), Track(), ["degraded"]),
        (up(state=State.DEGRADED, degraded=3.0), Track(degraded=True), []),
        (up(**CERTIFICATE), Track(), ["certificate"]),
        (up(**CERTIFICATE), Track(expires=99.0), []),
        (up(**CERTIFICATE), Track(expires=98.0), ["certificate"]),
        (up(slower=SLOWER), Track(), ["slower"]),
        (up(slower=SLOWER), Track(slower=600.0), []),
        (up(slower=SLOWER), Track(slower=5.0), ["slower"]),
        (up(slower=SLOWER, acknowledged=True), Track(), []),
        (up(slower=SLOWER, state=State.FAILING), Track(), []),
        (down(slower=SLOWER), Track(down="i"), []),
        (down(), Track(down="i", slower=600.0), []),
        (up(), Track(slower=600.0), ["slower"]),
        (up(slower=SLOWER), Track(owed=OVER, down="i"), ["slower", "up"]),
    ],
)
def test_what_there_is_to_say(subject: Subject, track: Track, kinds: list[str]) -> None:
    rule = alert(on=frozenset({"down", "up", "flapping", "certificate", "degraded", "slower"}))
    assert [str(one.kind) for one in conditions(rule, subject, track, muted=False)] == kinds
    assert not list(conditions(rule, subject, track, muted=True))


@pytest.mark.parametrize(
    ("subject", "track", "silenced", "why"),
    [
        (down(), Track(), False, None),
        (down(), Track(), True, Suppression.SILENCE),
        (down(maintenance=True), Track(), True, Suppression.MAINTENANCE),
        (down(acknowledged=True), Track(), False, Suppression.ACKNOWLEDGED),
        (down(state=State.UNREACHABLE), Track(), True, Suppression.DEPENDENCY),
        (down(flapping=7.0), Track(), False, Suppression.FLAPPING),
        (down(), Track(flapping=True), False, Suppression.FLAPPING),
    ],
)
def test_an_outage_that_is_not_reported_has_a_reason(subject, track, silenced: bool, why) -> None:
    assert suppression(alert(), subject, track, silenced=silenced) is why
    assert (why is None) is (
        "down"
        in [one.kind for one in conditions(alert(), subject, track, muted=silenced or subject.maintenance)]
    )


def test_an_alert_that_does_not_ask_for_flapping_hears_of_each_outage() -> None:
    rule = alert(on=frozenset({"down", "up"}))
    assert [one.kind for one in conditions(rule, down(flapping=7.0), Track(), muted=False)] == [Kind.DOWN]


def test_the_end_of_flapping_says_what_the_endpoint_is_now() -> None:
    track, subject = Track(), down(flapping=7.0)
    (began,) = conditions(alert(), subject, track, muted=False)
    note_sent(track, subject, began, 8.0)
    assert (began.text, track.flapping) == (BEGAN, True)
    subject.flapping = None
    (ended,) = conditions(alert(), subject, track, muted=False)
    note_sent(track, subject, ended, 20.0)
    assert (ended.text, track.flapping, track.down) == (ENDED, False, "i")


def test_an_outage_that_was_told_is_reminded_of_until_somebody_acknowledges_it() -> None:
    assert is_still_down(down(), Track(down="i"))
    assert not is_still_down(down(acknowledged=True), Track(down="i"))
    assert not is_still_down(up(), Track(down="i"))
    assert reminder(down()).kind is Kind.REMINDER


def test_what_is_over_can_be_told_again() -> None:
    track = Track(degraded=True, expires=99.0)
    forget_what_is_over(track, up(**CERTIFICATE))
    assert track
    forget_what_is_over(track, up())
    assert not track


def test_a_slower_phase_is_reported_once_whatever_its_size_and_so_is_its_end() -> None:
    rule, track, subject = alert(on=frozenset({"slower"})), Track(), up(slower=SLOWER)
    (began,) = conditions(rule, subject, track, muted=False)
    assert (began.at, began.text) == (600.0, "tls is 4 × slower than usual: 68.0 ms, usually 17.0 ms")
    note_sent(track, subject, began, 700.0)
    subject.slower = replace(SLOWER, ms=170.0)
    assert not list(conditions(rule, subject, track, muted=False))
    subject.slower = None
    (ended,) = conditions(rule, subject, track, muted=False)
    assert (ended.at, ended.text) == (600.0, ENDED)
    assert track
    note_sent(track, subject, ended, 900.0)
    assert not track
    assert not list(conditions(alert(), up(slower=SLOWER), Track(), muted=False))
