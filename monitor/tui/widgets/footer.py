"""The bottom line: key hints or the last message; the selection at the right.

Choices and messages may need more lines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip

from monitor.syntax.keymap import Keys
from monitor.tui.drawing.columns import DrawContext, cut
from monitor.tui.drawing.text_layout import wrap
from monitor.tui.keys import as_mapped, is_command, names_on
from monitor.tui.widgets.line import Line

Hint = tuple[str, str]
"""A key and its action."""
_ROWS = 3
"""Limit of a message's lines."""


class Footer(Line):
    """The footer, drawn only when it changes.

    Textual's own is rebuilt, and leaks, whenever bindings change.
    """

    def __init__(self) -> None:
        super().__init__()
        self._more: list[Strip] = []
        """The lines below the first."""

    def draw_choices(self, choices: Sequence[Hint], note: str, context: DrawContext) -> None:
        """Show all of ``choices``, on as many lines as they need."""
        first, *more = _lines(choices, self.size.width, cell_len(note) + 2)
        self._extend([_hints(line, self.size.width, context) for line in more], context)
        self.show_fitted(lambda width: _fitted(first, context.symbols.text(note), context, "", width))

    def _extend(self, lines: Sequence[list[Segment]], context: DrawContext) -> None:
        """Show these lines below the first."""
        bar = context.palette.bar
        strips = [Strip(line).adjust_cell_length(self.size.width, bar) for line in lines]
        if strips == self._more:
            return
        self._more = strips
        if self.styles.height is None or self.styles.height.value != 1 + len(lines):
            self.styles.height = 1 + len(lines)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        return self._more[y - 1] if 0 < y <= len(self._more) else super().render_line(y)

    def draw(self, hints: Sequence[Hint], note: str, context: DrawContext, message: str = "") -> None:
        """Show ``message`` if there is one, else as many hints as fit; ``note`` at the right.

        A message that does not fit takes more lines, and the place of the note. Hints use the default keys;
        remapped ones are replaced.
        """
        rows = [message]
        if 0 < self.size.width < cell_len(message) + cell_len(note) + 3:
            rows = _rows(context.symbols.text(message), self.size.width)
            message, note = rows[0], ""
        if self._more or len(rows) > 1:
            self._extend([_message(row, self.size.width, context) for row in rows[1:]], context)
        hints = self._in_force(hints, context)
        self.show_fitted(lambda width: _fitted(hints, context.symbols.text(note), context, message, width))

    def _in_force(self, hints: Sequence[Hint], context: DrawContext) -> Sequence[Hint]:
        """``hints`` with remapped keys, without those of commands that are refused now."""
        changed: Mapping[str, Keys] = getattr(self.app, "remapped", {}) if self.is_attached else {}
        if self.is_attached and context.read_only:
            active = [one.binding.id for one in self.screen.active_bindings.values() if one.binding.id]
            hints = [hint for hint in hints if not is_command(hint[0], active)]
        names = names_on(self.screen) if changed else ()
        return [(as_mapped(key, names, changed), does) for key, does in hints]


def _fitted(
    hints: Sequence[Hint], note: str, context: DrawContext, message: str, width: int
) -> list[Segment]:
    bar, noted = context.palette.bar, cell_len(note)
    left = (
        _message(message, width - noted - 2, context)
        if message
        else _hints(hints, width - noted - 2, context)
    )
    space = max(width - sum(segment.cell_length for segment in left) - noted - 1, 1)
    return [*left, Segment(" " * space, bar), Segment(f"{note} ", bar)]


def _lines(hints: Sequence[Hint], width: int, noted: int) -> list[list[Hint]]:
    """``hints`` in lines of ``width`` cells, the first one shorter by ``noted``."""
    lines: list[list[Hint]] = [[]]
    room = width - noted
    for key, does in hints:
        needed = cell_len(f" {key} {does} ")
        if lines[-1] and needed > room:
            lines.append([])
            room = width
        lines[-1].append((key, does))
        room -= needed
    return lines


def _rows(message: str, width: int) -> list[str]:
    """``message`` in at most :data:`_ROWS` lines."""
    rows = wrap(message, width - 3)
    return [*rows[: _ROWS - 1], " ".join(rows[_ROWS - 1 :])][: len(rows)]


def _message(message: str, room: int, context: DrawContext) -> list[Segment]:
    text = context.symbols.text(f" {message}")
    return [Segment(cut(text, min(max(room, 1), cell_len(text)), context.symbols), context.palette.key)]


def _hints(hints: Sequence[Hint], room: int, context: DrawContext) -> list[Segment]:
    segments: list[Segment] = []
    for key, does in hints:
        room -= cell_len(f" {key} {does} ")
        if room < 0:
            break
        segments += [Segment(f" {key}", context.palette.key), Segment(f" {does} ", context.palette.bar)]
    return segments
