"""What stands where there is nothing to list: why, and which keys help. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from monitor.tui.drawing.text_layout import Segments, TextLayout

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

    def lines(self, width: int, height: int, layout: TextLayout) -> list[Segments]:
        """It in ``width`` cells; what does not fit into ``height`` is left out from the end."""
        style = layout.palette.good if self.good else layout.palette.text
        why = layout.wrapped(self.why, max(width - 2 * _INDENT, 1), style)
        lines = [_indented(row, layout) for row in why] + self._hints(layout)
        return ([[], *lines] if height >= _ROOMY else lines)[:height]

    def _hints(self, layout: TextLayout) -> list[Segments]:
        column = max((cell_len(key) for key, _ in self.keys), default=0)
        hints = [
            _indented(
                layout.line((key.ljust(column), layout.palette.accent), ("  " + does, layout.palette.dim)),
                layout,
            )
            for key, does in self.keys
        ]
        return [[], *hints] if hints else []


def _indented(line: Segments, layout: TextLayout) -> Segments:
    return [layout.segment(" " * _INDENT), *line]


NOTHING = EmptyState("")
