"""The title of the terminal's window."""

import pytest
from fake_source import NOW, mixed, row
from msgspec.structs import replace

from monitor.model import State
from monitor.tui.data.board import Board
from monitor.tui.data.follow import Link
from monitor.tui.drawing.window_title import window_title
from monitor.tui.terminal.symbols import ASCII, UNICODE


def board(**changes):
    shown = Board(clock=lambda: NOW)
    shown.reset(replace(mixed().snapshot, **changes))
    return shown


def test_problems_are_counted_worst_first():
    assert window_title(board(), Link.CONNECTED, UNICODE) == "✖1 ◆1 ▲1 test.toml"


def test_a_terminal_without_unicode_gets_ascii():
    assert window_title(board(title="läden.toml"), Link.CONNECTED, ASCII).isascii()


def test_nothing_wrong_is_a_bare_title():
    well = board(statuses=tuple(row(n, State.UP) for n in range(7)))
    assert window_title(well, Link.CONNECTED, UNICODE) == "test.toml"


@pytest.mark.parametrize(("link", "begins"), [(Link.LOST, "engine gone ✖1"), (Link.SILENT, "no answer ✖1")])
def test_what_is_not_current_says_so(link, begins):
    assert window_title(board(), link, UNICODE).startswith(begins)


def test_before_the_engine_answers_there_is_a_name():
    assert window_title(Board(clock=lambda: NOW), Link.LOADING, UNICODE) == "monitor"


def test_a_hostile_title_ends_no_escape_sequence():
    title = window_title(board(title="x\x1b]0;evil\x07\x9cy"), Link.CONNECTED, UNICODE)
    assert title.isprintable()
