"""Chunks, taken apart however they are cut."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import ProbeError
from monitor.wire.chunks import ChunkReader
from monitor.wire.messages import HEAD_LIMIT


@given(
    st.lists(st.binary(min_size=1, max_size=60), max_size=6),
    st.sampled_from([b"\r\n", b"\n"]),
    st.lists(st.integers(0, 400), max_size=8),
)
def test_the_body_comes_out_and_what_follows_is_left(parts: list[bytes], eol: bytes, cuts: list[int]) -> None:
    chunks = [b"%x%b%b%b" % (len(part), eol, part, eol) for part in parts]
    data = b"".join([*chunks, b"0", eol, b"X: y", eol, eol])
    notes: list[str] = []
    reader = ChunkReader(notes)
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    body = b"".join(reader.feed(data[a:b]) for a, b in pairwise(edges))
    assert (body, reader.finished, reader.rest) == (b"".join(parts), True, b"")
    assert bool(notes) is (eol == b"\n")


def test_bytes_behind_the_body_are_left() -> None:
    reader = ChunkReader([])
    assert reader.feed(b"2\r\nok\r\n0\r\n\r\nHTTP/1.1") == b"ok"
    assert reader.rest == b"HTTP/1.1"


_LONG = b"a" * 70_000


@pytest.mark.parametrize(
    "data",
    [
        b"x\r\n",
        b"2\r\nokx",
        b"2" * 70_000,
        b"2;" + _LONG,
        b"2;" + _LONG + b"\r\nok\r\n0\r\n\r\n",
        b"0\r\nX: " + _LONG,
        b"0\r\nX: " + _LONG + b"\r\n\r\n",
    ],
)
def test_a_line_that_cannot_become_good_is_refused_at_once(data: bytes) -> None:
    with pytest.raises(ProbeError):
        ChunkReader([]).feed(data)


def test_trailers_without_end_are_refused() -> None:
    reader = ChunkReader([])
    with pytest.raises(ProbeError, match="trailers are longer"):
        reader.feed(b"0\r\n" + b"X: y\r\n" * (HEAD_LIMIT // 4))


@given(st.binary(max_size=200))
def test_garbage_is_a_protocol_error_or_incomplete(garbage: bytes) -> None:
    reader = ChunkReader([])
    try:
        reader.feed(garbage)
    except ProbeError:
        return
    assert reader.finished in (True, False)
