"""What stands where there is nothing to list: why, and which keys help. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from monitor.tui.drawing.text_layout import Pen, Segments

_INDENT = 2
_ROOMY = 8
"""Lines from which the first one stays blank."""


@dataclass(frozen=True, slots=True)
class EmptyState:
    """Why there is nothing; ``good`` where that is as it should be."""

    why: str
    keys: Sequence[tuple[str, str]] = ()
    """Keys as they are shown, and what each does about it."""
    good: bool = False

    def lines(self, width: int, height: int, pen: Pen) -> list[Segments]:
        """It in ``width`` cells; what does not fit into ``height`` is left out from the end."""
        style = pen.palette.good if self.good else pen.palette.text
        why = pen.wrapped(self.why, max(width - 2 * _INDENT, 1), style)
        lines = [_indented(row, pen) for row in why] + self._hints(pen)
        return ([[], *lines] if height >= _ROOMY else lines)[:height]

    def _hints(self, pen: Pen) -> list[Segments]:
        column = max((cell_len(key) for key, _ in self.keys), default=0)
        hints = [
            _indented(pen.line((key.ljust(column), pen.palette.accent), ("  " + does, pen.palette.dim)), pen)
            for key, does in self.keys
        ]
        return [[], *hints] if hints else []


def _indented(line: Segments, pen: Pen) -> Segments:
    return [pen.segment(" " * _INDENT), *line]


NOTHING = EmptyState("")
