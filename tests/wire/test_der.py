"""BER and DER, in order or not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from issuing import oid, sequence, tlv

from monitor.wire import der


def test_values_follow_one_another_and_hold_others() -> None:
    inner = tlv(2, b"\1") + tlv(4, b"x" * 200)
    one, two = der.elements(sequence(inner) + tlv(0x82, b"name"))
    assert [(part.tag, len(part.body)) for part in one.inside()] == [(2, 1), (4, 200)]
    assert one.raw == sequence(inner)
    assert (two.number, two.body) == (2, b"name")


def test_a_value_of_indefinite_length_ends_where_its_mark_stands() -> None:
    nested = b"\x30\x80" + tlv(2, b"\1") + b"\x30\x80" + tlv(4, b"\0\0") + b"\0\0" + b"\0\0"
    first, after = der.elements(nested + tlv(2, b"\2"))
    assert [part.tag for part in first.inside()] == [2, 0x30]
    assert after.body == b"\2"


def test_a_tag_of_several_octets_is_passed_over() -> None:
    assert der.first(b"\x9f\x81\x01\x01x").body == b"x"


@pytest.mark.parametrize(
    "data", [b"", b"\x30", b"\x30\x05x", b"\x30\x82\x01", b"\x9f\x81", b"\x30\x80\x02\x01", b"\x30\x80" * 50]
)
def test_a_length_that_does_not_fit_is_a_value_error(data: bytes) -> None:
    with pytest.raises(ValueError, match="value"):
        der.first(data)


@given(st.binary(max_size=100))
def test_any_bytes_are_read_or_are_a_value_error(data: bytes) -> None:
    try:
        found = list(der.elements(data))
    except ValueError:
        return
    assert b"".join(one.raw for one in found) == data


@pytest.mark.parametrize(
    "dotted", ["1.2.840.113549.1.1.11", "2.5.29.17", "0.9.2342.19200300.100.1.1", "2.999.3"]
)
def test_an_object_identifier_has_dots(dotted: str) -> None:
    assert der.oid(oid(dotted)[2:]) == dotted


@pytest.mark.parametrize("body", [b"", b"\x80", b"\1" * 100])
def test_what_is_no_object_identifier_is_nothing(body: bytes) -> None:
    assert der.oid(body) == ""


@pytest.mark.parametrize(
    ("tag", "body", "text"),
    [
        (0x0C, "é".encode(), "é"),
        (0x13, b"* _ @ &", "* _ @ &"),
        (0x13, b"\xe9", "é"),
        (0x1E, b"\0h\0i", "hi"),
        (0x1E, b"\0h\0", "h�"),
        (0x1C, b"\0\0\0h", "h"),
        (0x02, b"\1", None),
    ],
)
def test_a_string_is_read_whatever_is_in_it(tag: int, body: bytes, text: str | None) -> None:
    assert der.text(der.first(tlv(tag, body))) == text


@pytest.mark.parametrize(
    ("tag", "said", "at"),
    [
        (0x17, "700101000000Z", 0),
        (0x17, "7001010000Z", 0),
        (0x17, "491231235959Z", 2524607999),
        (0x17, "500101000000Z", -631152000),
        (0x17, "700101010000+0100", 0),
        (0x18, "19700101000000Z", 0),
        (0x18, "19700101000000.5Z", 0),
        (0x18, "19691231230000-0100", 0),
        (0x18, "20500101000000Z", 2524608000),
        (0x18, "99991231235959Z", 253402300799),
    ],
)
def test_times_of_both_kinds_are_read(tag: int, said: str, at: float) -> None:
    assert der.timestamp(der.first(tlv(tag, said.encode()))) == at


@pytest.mark.parametrize("said", ["", "tomorrow", "999999999999Z", "7001010000000Z", "²²0101000000Z"])
def test_what_is_no_time_is_a_value_error(said: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 -- whatever is wrong with it
        der.timestamp(der.first(tlv(0x17, said.encode())))


@given(st.binary(max_size=30), st.sampled_from([0x17, 0x18]))
def test_any_bytes_are_a_time_or_a_value_error(body: bytes, tag: int) -> None:
    try:
        der.timestamp(der.Element(tag, body, b""))
    except ValueError:
        return
