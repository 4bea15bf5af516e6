"""The columns' titles, above the table. A click on one sorts by it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from textual import events
from textual.message import Message

from monitor.tui.drawing.column_layout import GUTTER, Placed
from monitor.tui.drawing.columns import DrawContext, cut
from monitor.tui.widgets.line import Line


class Titles(Line):
    """The column titles; an arrow shows the sort order."""

    class Clicked(Message):
        """The title of a sortable column was clicked."""

        def __init__(self, sort_by: str) -> None:
            super().__init__()
            self.sort_by = sort_by

    def __init__(self) -> None:
        super().__init__()
        self._columns: Sequence[Placed] = ()
        self._blocks: Sequence[int] = (0,)

    def draw(
        self,
        columns: Sequence[Placed],
        sort_by: str,
        descending: bool,
        context: DrawContext,
        blocks: Sequence[int] = (0,),
    ) -> None:
        """Show the titles of these columns above each block, which begin at ``blocks``."""
        self._columns, self._blocks = columns, blocks
        style = context.palette.title
        arrow = context.symbols.descending if descending else context.symbols.ascending
        segments = [Segment(" " * GUTTER, style)]
        for placed in columns:
            segments += [Segment(_title(placed, sort_by, arrow, context), style), Segment(" ", style)]
        width = blocks[1] if len(blocks) > 1 else 0
        one = Segment.adjust_line_length(segments, width, style=style) if width else segments
        self.show(one * len(blocks))

    def on_click(self, event: events.Click) -> None:
        x = event.x - max(block for block in self._blocks if block <= event.x)
        for placed in self._columns:
            if placed.x <= x <= placed.x + placed.width and placed.column.sort_by:
                self.post_message(self.Clicked(placed.column.sort_by))


def _title(placed: Placed, sort_by: str, arrow: str, context: DrawContext) -> str:
    column, width = placed.column, placed.width
    full, _, short = column.title.partition(" ")
    mark = arrow if column.sort_by == sort_by else ""
    title = (full if len(full + mark) <= width else short or full[: width - len(mark)]) + mark
    return title.rjust(width) if column.right else cut(title, width, context.symbols)
