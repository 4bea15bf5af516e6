import pytest
from msgspec.structs import replace

from monitor.link.messages import Detail, EndpointInfo, EndpointStatus, Point
from monitor.model import Incident, Reason, State
from monitor.store.past import GetLastTime, GetPast, LastTime, Part, Past, Unanswered
from monitor.tui.data.board import Entry
from monitor.tui.data.timeline import PARTS, SPANS, Lookback, Timeline, window_of
from monitor.tui.data.window import Figures

T0 = 1_800_000_000.0


def detail(*times):
    points = tuple(Point(T0 + at, "u", 5.0) for at in times)
    return Detail(handle=1, last=None, last_failure=None, last_good=None, points=points, phases_ms={})


@pytest.fixture
def timeline():
    """An hour of samples, one every ten seconds."""
    told = Timeline(1)
    told.take(detail(*range(0, 3601, 10)))
    return told


def test_points_already_known_are_not_taken_twice(timeline):
    timeline.take(detail(3590, 3600, 3610))
    assert len(timeline.points) == 362


def test_live_the_window_ends_with_the_newest_point(timeline):
    timeline.take(detail(3610))
    assert (timeline.window().start, timeline.window().end) == (T0 + 2710, T0 + 3610)


def test_while_there_is_little_history_little_time_is_shown():
    timeline = Timeline(1)
    timeline.take(detail(0, 10, 20))
    window = timeline.window()
    assert window.end - window.start == 60


@pytest.mark.parametrize(("zoom", "count"), [(-9, 31), (0, 91), (1, 361), (9, 361)])
def test_zoom_shows_more_or_less_and_ends_somewhere(timeline, zoom, count):
    timeline.zoom_by(zoom)
    assert len(timeline.window().points) == count
    assert 0 <= timeline.zoom < len(SPANS)


def test_the_first_move_puts_the_cursor_on_the_newest_sample(timeline):
    timeline.move_cursor(-1)
    window = timeline.window()
    assert timeline.cursor(window) == len(window.points) - 1


def test_with_a_cursor_the_window_stands_still(timeline):
    timeline.move_cursor(-1)
    before = timeline.window()
    timeline.take(detail(3610, 3620))
    assert timeline.window() == before


def test_the_window_follows_a_cursor_that_leaves_it(timeline):
    timeline.move_cursor(-1)
    timeline.move_cursor(-200)
    window = timeline.window()
    assert window.points[timeline.cursor(window)].at == T0 + 1600
    assert window.start < T0 + 1600 < window.end


def test_the_cursor_stops_at_both_ends(timeline):
    timeline.move_cursor(-1)
    timeline.move_cursor(-10_000)
    assert timeline.cursor_at == T0
    assert timeline.cursor(timeline.window()) == 0
    timeline.move_cursor(10_000)
    assert timeline.cursor_at == T0 + 3600


@pytest.mark.parametrize("zoom", [-3, -1, 1, 3])
def test_zooming_keeps_the_cursor_in_sight(timeline, zoom):
    timeline.move_cursor(-1)
    timeline.move_cursor(-150)
    timeline.zoom_by(zoom)
    window = timeline.window()
    assert window.points[timeline.cursor(window)].at == T0 + 2100


def test_live_lets_go_of_the_cursor(timeline):
    timeline.move_cursor(-1)
    timeline.take(detail(3610))
    timeline.go_live()
    assert timeline.cursor(timeline.window()) is None
    assert timeline.window().end == T0 + 3610


def test_without_points_nothing_happens():
    timeline = Timeline(1)
    timeline.move_cursor(-1)
    timeline.zoom_by(1)
    assert timeline.cursor(timeline.window()) is None


def test_the_cursor_goes_to_a_time(timeline):
    timeline.go_to(T0 + 605)
    window = timeline.window()
    assert window.points[timeline.cursor(window)].at == T0 + 610
    assert window.start < T0 + 610 < window.end
    timeline.take(detail(3610))
    assert timeline.window() == window


def test_the_cursor_goes_to_a_time_once_there_are_samples():
    timeline = Timeline(1)
    timeline.go_to(T0 + 605)
    assert timeline.cursor(timeline.window()) is None
    timeline.take(detail(*range(0, 3601, 10)))
    window = timeline.window()
    assert window.points[timeline.cursor(window)].at == T0 + 610


@pytest.mark.parametrize(("at", "found"), [(-100, 0), (9999, 3600)])
def test_a_time_that_is_not_remembered_is_the_next_best(timeline, at, found):
    timeline.go_to(T0 + at)
    window = timeline.window()
    assert window.points[timeline.cursor(window)].at == T0 + found


# ---- the past from the history


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
def past_timeline():
    """An hour of samples."""
    return Timeline(1, points=[Point(T0 - 3600 + 10 * number, "u", 5.0) for number in range(361)])


def test_the_engines_memory_is_enough_for_a_short_window(past_timeline):
    assert past_timeline.questions(entry()) == []


def test_a_longer_window_is_asked_for_and_shown_once_it_is_there(past_timeline):
    past_timeline.zoom = SPANS.index(DAY)
    (asked,) = past_timeline.questions(entry())
    assert (asked.endpoint, asked.until - asked.since) == ("shop", DAY)
    assert len(past_timeline.window().points) == 361
    past_timeline.lookback.take(past(*[GOOD] * PARTS))
    window = past_timeline.window()
    assert (window.start, window.end, window.figures().checks) == (T0 - DAY, T0, 10 * PARTS)
    assert past_timeline.span_in_words() == "24h live"


def test_the_window_from_the_history_moves_as_a_whole_and_back_to_the_present(past_timeline):
    past_timeline.zoom = SPANS.index(DAY)
    past_timeline.lookback.take(past(*[GOOD] * PARTS))
    past_timeline.move_cursor(-1)
    (asked,) = past_timeline.questions(entry())
    assert asked.until == T0 - DAY / 10
    assert past_timeline.cursor(past_timeline.window()) is None
    assert past_timeline.span_in_words() == "24h"
    past_timeline.lookback.take(past(*[GOOD] * PARTS, until=asked.until))
    past_timeline.move_cursor(1)
    past_timeline.lookback.take(past(*[GOOD] * PARTS))
    assert past_timeline.span_in_words() == "24h live"


def test_a_failure_asks_for_its_last_time_once(past_timeline):
    failing = entry(State.DOWN, Reason.READ_TIMEOUT)
    asked = GetLastTime(endpoint="shop", reason=Reason.READ_TIMEOUT, before=T0 - 60)
    assert past_timeline.questions(failing) == [asked]
    assert past_timeline.questions(failing) == []
    incident = Incident(id="1", endpoint="shop", handle=1, name="Shop", began=T0 - DAY, ended=T0 - DAY + 60)
    past_timeline.lookback.take(LastTime(incident=incident))
    assert past_timeline.lookback.last_time == incident
    assert past_timeline.questions(entry(State.DOWN, Reason.CONNECTION_REFUSED)) != []
    assert past_timeline.lookback.last_time is None


def test_a_late_answer_to_an_earlier_question_is_dropped():
    lookback = Lookback()
    lookback.question("shop", DAY, T0)
    lookback.question("shop", 7 * DAY, T0)
    lookback.take(past(GOOD, span=7 * DAY))
    lookback.take(past(GOOD))
    assert lookback.window(7 * DAY, T0) is not None
