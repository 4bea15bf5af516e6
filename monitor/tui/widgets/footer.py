"""The bottom line: the few keys that fit, or what was just done; what is chosen stands at the right."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment

from monitor.tui.columns import Look, cut
from monitor.tui.widgets.line import Line

Hint = tuple[str, str]
"""A key as it is shown, and what it does."""


class Footer(Line):
    """Drawn only when it changes; Textual's own is made anew, and leaks, whenever bindings change."""

    def draw(self, hints: Sequence[Hint], note: str, look: Look, message: str = "") -> None:
        """Show ``message`` if there is one, else as many hints as fit; ``note`` at the right."""
        width, bar = self.size.width, look.palette.bar
        note = look.symbols.text(note)
        room = width - Segment(note).cell_length - 2
        left = self._message(message, room, look) if message else self._hints(hints, room, look)
        space = max(width - sum(segment.cell_length for segment in left) - Segment(note).cell_length - 1, 1)
        self.show([*left, Segment(" " * space, bar), Segment(f"{note} ", bar)])

    def _message(self, message: str, room: int, look: Look) -> list[Segment]:
        text = look.symbols.text(f" {message}")
        return [
            Segment(cut(text, min(max(room, 1), Segment(text).cell_length), look.symbols), look.palette.key)
        ]

    def _hints(self, hints: Sequence[Hint], room: int, look: Look) -> list[Segment]:
        segments: list[Segment] = []
        for key, does in hints:
            room -= Segment(f" {key} {does} ").cell_length
            if room < 0:
                break
            segments += [Segment(f" {key}", look.palette.key), Segment(f" {does} ", look.palette.bar)]
        return segments
