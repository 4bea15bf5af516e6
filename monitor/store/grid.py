"""The minutes, hours and days of which the history keeps summaries. All times are in milliseconds. Pure."""

from __future__ import annotations


def up(moment: int, unit: int) -> int:
    """The first multiple of ``unit`` from a moment on."""
    return -(-moment // unit) * unit


def nearest(moment: int, unit: int) -> int:
    """The multiple of ``unit`` nearest to a moment."""
    return (moment + unit // 2) // unit * unit


def places(start: int, length: int, since: int, until: int) -> range:
    """The parts of ``length`` from ``start`` on that begin in a window."""
    return range(max(up(since - start, length) // length, 0), max(up(until - start, length) // length, 0))


Span = tuple[int, int]
"""A beginning and an end; an empty one ends where it begins."""


def split(since: int, until: int, unit: int) -> tuple[Span, Span, Span]:
    """A window's part before its first whole ``unit``, its whole units, and the rest.

    A window without a whole unit is all in the first part.
    """
    first, last = up(since, unit), until - until % unit
    if first >= last:
        return (since, until), (until, until), (until, until)
    return (since, first), (first, last), (last, until)
