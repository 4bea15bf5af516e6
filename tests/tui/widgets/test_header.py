"""The top line."""

from dataclasses import replace

import pytest
from fake_source import NOW, mixed
from rich.cells import cell_len

from monitor.link.messages import EngineStats
from monitor.tui.data.board import Board
from monitor.tui.drawing.columns import DrawContext
from monitor.tui.terminal.symbols import UNICODE
from monitor.tui.terminal.theme import COLOURLESS
from monitor.tui.widgets.header import Flags, Header

BUSY = EngineStats(lateness_p99_ms=3.2, checks_per_second=123.4, queued=7)
CONTEXT = DrawContext(UNICODE, COLOURLESS, NOW)


def drawn(*arguments, **more):
    return "".join(segment.text for segment in segments(*arguments, **more))


def segments(width, flags=Flags(), stats=BUSY, age=0.0):  # noqa: B008 -- a constant
    board = Board(clock=lambda: NOW)
    board.reset(mixed().snapshot)
    kept = []
    header = Header()
    header.show_fitted = kept.append
    header.draw(board, stats, flags, replace(CONTEXT, now=NOW + age))
    return list(kept[0](width))


def test_lateness_that_nobody_feels_is_not_shown():
    assert "late" not in drawn(200, stats=EngineStats(lateness_p99_ms=30))


def test_with_room_it_tells_everything():
    text = drawn(160)
    for part in ("test.toml", "✖ 1 DOWN", "● 2 up", "120 checks/s", "7 queued"):
        assert part in text


@pytest.mark.parametrize(("share", "told"), [(0.0, False), (0.04, False), (0.12, True)])
def test_delayed_checks_are_shown_when_they_are_many(share, told):
    assert ("12% delayed" in drawn(200, stats=EngineStats(delayed=share))) is told


@pytest.mark.parametrize(
    ("stats", "loud"),
    [
        (EngineStats(delayed=0.2), False),
        (EngineStats(delayed=0.3), True),
        (EngineStats(lateness_p99_ms=90), False),
        (EngineStats(lateness_p99_ms=300), True),
    ],
)
def test_figures_are_a_warning_only_when_they_are_bad(stats, loud):
    warn = CONTEXT.palette.warn.color
    figures = [one for one in segments(200, stats=stats) if "delayed" in one.text or "late" in one.text]
    assert [one.style.color == warn for one in figures] == [loud]


@pytest.mark.parametrize("width", [20, 40, 60, 80, 100, 120, 200])
def test_the_worst_is_told_at_any_width(width):
    assert "✖" in drawn(width)[:16]
    assert cell_len(drawn(width).rstrip()) <= max(width, 33)


@pytest.mark.parametrize("width", [20, 40, 60, 80, 100, 120, 200])
def test_the_past_is_told_at_any_width_and_without_colour(width):
    flags = Flags(bad=("OFFLINE",), notes=("order held",), states_at="AS OF 03:12:00")
    text = drawn(width, flags)
    assert "AS OF 03:12:00" in text
    assert cell_len(text.rstrip()) <= width
    assert "checks/s" not in text


def test_the_past_stands_out_in_reverse():
    board = Board(clock=lambda: NOW)
    board.reset(mixed().snapshot)
    kept, header = [], Header()
    header.show_fitted = kept.append
    header.draw(board, BUSY, Flags(states_at="AS OF 03:12:00"), CONTEXT)
    (told,) = (segment for segment in kept[0](120) if "AS OF" in segment.text)
    assert told.style.reverse
    assert told.style.bold


def test_figures_of_an_engine_that_is_not_heard_of_are_not_told():
    text = drawn(200, Flags(old=True))
    assert "checks/s" not in text
    assert "late" not in text


def test_what_is_wrong_stays_when_figures_go():
    assert "OFFLINE" in drawn(60, Flags(bad=("OFFLINE",)))


@pytest.mark.parametrize(("late", "shown"), [(60, "late <100ms"), (900, "late <1000ms"), (2345, "late 2.3s")])
def test_lateness_is_coarse(late, shown):
    assert shown in drawn(200, stats=EngineStats(lateness_p99_ms=late))


@pytest.mark.parametrize(
    ("age", "rate", "told"), [(0, 0.0, False), (9.9, 0.0, False), (10, 0.0, True), (1, 3.0, True)]
)
def test_a_rate_of_nothing_is_told_only_of_an_engine_that_had_time_to_check(age, rate, told):
    text = drawn(200, stats=EngineStats(checks_per_second=rate), age=age)
    assert (f"{rate:g} checks/s" in text) == told


def test_the_clock_names_its_zone_if_it_is_not_the_machines(monkeypatch):
    line = Header()
    kept = []
    line.show_fitted = kept.append
    board = Board(clock=lambda: NOW)
    line.draw(board, BUSY, Flags(), replace(CONTEXT, utc=True))
    assert "".join(segment.text for segment in kept[0](80)).endswith(" UTC  ")
