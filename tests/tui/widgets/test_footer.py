"""The bottom line."""

import pytest

from monitor.tui.drawing.columns import DrawContext
from monitor.tui.terminal.symbols import ASCII, UNICODE
from monitor.tui.terminal.theme import COLOURLESS
from monitor.tui.widgets.footer import Footer, _lines

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


CHOICES = (("s", "severity"), ("l", "latency"), ("p", "p95"), ("u", "uptime"))


@pytest.mark.parametrize(
    ("width", "lines"),
    [
        (60, [CHOICES]),
        (30, [CHOICES[:1], CHOICES[1:]]),
        (8, [[one] for one in CHOICES]),
        (1, [[one] for one in CHOICES]),
    ],
)
def test_choices_take_as_many_lines_as_they_need(width, lines):
    assert _lines(CHOICES, width, 10) == [list(line) for line in lines]
