"""What stands where there is nothing to list."""

import pytest

from monitor.tui.drawing.empty_state import empty_lines
from monitor.tui.drawing.text_layout import TextLayout, width_of
from monitor.tui.lists.empty_states import NOTHING, EmptyState
from monitor.tui.terminal.symbols import ASCII, UNICODE
from monitor.tui.terminal.theme import PALETTES

DARK = PALETTES["dark"]
LAYOUT = TextLayout(UNICODE, DARK)
FULL = EmptyState("nothing fits …", [("esc", "show all"), ("/", "change the filter")])


def read(empty_state, width=40, height=10, layout=LAYOUT):
    return [
        "".join(segment.text for segment in line) for line in empty_lines(empty_state, width, height, layout)
    ]


def test_why_stands_above_the_keys_that_help():
    assert read(FULL) == ["", "  nothing fits …", "", "  esc  show all", "  /    change the filter"]


@pytest.mark.parametrize(("height", "lines"), [(7, 4), (2, 2), (1, 1), (0, 0)])
def test_where_there_is_little_room_why_goes_before_how(height, lines):
    assert read(FULL, height=height) == read(FULL)[1 : 1 + lines]


def test_a_long_reason_is_wrapped():
    assert max(map(len, read(EmptyState("very " * 20), width=20))) <= 20


def test_only_what_is_good_is_drawn_so():
    ((_, told),) = empty_lines(EmptyState("all is well", good=True), 40, 1, LAYOUT)
    assert told.style == DARK.good
    ((_, told),) = empty_lines(EmptyState("nobody knows"), 40, 1, LAYOUT)
    assert told.style == DARK.text


def test_a_terminal_without_unicode_is_told_in_ascii():
    assert "".join(read(FULL, layout=TextLayout(ASCII, DARK))).isascii()


def test_nothing_to_say_takes_no_ink():
    assert all(not line.strip() for line in read(NOTHING))
    assert width_of(empty_lines(NOTHING, 40, 1, LAYOUT)[0]) <= 2
