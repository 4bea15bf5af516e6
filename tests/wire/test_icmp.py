"""ICMP packets and errors."""

from __future__ import annotations

import socket
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import LocalError
from monitor.wire import icmp
from monitor.wire.icmp import IcmpError, echo_request, is_expiry, refusal
from monitor.wire.resolve import Address

V4, V6 = socket.AF_INET, socket.AF_INET6


def error(kind: int, code: int) -> IcmpError:
    return IcmpError(kind, code, "10.0.0.1", 0.0, 0, b"")


@pytest.mark.parametrize(
    ("family", "kind", "code", "expired", "words"),
    [
        (V4, 11, 0, True, ""),
        (V4, 11, 1, False, ""),  # reassembly took too long
        (V6, 3, 0, True, ""),
        (V4, 3, 0, False, "network unreachable"),
        (V4, 3, 1, False, "host unreachable"),
        (V4, 3, 3, False, "port unreachable"),
        (V4, 3, 13, False, "administratively prohibited"),
        (V4, 3, 4, False, "destination unreachable (code 4)"),
        (V4, 3, 200, False, "destination unreachable (code 200)"),
        (V6, 1, 0, False, "no route to the target"),
        (V6, 1, 1, False, "administratively prohibited"),
        (V6, 1, 3, False, "address unreachable"),
        (V6, 1, 4, False, "port unreachable"),
        (V6, 2, 0, False, ""),  # packet too big
        (V4, 5, 0, False, ""),  # redirect
    ],
)
def test_errors_in_words(family: int, kind: int, code: int, expired: bool, words: str) -> None:
    assert is_expiry(family, error(kind, code)) is expired
    assert refusal(family, error(kind, code)) == words


@given(st.integers(0, 65535), st.integers(0, 65535), st.binary(max_size=64).filter(lambda b: len(b) % 2 == 0))
def test_a_packet_and_its_checksum_add_up(ident: int, sequence: int, payload: bytes) -> None:
    packet = echo_request(V4, ident, sequence, payload)
    total = sum(struct.unpack(f"!{len(packet) // 2}H", packet))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    assert total == 0xFFFF


@given(st.integers(0, 300), st.integers(-1, 100), st.binary(max_size=80))
def test_control_messages_of_any_content_are_read(level: int, kind: int, data: bytes) -> None:
    notes = [(level, kind, data), (socket.IPPROTO_IP, 11, data), (socket.SOL_SOCKET, 35, data)]
    found = icmp._error(V4, notes, b"", 0)
    assert found is None or found.sender.count(".") == 3


def test_an_error_of_this_machine_alone_has_no_sender() -> None:
    local = struct.pack("=IBBBxII", 113, 1, 0, 0, 0, 0) + struct.pack("=HH4s8x", V4, 0, b"\x0a\x00\x00\x01")
    assert icmp._error(V4, [(socket.IPPROTO_IP, 11, local)], b"", 0) is None


@pytest.mark.skipif(not icmp.REPORTS_ERRORS, reason="needs Linux")
def test_the_error_that_a_datagram_caused_is_in_the_queue() -> None:
    with socket.socket(V4, socket.SOCK_DGRAM) as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    with socket.socket(V4, socket.SOCK_DGRAM) as sock:
        sock.setblocking(False)
        icmp.report_errors(sock)
        assert icmp.next_error(sock) is None
        sock.sendto(b"", ("127.0.0.1", port))
        found = icmp.next_error(sock)
    assert found is not None
    assert (found.sender, found.port, refusal(V4, found)) == ("127.0.0.1", port, "port unreachable")


def test_without_permission_the_error_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object) -> socket.socket:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(icmp.socket, "socket", forbidden)
    with pytest.raises(LocalError, match="ping_group_range"):
        icmp.open_echo(Address(V4, ("127.0.0.1", 0)))
