"""The tree of dependencies as lines."""

import pytest
from fake_source import NOW, failed, info, row

from monitor.model import State
from monitor.tui.data.board import Entry
from monitor.tui.drawing import dependency_tree as drawing
from monitor.tui.drawing.text_layout import TextLayout, width_of
from monitor.tui.lists.dependency_tree import dependency_tree
from monitor.tui.terminal.symbols import ASCII, UNICODE
from monitor.tui.terminal.theme import PALETTES

ROWS = dependency_tree(
    [
        Entry(info(0, "Orders DB"), failed(0, since=NOW - 120)),
        Entry(
            info(1, "API", depends_on=("Orders DB",)),
            failed(1, State.UNREACHABLE, since=NOW - 60),
            blocked_by="Orders DB",
        ),
        Entry(info(2, "Shop front", depends_on=("API",)), row(2)),
        Entry(info(3, "Reports", depends_on=("Orders DB",)), row(3)),
    ]
)


def lines(symbols, width=70):
    layout = TextLayout(symbols, PALETTES["dark"])
    names = drawing.name_width(ROWS, width, symbols)
    return [drawing.line(one, names, width, NOW, layout) for one in ROWS]


def texts(symbols, width=70):
    return ["".join(segment.text for segment in line).rstrip() for line in lines(symbols, width)]


def test_each_line_has_the_state_its_age_and_the_cause():
    assert texts(UNICODE) == [
        "Orders DB        ✖ DOWN           2m connection refused",
        "├─ API           ◌ unreachable    1m Orders DB is down · connection r…",
        "│  └─ Shop front ● up            10m 200 OK",
        "└─ Reports       ● up            10m 200 OK",
    ]


def test_branches_are_drawn_in_ascii_too():
    assert [one[:16].rstrip() for one in texts(ASCII)] == [
        "Orders DB",
        "|- API",
        "|  `- Shop front",
        "`- Reports",
    ]


@pytest.mark.parametrize("width", [40, 60, 78, 200])
def test_no_line_is_wider_than_the_screen(width):
    assert max(map(width_of, lines(UNICODE, width))) <= width


def test_a_narrow_list_leaves_the_age_out():
    assert texts(UNICODE, 40)[0] == "Orders DB        ✖ DOWN     connection …"
    titles = drawing.titles(16, 39, TextLayout(UNICODE, PALETTES["dark"]))
    assert "".join(segment.text for segment in titles) == "ENDPOINT         STATE      CAUSE"
