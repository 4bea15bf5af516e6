"""Lays text out as lines of segments, for all of our own widgets. Pure.

A line is a list of Rich segments, at most as wide as requested. Nothing is parsed as markup, and a
:class:`TextLayout` converts every text to the symbols of the terminal.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len, chop_cells, set_cell_size
from rich.segment import Segment
from rich.style import Style

from monitor.tui.terminal.symbols import Symbols
from monitor.tui.terminal.theme import Palette

Segments = list[Segment]


@dataclass(frozen=True, slots=True)
class TextLayout:
    """The symbols and styles to draw with."""

    symbols: Symbols
    palette: Palette

    def segment(self, text: str, style: Style | None = None) -> Segment:
        return Segment(self.symbols.text(text), style or self.palette.text)

    def line(self, *parts: str | tuple[str, Style]) -> Segments:
        """A line of texts, each plain or with a style."""
        return [self.segment(*((part,) if isinstance(part, str) else part)) for part in parts]

    def lit(self, line: Iterable[Segment]) -> Segments:
        """A line under the cursor; a segment with its own background, such as DOWN, keeps it."""
        plain, over = self.palette.text.bgcolor, self.palette.cursor
        return [
            Segment(text, style + over if style and style.bgcolor == plain else style)
            for text, style, _ in line
        ]

    def heading(self, title: str, width: int, note: str = "") -> Segments:
        """A title with an optional note, and a rule to the right edge."""
        title, note = self.symbols.text(title), self.symbols.text(note)
        note = f" {note}" if note and cell_len(title + note) + 2 <= width else ""
        rest = max(width - cell_len(title) - cell_len(note) - 1, 0)
        rule = " " + self.symbols.rule * rest if rest else ""
        palette = self.palette
        return [Segment(fit(title, width), palette.strong), Segment(note + rule, palette.dim)]

    def wrapped(self, text: str, width: int, style: Style | None = None) -> list[Segments]:
        """``text`` broken at blanks (and within words too long) into lines of ``width`` cells."""
        text = self.symbols.text(text)
        return [[Segment(row, style or self.palette.text)] for row in wrap(text, width)]

    def clipped(self, text: str, width: int, most: int, style: Style | None = None) -> list[Segments]:
        """As :meth:`wrapped`, in at most ``most`` lines; an ellipsis stands for the rest."""
        rows = wrap(self.symbols.text(text), width)
        if len(rows) > most:
            ellipsis = self.symbols.text("…")
            kept = fit(rows[most - 1], max(width - cell_len(ellipsis), 0)).rstrip()
            rows = [*rows[: most - 1], kept + ellipsis]
        return [[Segment(row, style or self.palette.text)] for row in rows]

    def labelled(self, label: str, text: str, width: int, style: Style | None = None) -> list[Segments]:
        """A dim label, and the text wrapped beside it."""
        column = min(LABEL, width // 3)
        head = Segment(set_cell_size(self.symbols.text(label), column), self.palette.dim)
        blank = Segment(" " * column, self.palette.text)
        rows = self.wrapped(text, max(width - column, 1), style)
        return [[head if not index else blank, *row] for index, row in enumerate(rows)]


LABEL = 11
"""Width of the labels in cells."""


def fit(text: str, width: int) -> str:
    """``text`` cut to at most ``width`` cells."""
    return text if cell_len(text) <= width else set_cell_size(text, max(width, 0))


def wrap(text: str, width: int) -> list[str]:
    """The rows of ``text``, each at most ``width`` cells; its own newlines stay."""
    return [row for line in text.split("\n") for row in _wrap_line(line, max(width, 1))]


def _wrap_line(line: str, width: int) -> list[str]:
    if cell_len(line) <= width:
        return [line]
    rows, row = [], ""
    for word in line.split(" "):
        joined = f"{row} {word}" if row else word
        if cell_len(joined) <= width:
            row = joined
            continue
        if row:
            rows.append(row)
        *full, row = chop_cells(word, width) if word else [""]
        rows += full
    return [*rows, row] if row else rows


def width_of(line: Segments) -> int:
    """Width of ``line`` in cells."""
    return sum(segment.cell_length for segment in line)


def padded(line: Segments, width: int, style: Style) -> Segments:
    """``line`` cut or filled to exactly ``width`` cells."""
    return Segment.adjust_line_length(line, width, style=style)


def beside(left: Sequence[Segments], right: Sequence[Segments], width: int, gap: Segment) -> list[Segments]:
    """Two blocks side by side; the left one is ``width`` cells wide, with ``gap`` between."""
    style = gap.style or Style.null()
    rows = max(len(left), len(right))
    lefts = [*left, *([] for _ in range(rows - len(left)))]
    rights = [*right, *([] for _ in range(rows - len(right)))]
    return [[*padded(one, width, style), gap, *other] for one, other in zip(lefts, rights, strict=True)]


def flowed(chunks: Iterable[Segments], width: int, gap: Segment) -> list[Segments]:
    """Short pieces in a row; a piece that does not fit starts a new line."""
    lines: list[Segments] = []
    for chunk in chunks:
        if lines and width_of(lines[-1]) + gap.cell_length + width_of(chunk) <= width:
            lines[-1] += [gap, *chunk]
        else:
            lines.append(list(chunk))
    return lines
