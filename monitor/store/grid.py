"""The hours, minutes and days in which the history summarises. Milliseconds. Pure."""

from __future__ import annotations


def up(moment: int, unit: int) -> int:
    """The first multiple of ``unit`` from a moment on."""
    return -(-moment // unit) * unit


def nearest(moment: int, unit: int) -> int:
    """The multiple of ``unit`` next to a moment."""
    return (moment + unit // 2) // unit * unit


def places(start: int, length: int, since: int, until: int) -> range:
    """The parts of ``length`` from ``start`` on that begin in a window."""
    return range(max(up(since - start, length) // length, 0), max(up(until - start, length) // length, 0))
