import pytest

from monitor.link.messages import Detail, Point
from monitor.tui.data.timeline import SPANS, Story

T0 = 1_800_000_000.0


def detail(*times):
    points = tuple(Point(T0 + at, "u", 5.0) for at in times)
    return Detail(handle=1, last=None, last_failure=None, last_good=None, points=points, phases_ms={})


@pytest.fixture
def story():
    """An hour of samples, one every ten seconds."""
    told = Story(1)
    told.take(detail(*range(0, 3601, 10)))
    return told


def test_points_already_known_are_not_taken_twice(story):
    story.take(detail(3590, 3600, 3610))
    assert len(story.points) == 362


def test_live_the_window_ends_with_the_newest_point(story):
    story.take(detail(3610))
    assert (story.window().start, story.window().end) == (T0 + 2710, T0 + 3610)


def test_while_there_is_little_history_little_time_is_shown():
    story = Story(1)
    story.take(detail(0, 10, 20))
    window = story.window()
    assert window.end - window.start == 60


@pytest.mark.parametrize(("zoom", "count"), [(-9, 31), (0, 91), (1, 361), (9, 361)])
def test_zoom_shows_more_or_less_and_ends_somewhere(story, zoom, count):
    story.zoom_by(zoom)
    assert len(story.window().points) == count
    assert 0 <= story.zoom < len(SPANS)


def test_the_first_move_puts_the_cursor_on_the_newest_sample(story):
    story.move_cursor(-1)
    window = story.window()
    assert story.cursor(window) == len(window.points) - 1


def test_with_a_cursor_the_window_stands_still(story):
    story.move_cursor(-1)
    before = story.window()
    story.take(detail(3610, 3620))
    assert story.window() == before


def test_the_window_follows_a_cursor_that_leaves_it(story):
    story.move_cursor(-1)
    story.move_cursor(-200)
    window = story.window()
    assert window.points[story.cursor(window)].at == T0 + 1600
    assert window.start < T0 + 1600 < window.end


def test_the_cursor_stops_at_both_ends(story):
    story.move_cursor(-1)
    story.move_cursor(-10_000)
    assert story.cursor_at == T0
    assert story.cursor(story.window()) == 0
    story.move_cursor(10_000)
    assert story.cursor_at == T0 + 3600


@pytest.mark.parametrize("zoom", [-3, -1, 1, 3])
def test_zooming_keeps_the_cursor_in_sight(story, zoom):
    story.move_cursor(-1)
    story.move_cursor(-150)
    story.zoom_by(zoom)
    window = story.window()
    assert window.points[story.cursor(window)].at == T0 + 2100


def test_live_lets_go_of_the_cursor(story):
    story.move_cursor(-1)
    story.take(detail(3610))
    story.go_live()
    assert story.cursor(story.window()) is None
    assert story.window().end == T0 + 3610


def test_without_points_nothing_happens():
    story = Story(1)
    story.move_cursor(-1)
    story.zoom_by(1)
    assert story.cursor(story.window()) is None


def test_the_cursor_goes_to_a_time(story):
    story.go_to(T0 + 605)
    window = story.window()
    assert window.points[story.cursor(window)].at == T0 + 610
    assert window.start < T0 + 610 < window.end
    story.take(detail(3610))
    assert story.window() == window


def test_the_cursor_goes_to_a_time_once_there_are_samples():
    story = Story(1)
    story.go_to(T0 + 605)
    assert story.cursor(story.window()) is None
    story.take(detail(*range(0, 3601, 10)))
    window = story.window()
    assert window.points[story.cursor(window)].at == T0 + 610


@pytest.mark.parametrize(("at", "found"), [(-100, 0), (9999, 3600)])
def test_a_time_that_is_not_remembered_is_the_next_best(story, at, found):
    story.go_to(T0 + at)
    window = story.window()
    assert window.points[story.cursor(window)].at == T0 + found
