"""Recent checks as bars."""

from monitor.tui.drawing.sparkline import scale, sparkline
from monitor.tui.terminal.symbols import UNICODE
from monitor.tui.terminal.theme import COLOURLESS


def test_the_scale_is_what_warn_allows_or_a_round_number():
    assert scale([10, 40], 50.0) == 50.0
    assert scale([10, 40], None) == 50.0
    assert scale([120], 100.0) == 200.0
    assert scale([], None) == 1.0
    assert scale([3], 1000.0) == 5.0


def test_failures_and_gaps_have_signs_of_their_own():
    drawn = sparkline(
        "uugdi", [1.0, 5.0, 10.0, -1.0, -1.0], 8, warn_ms=10.0, symbols=UNICODE, palette=COLOURLESS
    )
    assert "".join(segment.text for segment in drawn) == "   ▁▅█✖·"


def test_failures_do_not_outshine_the_states():
    (drawn,) = sparkline("dd", [-1.0, -1.0], 2, warn_ms=None, symbols=UNICODE, palette=COLOURLESS)[1:]
    assert drawn.style.bold
    assert not drawn.style.reverse
