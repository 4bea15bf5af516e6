"""An endpoint's past from the history."""

import pytest
from msgspec.structs import replace

from monitor.link.messages import EndpointInfo, EndpointStatus, Point
from monitor.model import Incident, Reason, State
from monitor.store.past import GetLastTime, GetPast, LastTime, Part, Past, Unanswered
from monitor.tui.data.board import Entry
from monitor.tui.data.lookback import PARTS, Lookback, window_of
from monitor.tui.data.timeline import SPANS, Timeline
from monitor.tui.data.window import Figures

T0 = 1_800_000_000.0
DAY = 86400.0
GOOD = Part(10, 0, 40.0, 90.0, 120.0)


def past(*parts, span=DAY, until=T0):
    return Past(since=until - span, until=until, parts=parts, percentiles=(41.0, 91.0, 119.0))


def letters(*parts):
    return "".join(point.outcome for point in window_of(past(*parts)).points)


@pytest.mark.parametrize(
    ("parts", "drawn"),
    [
        ([GOOD], "uu"),
        ([GOOD, Part(10, 3, 40.0, 90.0, 120.0)], "uuduu"),
        ([GOOD, Part(10, 10, down_s=60.0)], "uud"),
        ([GOOD, Part(10, 0, 40.0, 90.0, 120.0, 0.0, 60.0)], "uumuu"),
        ([GOOD, Part(), GOOD], "uuiuu"),
        ([Part(), GOOD, Part()], "uu"),
        ([Part(), Part()], ""),
    ],
    ids=["good", "failed", "down", "maintenance", "a gap", "nothing before and after", "nothing"],
)
def test_parts_are_drawn_as_a_band_with_marks(parts, drawn):
    assert letters(*parts) == drawn


def test_the_points_of_a_part_lie_within_it():
    window = window_of(past(GOOD, GOOD, span=100.0))
    assert [(point.at - window.start, point.latency_ms) for point in window.points] == [
        (12.5, 40.0), (37.5, 90.0), (62.5, 40.0), (87.5, 90.0)
    ]  # fmt: skip


def test_the_figures_are_those_of_the_checks_and_not_of_the_points():
    parts = GOOD, Part(10, 3, 50.0, 95.0, 300.0), Part()
    assert window_of(past(*parts)).figures() == Figures(20, 3, 41.0, 91.0, 119.0, 300.0)


def test_the_phases_are_those_of_the_window():
    found = replace(past(GOOD), phases_ms={"tls": 17.0})
    assert window_of(found).figures().phases_ms == {"tls": 17.0}


def test_a_question_is_asked_once_and_again_when_time_has_passed():
    lookback = Lookback()
    asked = lookback.question("shop", DAY, T0)
    assert asked == GetPast(endpoint="shop", since=T0 - DAY, until=T0, parts=PARTS)
    assert lookback.question("shop", DAY, T0 + 1) is None
    assert lookback.question("shop", DAY, T0 + DAY / PARTS) is not None
    assert lookback.question("shop", 7 * DAY, T0 + DAY / PARTS) is not None


def test_an_answer_for_another_window_is_not_shown():
    lookback = Lookback()
    assert lookback.window(DAY, T0) is None
    lookback.take(past(GOOD))
    assert lookback.window(DAY, T0 + 60) is not None
    assert lookback.window(7 * DAY, T0) is None
    assert lookback.window(DAY, T0 - DAY) is None
    lookback.take(past(Part(), Part()))
    assert lookback.window(DAY, T0) is None


def test_why_there_is_no_answer_is_kept_and_harmless():
    lookback = Lookback()
    lookback.take(Unanswered(text="the history cannot be read: \x1b[2J"))
    assert lookback.wrong == "the history cannot be read: ␛[2J"
    lookback.take(past(GOOD))
    assert lookback.wrong == ""


# ── with a timeline ─────────────────────────────────────────────────────────────────────────────


def entry(state=State.UP, reason=None):
    info = EndpointInfo(handle=1, id="shop", name="Shop", kind="http", target="https://shop.test/")
    return Entry(info, EndpointStatus(handle=1, state=state, since=T0 - 60, reason=reason))


@pytest.fixture
def timeline():
    """An hour of samples."""
    return Timeline(1, points=[Point(T0 - 3600 + 10 * number, "u", 5.0) for number in range(361)])


def test_the_engines_memory_is_enough_for_a_short_window(timeline):
    assert timeline.questions(entry()) == []


def test_a_longer_window_is_asked_for_and_shown_once_it_is_there(timeline):
    timeline.zoom = SPANS.index(DAY)
    (asked,) = timeline.questions(entry())
    assert (asked.endpoint, asked.until - asked.since) == ("shop", DAY)
    assert len(timeline.window().points) == 361
    timeline.lookback.take(past(*[GOOD] * PARTS))
    window = timeline.window()
    assert (window.start, window.end, window.figures().checks) == (T0 - DAY, T0, 10 * PARTS)
    assert timeline.span_in_words() == "24h live"


def test_the_window_from_the_history_moves_as_a_whole_and_back_to_the_present(timeline):
    timeline.zoom = SPANS.index(DAY)
    timeline.lookback.take(past(*[GOOD] * PARTS))
    timeline.move_cursor(-1)
    (asked,) = timeline.questions(entry())
    assert asked.until == T0 - DAY / 10
    assert timeline.cursor(timeline.window()) is None
    assert timeline.span_in_words() == "24h"
    timeline.lookback.take(past(*[GOOD] * PARTS, until=asked.until))
    timeline.move_cursor(1)
    timeline.lookback.take(past(*[GOOD] * PARTS))
    assert timeline.span_in_words() == "24h live"


def test_a_failure_asks_for_its_last_time_once(timeline):
    failing = entry(State.DOWN, Reason.READ_TIMEOUT)
    asked = GetLastTime(endpoint="shop", reason=Reason.READ_TIMEOUT, before=T0 - 60)
    assert timeline.questions(failing) == [asked]
    assert timeline.questions(failing) == []
    incident = Incident(id="1", endpoint="shop", handle=1, name="Shop", began=T0 - DAY, ended=T0 - DAY + 60)
    timeline.lookback.take(LastTime(incident=incident))
    assert timeline.lookback.last_time == incident
    assert timeline.questions(entry(State.DOWN, Reason.CONNECTION_REFUSED)) != []
    assert timeline.lookback.last_time is None


def test_a_late_answer_to_an_earlier_question_is_dropped():
    lookback = Lookback()
    lookback.question("shop", DAY, T0)
    lookback.question("shop", 7 * DAY, T0)
    lookback.take(past(GOOD, span=7 * DAY))
    lookback.take(past(GOOD))
    assert lookback.window(7 * DAY, T0) is not None
