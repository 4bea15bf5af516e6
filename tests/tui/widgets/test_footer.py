"""The bottom line."""

import pytest

from monitor.tui.drawing.columns import DrawContext
from monitor.tui.terminal.symbols import ASCII, UNICODE
from monitor.tui.terminal.theme import COLOURLESS
from monitor.tui.widgets.footer import Footer

HINTS = (("?", "help"), ("/", "filter"), ("enter", "open"))


def drawn(width, note="1/7", message="", symbols=UNICODE):
    kept = []
    footer = Footer()
    footer.show_fitted = kept.append
    footer.draw(HINTS, note, DrawContext(symbols, COLOURLESS, 0.0), message)
    return "".join(segment.text for segment in kept[0](width))


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (40, " ? help  / filter  enter open       1/7 "),
        (26, " ? help  / filter     1/7 "),
        (16, " ? help     1/7 "),
    ],
)
def test_whole_hints_or_none(width, expected):
    assert drawn(width) == expected


def test_a_message_takes_the_hints_place():
    assert drawn(40, message="check done").startswith(" check done")
    assert drawn(40, message="check done").endswith("1/7 ")


def test_ascii_gets_ascii():
    assert drawn(40, message="filter …", symbols=ASCII).isascii()
