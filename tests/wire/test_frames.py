"""HTTP/2 frames: written, cut up and read again."""

from __future__ import annotations

import pytest
from hyperframe.frame import DataFrame, HeadersFrame
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import ProbeError
from monitor.wire.frames import LARGEST, PADDED, PRIORITY, Frame, FrameReader, Kind, frame

FIRST = frame(Kind.SETTINGS)
FRAMES = st.lists(
    st.builds(
        Frame, st.integers(0, 255), st.integers(0, 255), st.integers(0, 2**31 - 1), st.binary(max_size=50)
    ),
    max_size=6,
)


@given(FRAMES, st.integers(1, 100))
def test_every_frame_is_read_as_it_was_written(frames: list[Frame], size: int) -> None:
    data = FIRST + b"".join(
        frame(one.kind, one.payload, stream=one.stream, flags=one.flags)  # type: ignore[arg-type]
        for one in frames
    )
    reader = FrameReader()
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    read = [one for piece in pieces for one in reader.feed(piece)]
    assert read[1:] == frames


@given(st.binary(max_size=50), st.integers(0, 20))
def test_content_is_without_padding_and_priority(body: bytes, padding: int) -> None:
    data = DataFrame(1, body, pad_length=padding, flags=["PADDED"]).serialize()
    headers = HeadersFrame(
        1, body, pad_length=padding, flags=["PADDED", "PRIORITY"], depends_on=3
    ).serialize()
    _, one, two = FrameReader().feed(FIRST + data + headers)
    assert one.content() == two.content() == body
    assert (one.flags, two.flags) == (PADDED, PADDED | PRIORITY)


@pytest.mark.parametrize("payload", [b"\x01", b"\x05abc"])
def test_padding_longer_than_the_frame_is_broken(payload: bytes) -> None:
    with pytest.raises(ProbeError, match="padding"):
        Frame(Kind.DATA, PADDED, 1, payload).content()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"HTTP/1.1 200 OK\r\n", "is not HTTP/2: it begins with 'HTTP/1.1 '"),
        (frame(Kind.PING, bytes(8)), "is not HTTP/2"),
        (FIRST + (LARGEST + 1).to_bytes(3, "big") + bytes(6), "longer than 16384"),
    ],
)
def test_the_wrong_beginning_is_refused_at_once(data: bytes, words: str) -> None:
    with pytest.raises(ProbeError, match=words):
        list(FrameReader().feed(data))
