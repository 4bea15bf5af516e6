"""BER and DER as they are met in certificates (X.690), read as leniently as OpenSSL reads them.

Only the structure is read here. A length that does not fit is a ValueError; other errors are
left to the reader of the field.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, OID = 0x01, 0x02, 0x03, 0x04, 0x06
SEQUENCE, SET = 0x30, 0x31
UTC_TIME = 0x17

_DEEPEST = 32
_LONGEST_OID = 64


class Element(NamedTuple):
    """One value: its identifier octet and its contents. ``raw`` is all of it, as it was encoded."""

    tag: int
    body: bytes
    raw: bytes

    @property
    def number(self) -> int:
        """The tag's number alone, as in ``[2]``."""
        return self.tag & 0x1F

    def inside(self) -> list[Element]:
        """The values that this one is made of."""
        return list(elements(self.body))


def elements(data: bytes) -> Iterator[Element]:
    """The values that follow one another in ``data``. ValueError when a length does not fit."""
    at = 0
    while at < len(data):
        one, at = _element(data, at, 0)
        yield one


def first(data: bytes) -> Element:
    """The value that ``data`` begins with."""
    return _element(data, 0, 0)[0]


def _element(data: bytes, start: int, depth: int) -> tuple[Element, int]:
    tag, at = _octet(data, start), start + 1
    if tag & 0x1F == 0x1F:
        at = _after_long_tag(data, at)
    length, at = _length(data, at)
    if length is None:
        end, after = _end_of_contents(data, at, depth + 1)
    else:
        end = after = at + length
    if after > len(data):
        raise ValueError("a value is longer than what holds it")
    return Element(tag, data[at:end], data[start:after]), after


def _octet(data: bytes, at: int) -> int:
    if at >= len(data):
        raise ValueError("a value ends early")
    return data[at]


def _after_long_tag(data: bytes, at: int) -> int:
    while _octet(data, at) & 0x80:
        at += 1
    return at + 1


def _length(data: bytes, at: int) -> tuple[int | None, int]:
    """A value's length and where its contents begin; None for the indefinite form."""
    head = _octet(data, at)
    if head < 0x80:
        return head, at + 1
    if head == 0x80:
        return None, at + 1
    after = at + 1 + (head & 0x7F)
    return int.from_bytes(data[at + 1 : after], "big"), after


def _end_of_contents(data: bytes, at: int, depth: int) -> tuple[int, int]:
    """The end of contents of indefinite length, and the beginning of the next value."""
    if depth > _DEEPEST:
        raise ValueError("values are nested too deeply")
    while data[at : at + 2] != b"\0\0":
        _, at = _element(data, at, depth)
    return at, at + 2


def oid(body: bytes) -> str:
    """An object identifier with dots, such as ``2.5.29.17``; empty when it cannot be one."""
    if not body or len(body) > _LONGEST_OID or body[-1] & 0x80:
        return ""
    numbers, number = [], 0
    for octet in body:
        number = number << 7 | octet & 0x7F
        if not octet & 0x80:
            numbers.append(number)
            number = 0
    root = min(numbers[0] // 40, 2)
    return ".".join(map(str, (root, numbers[0] - 40 * root, *numbers[1:])))


_ENCODINGS = {0x1C: "utf-32-be", 0x1E: "utf-16-be"}
_TEXTS = frozenset({0x0C, 0x12, 0x13, 0x14, 0x16, 0x19, 0x1A, 0x1B})


def text(one: Element) -> str | None:
    """A string of any type, whatever characters are in it; None when it is no string."""
    if one.tag in _ENCODINGS:
        return one.body.decode(_ENCODINGS[one.tag], "replace")
    if one.tag not in _TEXTS:
        return None
    return utf8_or_latin1(one.body)


def utf8_or_latin1(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("latin-1")


def timestamp(one: Element) -> float:
    """A UTCTime or GeneralizedTime in seconds since the epoch. ValueError when it is none."""
    said = one.body.decode("ascii", "replace").strip()
    if one.tag == UTC_TIME:
        said = ("19" if said[:2] >= "50" else "20") + said
    moment, offset = _zone(said)
    digits = moment.partition(".")[0].partition(",")[0]
    if not digits.isdecimal() or len(digits) not in (12, 14):
        raise ValueError("not a time")
    form = "%Y%m%d%H%M%S" if len(digits) == 14 else "%Y%m%d%H%M"
    return datetime.strptime(digits, form).replace(tzinfo=UTC).timestamp() - offset.total_seconds()


def _zone(said: str) -> tuple[str, timedelta]:
    """A time without its offset from UTC, and that offset."""
    sign = said[-5:-4]
    if sign and sign in "+-" and said[-4:].isdecimal():
        offset = timedelta(hours=int(said[-4:-2]), minutes=int(said[-2:]))
        return said[:-5], -offset if sign == "-" else offset
    return said.removesuffix("Z"), timedelta()
