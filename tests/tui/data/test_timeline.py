import pytest

from monitor.link.messages import Detail, Point
from monitor.tui.data.timeline import SPANS, Timeline

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
