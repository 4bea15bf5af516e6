"""Large digits of several lines, for reading from across a room. Pure.

::

    ▀▀█ █ █  ▄  ▀▀█ █▀█        _           _   _
    █▀▀ ▀▀█  ▄  ▀▀█ █ █        _| |_|  .   _| | |
    ▀▀▀   ▀     ▀▀▀ ▀▀▀       |_    |  .   _| |_|
"""

from __future__ import annotations

from monitor.tui.terminal.symbols import Symbols

_KNOWN = "0123456789:.< "
_BLOCKS = (
    "█▀█ ▀█  ▀▀█ ▀▀█ █ █ █▀▀ █▀▀ ▀▀█ █▀█ █▀█  ▄       ▄▀    ",
    "█ █  █  █▀▀ ▀▀█ ▀▀█ ▀▀█ █▀█   █ █▀█ ▀▀█  ▄      ▀▄     ",
    "▀▀▀ ▀▀▀ ▀▀▀ ▀▀▀   ▀ ▀▀▀ ▀▀▀   ▀ ▀▀▀ ▀▀▀      ▀    ▀    ",
)
_STROKES = (
    " _       _   _       _   _   _   _   _                 ",
    "| |   |  _|  _| |_| |_  |_    | |_| |_|  .       /     ",
    "|_|   | |_   _|   |  _| |_|   | |_|  _|  .   .   \\     ",
)
_WIDTH = 3
LINES = len(_BLOCKS)
LARGE_LINES = 5


def digits(number: str, symbols: Symbols, *, large: bool = False) -> list[str]:
    """The lines of a number, all of the same width; ``number`` may contain digits, ``: . <`` and blanks."""
    if large:
        return _enlarged(_small(number, _BLOCKS), "█" if symbols.unicode else "#")
    return _small(number, _BLOCKS if symbols.unicode else _STROKES)


def _small(number: str, font: tuple[str, ...]) -> list[str]:
    starts = [_KNOWN.index(sign) * (_WIDTH + 1) for sign in number]
    return [" ".join(line[start : start + _WIDTH] for start in starts) for line in font]


def _enlarged(lines: list[str], full: str) -> list[str]:
    """ASCII form: each half cell becomes two whole ones. The lowest half-line of the font is always empty."""
    halves = [[sign in filled for sign in line] for line in lines for filled in ("█▀", "█▄")]
    return ["".join((full if on else " ") * 2 for on in half) for half in halves[:LARGE_LINES]]
