"""Foreign text made fit for a terminal."""

import tomllib
import unicodedata

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from monitor.text import decode, escaped, plain, plain_line, plain_lines

DANGEROUS = {"Cc", "Cs", "Zl", "Zp"}
BIDI = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def is_safe(text: str) -> bool:
    return not any(unicodedata.category(sign) in DANGEROUS or sign in BIDI for sign in text)


@pytest.mark.parametrize(
    ("foreign", "shown"),
    [
        ("200 OK", "200 OK"),
        ("\x1b[31mred\x1b[0m", "␛[31mred␛[0m"),
        ("two\r\nlines\tand  more", "two lines and more"),
        ("\x9b31m", "�31m"),
        ("\x7f", "␡"),
        ("a\u202eb", "a�b"),
        ("\ud800", "�"),
        ("Grüße, 世界", "Grüße, 世界"),
        ("[bold]x[/]", "[bold]x[/]"),
        ("", ""),
    ],
)
def test_what_a_terminal_would_obey_becomes_a_sign(foreign: str, shown: str) -> None:
    assert plain(foreign) == shown


@given(st.text(st.characters()), st.integers(0, 40))
def test_any_text_becomes_one_safe_line_of_bounded_length(foreign: str, limit: int) -> None:
    shown = plain(foreign, limit)
    assert is_safe(shown)
    assert "\n" not in shown
    assert len(shown) <= max(limit, 1)
    shown.encode()


@given(st.text(st.characters()))
def test_making_text_plain_twice_changes_nothing(foreign: str) -> None:
    assert plain(plain(foreign)) == plain(foreign)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_is_escaped_is_safe_and_means_the_same_in_a_toml_string(foreign: str) -> None:
    told = escaped(tomli_w.dumps({"x": foreign}).rstrip("\n"))
    assert plain_line(told, len(told)) == told
    assert tomllib.loads(told) == {"x": foreign}


def test_long_text_ends_in_an_ellipsis() -> None:
    assert plain("x" * 300, 10) == "x" * 9 + "…"


@given(st.text(st.characters()))
def test_lines_stay_lines_and_are_safe(foreign: str) -> None:
    assert all(is_safe(line) for line in plain_lines(foreign).split("\n"))


def test_lines_keep_their_indentation() -> None:
    assert plain_lines("{\r\n\t'a': 1\n}") == "{\n    'a': 1\n}"
    assert plain_line("x" * 10, 5) == "xxxx…"


def test_lines_are_bounded_in_all() -> None:
    assert plain_lines("ab\ncd", limit=4) == "ab\nc…"


@pytest.mark.parametrize(
    ("body", "codec", "text"),
    [
        (b"gr\xfc\xdfe", "cp1252", "grüße"),
        ("grüße".encode(), None, "grüße"),
        (b"\xff\xfe", None, "��"),
        (b"\xef\xbb\xbfok", "utf-8", "ok"),
    ],
)
def test_a_body_is_decoded_and_never_raises(body: bytes, codec: str | None, text: str) -> None:
    assert decode(body, codec) == text
