"""Content codings: decoded as they come, and bounded."""

import gzip
import itertools
import subprocess
import sys
import zlib
from collections.abc import Callable, Mapping

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from monitor.wire import coding as codings
from monitor.wire.coding import accepted, decoder


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


PACKERS: Mapping[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "deflate": ("deflate", zlib.compress),
    "deflate, bare": ("deflate", raw_deflate),
    "br": ("br", brotli.compress),
    "zstd": ("zstd", zstandard.ZstdCompressor().compress),
}
BOMB = 200 << 20


def decoded(coding: str, packed: bytes, cuts: list[int], room: int = 1 << 20) -> tuple[bytes, bool]:
    made = decoder(coding)
    assert made is not None
    out, edges = b"", sorted({0, len(packed), *(cut % (len(packed) + 1) for cut in cuts)})
    for start, end in itertools.pairwise(edges):
        out += made.feed(packed[start:end], room - len(out))
    return out, made.complete


@pytest.mark.parametrize("form", PACKERS)
@given(st.binary(max_size=3000), st.lists(st.integers(0, 5000), max_size=8))
def test_what_was_packed_comes_out_however_it_is_cut(form: str, body: bytes, cuts: list[int]) -> None:
    coding, pack = PACKERS[form]
    assert decoded(coding, pack(body), cuts) == (body, True)


@pytest.mark.parametrize("form", PACKERS)
def test_a_bomb_gives_little_more_than_there_is_room_for(form: str) -> None:
    coding, pack = PACKERS[form]
    packed = pack(bytes(BOMB))
    made = decoder(coding)
    assert made is not None
    assert len(packed) < BOMB / 100
    assert len(made.feed(packed, 1000)) < BOMB / 20


@pytest.mark.parametrize("form", PACKERS)
@given(st.binary(min_size=1, max_size=300))
def test_garbage_is_a_value_error_or_incomplete(form: str, garbage: bytes) -> None:
    made = decoder(PACKERS[form][0])
    assert made is not None
    try:
        made.feed(garbage, 1000)
    except ValueError:
        return
    assert isinstance(made.complete, bool)


@pytest.mark.parametrize("form", PACKERS)
def test_what_ends_too_early_is_not_complete(form: str) -> None:
    coding, pack = PACKERS[form]
    packed = pack(b"hello, hello, hello " * 50)
    assert not decoded(coding, packed[:-3], [])[1]


def test_a_gzip_file_of_several_members_is_one_body() -> None:
    assert decoded("gzip", gzip.compress(b"a") + gzip.compress(b"b") + b"\0\0", []) == (b"ab", True)


def test_what_was_not_offered_is_not_decoded() -> None:
    assert decoder("compress") is None
    assert decoder("identity") is None


def test_only_what_is_installed_is_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    assert accepted() == "gzip, deflate, br, zstd"
    monkeypatch.setattr(codings, "find_spec", lambda _: None)
    codings._decoders.cache_clear()
    assert accepted() == "gzip, deflate"
    codings._decoders.cache_clear()


def test_the_libraries_of_all_codings_are_loaded_beforehand() -> None:
    code = "import sys, monitor.wire.coding as c; c.load(); print({'brotli', 'zstandard'} <= {*sys.modules})"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout == "True\n"
