"""Answers that would take too long to read are refused at once; all others are not."""

import struct
import time
from contextlib import suppress

import dns.message
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import ProbeError
from monitor.probes._dns_limits import MOST_RECORDS, check_limits

QUESTION = b"\1a\0\0\x10\0\1"
FIRST = 12 + len(QUESTION)
POINTER = struct.pack("!H", 0xC000 | FIRST)


def record(name: bytes, kind: int, data: bytes) -> bytes:
    return name + struct.pack("!HHIH", kind, 1, 60, len(data)) + data


def answer(*records: bytes) -> bytes:
    return struct.pack("!HHHHHH", 1, 0x8180, 1, len(records), 0, 0) + QUESTION + b"".join(records)


LONG = b"\1b" * 120 + b"\0"


@pytest.mark.parametrize(
    "repeated",
    [
        record(POINTER, 16, b"\1x"),
        record(b"\0", 2, POINTER),
        record(b"\0", 15, b"\0\1" + POINTER),
        record(b"\0", 2, b"\1c" + POINTER),
    ],
)
def test_many_pointers_to_a_long_name_are_refused_at_once(repeated: bytes) -> None:
    data = answer(record(LONG, 16, b"\1x"), *[repeated] * 2000)
    begun = time.process_time()
    with pytest.raises(ProbeError, match="labels"):
        check_limits(data)
    assert time.process_time() - begun < 0.5


def test_more_records_than_anybody_has_are_refused() -> None:
    check_limits(answer(*[record(b"\0", 1, bytes(4))] * MOST_RECORDS))
    with pytest.raises(ProbeError, match="more than 2048 records"):
        check_limits(answer(*[record(b"\0", 1, bytes(4))] * (MOST_RECORDS + 1)))


@pytest.mark.parametrize(
    ("name", "kind", "value"),
    [
        ("1.0." + "0." * 30 + "ip6.arpa", "PTR", "host.example."),
        ("a.example", "A", "192.0.2.1"),
        ("a.example", "AAAA", "2001:db8:c0c0:c00c::c00c"),
        ("a.example", "MX", "10 mail.a.example."),
        ("a.example", "TXT", '"' + "0123456789-./:" * 18 + '"'),
        ("a.example", "DNSKEY", "257 3 8 " + "wMDAwMAMwAzA" * 40),
    ],
)
def test_ordinary_answers_are_within_the_limits(name: str, kind: str, value: str) -> None:
    response = dns.message.make_response(dns.message.make_query(name, kind))
    for number in range(50):
        response.answer.append(dns.rrset.from_text(f"x{number}.{name}.", 60, "IN", kind, value))
    check_limits(response.to_wire())


@given(st.binary(max_size=2000))
def test_garbage_is_refused_or_passes_on(data: bytes) -> None:
    with suppress(ProbeError):
        check_limits(data)


def test_pointers_in_a_circle_come_to_an_end() -> None:
    check_limits(answer(record(struct.pack("!H", 0xC000 | FIRST + 3) + b"\1" + POINTER, 16, POINTER * 20)))
