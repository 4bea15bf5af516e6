"""Numbers in signs of several lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.tui.drawing.digits import LARGE_LINES, LINES, digits
from monitor.tui.terminal.symbols import ASCII, UNICODE

numbers = st.text("0123456789:.< ", min_size=1, max_size=8)


@given(numbers, st.sampled_from([ASCII, UNICODE]))
def test_all_lines_of_a_number_are_equally_wide(number, symbols):
    for large, lines, cells in (
        (False, LINES, 4 * len(number) - 1),
        (True, LARGE_LINES, 8 * len(number) - 2),
    ):
        drawn = digits(number, symbols, large=large)
        assert [len(line) for line in drawn] == [cells] * lines


@pytest.mark.parametrize("symbols", [ASCII, UNICODE])
@pytest.mark.parametrize("large", [False, True])
def test_every_digit_looks_different(symbols, large):
    assert len({tuple(digits(sign, symbols, large=large)) for sign in "0123456789:.< "}) == 14


@given(numbers, st.booleans())
def test_a_terminal_without_unicode_gets_ascii(number, large):
    assert "".join(digits(number, ASCII, large=large)).isascii()


def test_a_large_number_is_the_small_one_enlarged():
    assert digits("17", UNICODE) == ["▀█  ▀▀█", " █    █", "▀▀▀   ▀"]
    assert digits("17", ASCII, large=True) == [
        "####    ######",
        "  ##        ##",
        "  ##        ##",
        "  ##        ##",
        "######      ##",
    ]
