"""Several histories side by side."""

import pytest
from fake_source import mixed

from monitor.link.messages import Point
from monitor.store.past import Part, Past
from monitor.tui.data.board import Board
from monitor.tui.data.timeline import SPANS, Timeline
from monitor.tui.lists.arrangement import Arrangement
from monitor.tui.lists.comparison import Comparison, compared

T0 = 1_800_000_000.0


def timeline(handle, *times):
    return Timeline(handle, points=[Point(T0 + at, "u", float(handle)) for at in times])


@pytest.fixture
def comparison():
    comparison = Comparison()
    comparison.compare([timeline(1, *range(0, 1001, 10)), timeline(2, *range(5, 600, 10)), timeline(3)])
    return comparison


def test_all_histories_are_seen_in_the_same_stretch_of_time(comparison):
    whole = comparison.window()
    windows = comparison.windows()
    assert {(window.start, window.end) for window in windows} == {(whole.start, whole.end)}
    assert whole.end == T0 + 1000
    assert [len(window.points) for window in windows] == [91, 50, 0]


def test_zooming_keeps_the_histories_together(comparison):
    comparison.combined.zoom_by(9)
    assert [len(window.points) for window in comparison.windows()] == [101, 60, 0]


def test_what_is_new_is_gathered(comparison):
    comparison.timelines[2].points.append(Point(T0 + 1100, "u", 3.0))
    comparison.gather(comparison.timelines)
    assert comparison.window().end == T0 + 1100


def test_live_the_newest_sample_of_each_counts(comparison):
    samples = map(comparison.sample, comparison.windows())
    assert [sample and sample.at - T0 for sample in samples] == [1000, 595, None]


def test_the_cursor_goes_through_the_samples_of_all(comparison):
    comparison.combined.move_cursor(0)
    comparison.combined.move_cursor(-60)
    at = comparison.combined.cursor_at - T0
    first, second, none = (comparison.sample(window) for window in comparison.windows())
    assert none is None
    assert max(first.at, second.at) - T0 == at
    assert at - 10 < min(first.at, second.at) - T0 < at


def test_other_endpoints_keep_the_zoom(comparison):
    comparison.combined.zoom_by(9)
    comparison.compare([timeline(4, 0, 10)])
    assert comparison.combined.zoom == len(SPANS) - 1
    assert comparison.combined.cursor_at is None


CHOICES = [
    # grouping, line under the cursor, marked, compared
    ("none", 0, (), [1, 4, 2, 6, 0]),
    ("none", 0, (5,), [1, 4, 2, 6, 0]),
    ("none", 0, (5, 4), [4, 5]),
    ("group", 0, (), [1, 2, 0]),
    ("group", 2, (), [1, 2, 0]),
    ("group", 4, (), [4, 3]),
    ("group", 0, (5, 4), [4, 5]),
    ("tag", 0, (3, 0), [0, 3]),
]


@pytest.mark.parametrize(("grouping", "place", "marked", "handles"), CHOICES)
def test_which_endpoints_are_meant(grouping, place, marked, handles):
    board = Board()
    board.reset(mixed().snapshot)
    lines = Arrangement(grouping=grouping).lines(board)
    assert compared(lines, lines[place], set(marked)) == handles


def test_of_an_empty_table_nothing_is_compared():
    assert compared([], None, set()) == []


def test_a_span_that_nobody_remembers_comes_from_the_history():
    parts = (Part(10, 1, 40.0, 90.0, 120.0),) * 3
    known = Timeline(1, points=[Point(T0 - 10, "u", 5.0), Point(T0, "u", 5.0)])
    unknown = Timeline(2, points=[Point(T0, "u", 7.0)])
    comparison = Comparison()
    comparison.compare([known, unknown])
    comparison.zoom_by(9)
    span = SPANS[-1]
    assert (known.zoom, unknown.zoom) == (len(SPANS) - 1, len(SPANS) - 1)
    assert [len(window.points) for window in comparison.windows()] == [2, 1]
    known.lookback.take(Past(since=T0 - span, until=T0, parts=parts, percentiles=(41.0, 91.0, 119.0)))
    first, second = comparison.windows()
    assert (first.start, first.end, first.figures().checks) == (T0 - span, T0, 30)
    assert {point.latency_ms for point in first.points if point.outcome == "u"} == {40.0}
    assert (second.start, second.end, second.points) == (T0 - span, T0, ())
    assert comparison.sample(first) is None
