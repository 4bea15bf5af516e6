"""Signs for every terminal."""

import pytest
from rich.cells import cell_len

from monitor.model import State
from monitor.tui.terminal.symbols import ASCII, BLOCK, UNICODE, WORDS, choose

LOCALES = [
    ({"LANG": "C.UTF-8"}, UNICODE),
    ({"LANG": "de_DE.utf8"}, UNICODE),
    ({"LC_ALL": "C", "LANG": "C.UTF-8"}, ASCII),
    ({"LANG": "C"}, ASCII),
    ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, ASCII),
    ({"LANG": "C", "LC_CTYPE": "en_US.UTF-8"}, UNICODE),
    ({}, ASCII),
    ({"LANG": "C.UTF-8", "TERM": "linux"}, ASCII),
    ({"LANG": "ja_JP.eucJP"}, ASCII),
]


@pytest.mark.parametrize(("environ", "symbols"), LOCALES)
def test_signs_follow_the_locale(environ, symbols):
    assert choose(environ) is symbols


@pytest.mark.parametrize(("name", "symbols"), [("braille", UNICODE), ("block", BLOCK), ("ascii", ASCII)])
@pytest.mark.parametrize("environ", [{"LANG": "C.UTF-8"}, {"TERM": "linux"}])
def test_a_wanted_set_takes_precedence(environ, name, symbols):
    assert choose(environ, name) is symbols


def test_signs_are_one_cell_wide():
    for symbols in (UNICODE, ASCII):
        signs = [*symbols.states.values(), *symbols.bars, symbols.failure, symbols.gap, symbols.cursor]
        assert all(cell_len(sign) == 1 for sign in signs)
        assert len(set(symbols.states.values())) == len(symbols.states)


@pytest.mark.parametrize("symbols", [UNICODE, ASCII])
def test_every_state_has_a_sign_and_a_word(symbols):
    assert set(symbols.states) == set(WORDS) == set(State)


def test_ascii_shows_no_text_beyond_ascii():
    assert ASCII.text("a · b … 日本").isascii()
    assert UNICODE.text("a · b") == "a · b"
