"""What goes wrong with bytes on their way: a handful of changes to something that was in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

Change = Callable[[bytearray, Random], None]


def _place(data: bytearray, random: Random) -> int:
    return random.randrange(len(data) + 1)


def _span(data: bytearray, random: Random) -> slice:
    start = _place(data, random)
    return slice(start, start + random.choice((1, 2, 4, 8, 64)))


def flip(data: bytearray, random: Random) -> None:
    if data:
        data[random.randrange(len(data))] ^= 1 << random.randrange(8)


def overwrite(data: bytearray, random: Random) -> None:
    if data:
        data[random.randrange(len(data))] = random.choice((0, 1, 0x7F, 0x80, 0xFF, 0x0A, 0x0D, 0x1B, 0x20))


def cut(data: bytearray, random: Random) -> None:
    del data[_span(data, random)]


def end(data: bytearray, random: Random) -> None:
    del data[_place(data, random) :]


def insert(data: bytearray, random: Random) -> None:
    at = _place(data, random)
    data[at:at] = random.randbytes(random.choice((1, 2, 4, 16)))


def repeat(data: bytearray, random: Random) -> None:
    at, span = _place(data, random), data[_span(data, random)]
    data[at:at] = span * random.choice((1, 2, 50))


def number(data: bytearray, random: Random) -> None:
    """A length or a count becomes one that nobody meant."""
    at = _place(data, random)
    data[at : at + 4] = random.choice((b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\0\0", b"9999", b"-1"))


def hostile(data: bytearray, random: Random) -> None:
    at = _place(data, random)
    data[at:at] = random.choice(
        (b"\x1b[2J\x1b]0;owned\x07", b"[bold]", b"\r\n\r\n", "\u202e\u2028".encode(), b"\xc3\x28")
    )


CHANGES: Sequence[Change] = (flip, overwrite, cut, end, insert, repeat, number, hostile)


def mutated(seed: bytes, random: Random) -> bytes:
    """``seed`` after a few changes; now and then something altogether different."""
    if random.random() < 0.05:
        return random.randbytes(random.randrange(200))
    data = bytearray(seed)
    for _ in range(random.choice((0, 1, 1, 1, 2, 3, 8))):
        random.choice(CHANGES)(data, random)
    return bytes(data)
