from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from monitor.text import plain
from monitor.tui.drawing.text_layout import TextLayout, beside, flowed, width_of, wrap
from monitor.tui.terminal.symbols import ASCII, UNICODE
from monitor.tui.terminal.theme import PALETTES

LAYOUT = TextLayout(UNICODE, PALETTES["dark"])


def said(lines):
    return ["".join(segment.text for segment in line) for line in lines]


@given(st.text(max_size=80), st.integers(2, 30))
def test_wrapped_rows_fit_whatever_the_text_is(text, width):
    assert all(cell_len(row) <= width for row in wrap(plain(text), width))


@given(st.lists(st.text("abcdefgh", min_size=1, max_size=12), max_size=12), st.integers(2, 20))
def test_wrapping_loses_no_letter(words, width):
    assert "".join(wrap(" ".join(words), width)).replace(" ", "") == "".join(words)


def test_words_stay_whole_where_they_fit():
    assert wrap("connect timed out after 3s", 11) == ["connect", "timed out", "after 3s"]


def test_newlines_of_the_text_stay():
    assert wrap("a\n\nb", 10) == ["a", "", "b"]


def test_markup_in_foreign_text_is_shown_as_it_stands():
    assert said(LAYOUT.wrapped("[bold red]x[/]", 40)) == ["[bold red]x[/]"]


def test_an_ascii_terminal_gets_only_ascii():
    layout = TextLayout(ASCII, PALETTES["dark"])
    lines = [
        layout.heading("Über", 30, "· 3 ×"),
        *layout.labelled("naïve", "日本 café", 20),
        layout.line("…"),
    ]
    assert all(text.isascii() for text in said(lines))


def test_a_label_stands_only_before_its_first_line():
    assert said(LAYOUT.labelled("names", "one two three", 17)) == ["namesone two", "     three"]


def test_blocks_stand_beside_each_other_with_a_straight_gap():
    lines = beside([LAYOUT.line("日本"), LAYOUT.line("a")], [LAYOUT.line("x")], 6, LAYOUT.segment("|"))
    assert said(lines) == ["日本  |x", "a     |"]


def test_pieces_flow_into_as_few_lines_as_fit():
    lines = flowed([LAYOUT.line("aaa"), LAYOUT.line("bbb"), LAYOUT.line("ccc")], 7, LAYOUT.segment(" "))
    assert said(lines) == ["aaa bbb", "ccc"]


def test_a_heading_fills_its_width():
    assert [width_of(LAYOUT.heading("Phases", width)) for width in (3, 6, 8, 40)] == [3, 6, 8, 40]


@given(st.text(max_size=80), st.integers(4, 30), st.integers(1, 3))
def test_a_clipped_text_fits_and_says_that_there_is_more(text, width, most):
    rows = said(LAYOUT.clipped(plain(text), width, most))
    whole = wrap(plain(text), width)
    assert all(cell_len(row) <= width for row in rows)
    assert rows == whole if len(whole) <= most else (len(rows) == most and rows[-1].endswith("…"))
