"""The lines of the config that an edit changes."""

from monitor.model import Hunk
from monitor.tui.drawing.diff import diff
from monitor.tui.drawing.text_layout import TextLayout, width_of
from monitor.tui.terminal.symbols import ASCII, UNICODE
from monitor.tui.terminal.theme import COLOURLESS, PALETTES

LAYOUT = TextLayout(UNICODE, PALETTES["dark"])
HUNK = Hunk("/etc/monitor/shop.toml", 66, ('interval = "10s"',), ('interval = "30s"', ""), "Shop")


def drawn(hunks, width=72, layout=LAYOUT):
    return ["".join(segment.text for segment in line) for line in diff(hunks, width, layout)]


def test_each_place_has_its_file_line_and_endpoint_then_the_lines():
    new = Hunk("/etc/monitor/shop.toml", 80, (), ("[[endpoints]]",))
    assert drawn([HUNK, new]) == [
        "shop.toml:66  Shop",
        '- interval = "10s"',
        '+ interval = "30s"',
        "shop.toml:80",
        "+ [[endpoints]]",
    ]


def test_the_signs_tell_it_without_colour():
    lines = diff([HUNK], 72, TextLayout(ASCII, COLOURLESS))
    assert [line[0].text[0] for line in lines] == ["s", "-", "+"]


def test_control_characters_never_reach_the_terminal_and_no_line_is_too_long():
    hostile = Hunk("/tmp/\x1b]0;x\x07.toml", 1, ("a = '\x1b[31m'",), ("b" * 500,), "\x1b[2J" + "n" * 99)
    for line in diff([hostile], 40, LAYOUT):
        assert width_of(line) <= 40
        assert all(segment.text.isprintable() for segment in line)
