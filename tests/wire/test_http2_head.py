"""Status and headers of HTTP/2; what curl reads of them is held against it in test_http2."""

from __future__ import annotations

import pytest

from monitor.errors import ProbeError
from monitor.wire.http2_head import read_head, read_trailers
from monitor.wire.messages import MOST_HEADERS

STATUS = (b":status", b"200")


def test_status_and_headers_are_read_and_blanks_noted() -> None:
    notes: list[str] = []
    block = [STATUS, (b"x", b" y\t"), (b"a", "é".encode())]
    assert read_head(block, notes) == (200, [("x", "y"), ("a", "Ã©")])
    assert notes == ["the value of the header 'x' begins or ends with a blank"]


@pytest.mark.parametrize(
    "block", [[], [(b"x", b"y")], [(b":status", b"20")], [STATUS, STATUS], [STATUS, (b"x", b"a\0b")]]
)
def test_what_is_no_head_is_refused(block: list[tuple[bytes, bytes]]) -> None:
    with pytest.raises(ProbeError):
        read_head(block, [])


def test_more_headers_than_anybody_needs_are_refused() -> None:
    with pytest.raises(ProbeError):
        read_trailers([(b"x", b"y")] * (MOST_HEADERS + 1), [])
