"""Status lines and headers; what curl reads of them is held against it in test_as_curl."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import ProbeError
from monitor.wire.http1_head import _parse_leniently, parse_head

LINES = st.lists(
    st.tuples(
        st.text("aXz09!#$%&'*+-.^_`|~", min_size=1, max_size=8),
        st.text(
            st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=20
        ),
    ),
    max_size=6,
)


@given(st.integers(100, 999), LINES)
def test_both_ways_read_a_clean_head_alike(status: int, headers: list[tuple[str, str]]) -> None:
    lines = [f"HTTP/1.1 {status} Words", *(f"{name}: {value}" for name, value in headers), "", ""]
    text = "\r\n".join(lines)
    got = parse_head(text.encode("latin-1"))
    assert got == _parse_leniently(text)
    assert (got.version, got.status, got.phrase, got.notes) == ("1.1", status, "Words", [])
    assert got.headers == [(name.lower(), value.strip(" \t")) for name, value in headers]


@given(st.binary(max_size=100))
def test_garbage_is_read_or_a_protocol_error(garbage: bytes) -> None:
    try:
        head = parse_head(b"HTTP/1.1 200 OK\r\n" + garbage + b"\r\n\r\n")
    except ProbeError:
        return
    assert head.status == 200


def test_notes_are_bounded() -> None:
    lines = "".join(f"bad name {number}: x\r\n" for number in range(1000))
    assert len(parse_head(f"HTTP/1.1 200 OK\r\n{lines}\r\n".encode()).notes) == 8


def test_control_characters_do_not_reach_a_note() -> None:
    notes = parse_head(b"HTTP/1.1 200 \x1b[2J\r\nX\x1b[2J: \x1b[2J\r\n\r\n").notes
    assert notes
    assert all(note.isprintable() for note in notes)


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\n no\r\n\r\n", b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n"])
def test_what_no_client_reads_is_refused(head: bytes) -> None:
    with pytest.raises(ProbeError):
        parse_head(head)
