"""Bodies, decompressed within bounds."""

import gzip
import tracemalloc
import zlib

import pytest

from monitor.errors import ProbeError
from monitor.wire.body import Body


def test_a_bomb_takes_no_more_memory_than_the_limit() -> None:
    bomb = zlib.compress(bytes(50 << 20))
    tracemalloc.start()
    body = Body(10_000, "deflate")
    body.feed(bomb)
    assert body.full
    assert len(body.finish()) == 10_000
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()


def test_several_gzip_members_are_one_body() -> None:
    body = Body(100, "gzip")
    body.feed(gzip.compress(b"one ") + gzip.compress(b"two"))
    assert body.finish() == b"one two"


def test_no_compressed_body_at_all_is_an_empty_one() -> None:
    assert Body(100, "gzip").finish() == b""


def test_an_end_in_the_middle_is_reported() -> None:
    body = Body(100, "gzip")
    body.feed(gzip.compress(b"some words")[:-9])
    with pytest.raises(ProbeError, match="too early"):
        body.finish()
