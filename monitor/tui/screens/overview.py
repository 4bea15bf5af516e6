"""The first screen: all endpoints, problems first.

::

    shop.toml  ✖ 2 DOWN  ▲ 3 degraded  ● 141 up       12 checks/s  late <5ms  14:03     header
    config not in force: …                                                              notice, if any
      STATE↓     LATENCY RECENT     UPTIME SINCE NAME          DETAIL                   titles
    ▌ ✖ DOWN           - ▂▂▃▂▂✖✖✖✖✖  91.2%    2m api-eu        connection refused       table
      ● up        43.1ms ▁▁▂▁▁▁▁▂▁▁ 100.0%    6d webhooks      200 OK
    / g:shop                                                                            filter, if open
     ? help  / filter  enter open  r check                                     1/146    footer

On a wide terminal the detail of the endpoint under the cursor is beside the table.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Input

from monitor.link.messages import Detail
from monitor.tui import keys
from monitor.tui.actions import EndpointActions
from monitor.tui.data.board import Entry
from monitor.tui.data.table_file import Row
from monitor.tui.data.uptimes import endpoint_row
from monitor.tui.drawing.columns import DrawContext
from monitor.tui.lists import empty_states
from monitor.tui.lists.arrangement import Arrangement, Heading, Item, Line, in_old_order
from monitor.tui.lists.comparison import compared
from monitor.tui.lists.order import PROBLEMS, SORTINGS
from monitor.tui.lists.query import Query, QueryError, parse
from monitor.tui.picker import Pick, Picker
from monitor.tui.view_settings import ViewSettings
from monitor.tui.widgets.filter import FilterInput
from monitor.tui.widgets.footer import Footer, Hint
from monitor.tui.widgets.header import Header, Notice
from monitor.tui.widgets.side_panel import SidePanel
from monitor.tui.widgets.table import Table
from monitor.tui.widgets.titles import Titles

if TYPE_CHECKING:
    from monitor.tui.screens.compare import CompareView

HOLD = 5.0
"""Seconds after the last move for which the order stays."""

_HINTS_WITHOUT_ENDPOINTS = tuple(hint for hint in keys.OVERVIEW_HINTS if hint[0] in ("?", "e", "n", ":", "q"))
_SIDE_PANEL_HINT: Hint = ("d", "detail beside")
_SORT_KEYS = {sorting.letter: name for name, sorting in SORTINGS.items()}
_WIDE = 160
"""Minimum width in cells for the detail beside the table."""


class Overview(EndpointActions):
    """The table of all endpoints, with its actions."""

    DEFAULT_CSS = """
    Overview SidePanel { display: none; }
    Overview.-wide SidePanel { display: block; }
    Overview.-wide.alone SidePanel { display: none; }
    Overview.-tiny Titles, Overview.-line Titles, Overview.-line Footer { display: none; }
    """
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (_WIDE, "-wide")]  # noqa: RUF012 - as Textual declares it
    VERTICAL_BREAKPOINTS = [(0, "-line"), (3, "-tiny"), (6, "-usual")]  # noqa: RUF012
    AUTO_FOCUS = "Table"
    BINDINGS: ClassVar[list[BindingType]] = keys.OVERVIEW

    def __init__(self, view_settings: ViewSettings, query: Query) -> None:
        super().__init__(classes="" if view_settings.side_panel else "alone")
        self.id = "overview"
        self.arrangement = Arrangement(query)
        view_settings.arrange(self.arrangement)
        self._layout_at_first = view_settings.layout
        self._query_error = ""
        self._moved_at = float("-inf")
        self._seen = -1
        self._held = False
        self._known: Collection[int] | None = None
        """The endpoints before one was added, until the cursor is on the new one."""

    def compose(self) -> ComposeResult:
        yield Header()
        yield Notice()
        with Horizontal():
            with Vertical():
                yield Titles()
                yield Table(self.dashboard.draw_context(), self._layout_at_first)
            yield SidePanel(self._ask)
        yield FilterInput()
        yield Footer()

    @property
    def table(self) -> Table:
        return self.query_one(Table)

    async def _ask(self, handle: int, since: float) -> Detail:
        return await self.dashboard.travel.detail(handle, since)

    # ── following the board ─────────────────────────────────────────────────────────────────────

    def board_changed(self) -> None:
        if not self.is_mounted:
            return
        board = self.dashboard.board
        moved = self.arrangement.moved(board, self._seen)
        others, self._seen = board.layout_revision > self._seen, board.revision
        if others:
            self.table.marked &= board.entries.keys()
        if not self._holding():
            self._reorder(moved or self._held)
        elif moved:
            self._hold(others)
        self._draw_table()
        self._draw_frame()
        self._go_to_new()

    def expect_new(self) -> None:
        """Put the cursor on the next new endpoint: the operator has just added it."""
        self._known = set(self.dashboard.board.entries)

    def _go_to_new(self) -> None:
        if self._known is not None and (new := self.dashboard.board.entries.keys() - self._known):
            self._known = None
            self.table.select(max(new))

    def _draw_table(self) -> None:
        app = self.dashboard
        self.table.empty_state = empty_states.of_table(self.arrangement, app.board, app.key)
        self.table.repaint(app.draw_context())

    def _reorder(self, moved: bool) -> None:
        """Sort the lines."""
        self._held = False
        if moved:
            self._show(self.arrangement.lines(self.dashboard.board))

    def _show(self, lines: Sequence[Line]) -> None:
        self.table.measure(self.dashboard.board.entries.values())
        self.table.show(lines)

    def _hold(self, others: bool) -> None:
        """Keep the order while the operator navigates; ``others``: endpoints were added or removed."""
        self._held = True
        if others:
            self._show(in_old_order(self.arrangement.lines(self.dashboard.board), self.table.lines))

    def acted(self) -> None:
        """Treat an action as a use of the cursor: it stays on its row, and rows do not move for a while."""
        self.table.touched = True
        self._moved_at = self.dashboard.monotonic()

    @on(events.Key)
    def _note_key(self) -> None:
        self.table.seen_at = self.dashboard.board.now()

    def _holding(self) -> bool:
        return self.dashboard.monotonic() - self._moved_at < HOLD

    def view_settings(self) -> ViewSettings:
        """The view settings to save."""
        return ViewSettings.of(self.arrangement, self.table.wanted, side_panel=not self.has_class("alone"))

    def rearrange(self) -> None:
        """Apply the operator's choices at once."""
        self.dashboard.preferences.remember()
        self._moved_at = float("-inf")
        self._held = False
        self._show(self.arrangement.lines(self.dashboard.board))
        self._draw_table()
        self._draw_frame()

    def _draw_frame(self) -> None:
        context, app, order = self.dashboard.draw_context(), self.dashboard, self.arrangement
        app.travel.show(self.table.handles_on_screen(), order.figures())
        notes = ("order held",) if self._held else ()
        self.draw_top(context, self._given_up(), notes)
        descending = SORTINGS[order.sort_by].descending != order.reverse
        titled = self.table.columns if self.table.lines else ()
        self.query_one(Titles).draw(titled, order.sort_by, descending, context, self.table.blocks)
        self._draw_side_panel(context)
        self._draw_footer(context)

    def _draw_footer(self, context: DrawContext) -> None:
        """The bottom line; an invalid filter is explained there, beside the prompt, and moves no row."""
        if self._query_error:
            self.query_one(Footer).draw((), self._note(), context, self._query_error)
        else:
            self.draw_bottom(self._hints(), self._note(), context)

    def _hints(self) -> tuple[Hint, ...]:
        board = self.dashboard.board
        if board.revision and not board.entries:
            return _HINTS_WITHOUT_ENDPOINTS
        hints = keys.OVERVIEW_HINTS
        return (*hints[:-1], _SIDE_PANEL_HINT, hints[-1]) if self.has_class("-wide") else hints

    def _draw_side_panel(self, context: DrawContext) -> None:
        side_panel = self.query_one(SidePanel)
        if side_panel.display:
            side_panel.look_at(self.current(), context)

    def _given_up(self) -> str:
        """A note that the filter's regular expression takes too long."""
        query = self.arrangement.query
        return f"filter: {query.text} takes too long, everything is shown" if query.given_up else ""

    def _note(self) -> str:
        order, table = self.arrangement, self.table
        chosen = (
            f"/{order.query.text}" if order.query.text else "",
            "problems only" if order.problems_only else "",
            f"by {order.grouping}" if order.grouping != "none" else "",
            f"{len(table.marked)} marked" if table.marked else "",
            f"{table.cursor + 1}/{len(table.lines)}" if table.lines else "",
        )
        return "  ".join(filter(None, chosen))

    # ── the selection ───────────────────────────────────────────────────────────────────────────

    def current(self) -> Entry | None:
        """The endpoint under the cursor."""
        line = self.table.current
        return line.entry if isinstance(line, Item) else None

    def shown_handles(self) -> list[int]:
        """The endpoints in display order, each once."""
        items = (line for line in self.table.lines if isinstance(line, Item))
        return list(dict.fromkeys(item.entry.info.handle for item in items))

    def rows_as_shown(self) -> Sequence[Row]:
        board = self.dashboard.board
        return [endpoint_row(board.entries[handle], board.now()) for handle in self.shown_handles()]

    def mark(self, handles: Iterable[int]) -> None:
        """Mark these endpoints and no others, and put the cursor on the first."""
        self.table.marked = set(handles)
        self.rearrange()

    def filtered(self) -> tuple[str, list[Entry]]:
        """The filter, and the endpoints that it leaves; the marked ones if there are any."""
        board, order = self.dashboard.board, self.arrangement
        if self.table.marked:
            return "", self.chosen()
        found = [one for one in board.entries.values() if order.query.matches(one, board.now())]
        if order.problems_only:
            return "", [one for one in found if one.status.state in PROBLEMS]
        return order.query.text, found

    def chosen(self) -> list[Entry]:
        """The marked endpoints; without marks, the endpoint or group under the cursor."""
        entries = self.dashboard.board.entries
        if self.table.marked:
            return [entries[handle] for handle in sorted(self.table.marked) if handle in entries]
        line = self.table.current
        if isinstance(line, Heading):
            return list(line.group.entries)
        return [line.entry] if line else []

    # ── events ──────────────────────────────────────────────────────────────────────────────────

    def on_resize(self) -> None:
        self.call_after_refresh(self._draw_frame)

    @on(Table.Laid)
    def _title_columns(self) -> None:
        self._draw_frame()

    @on(Table.Moved)
    def _note_move(self) -> None:
        self._moved_at = self.dashboard.monotonic()
        self._draw_frame()

    @on(Titles.Clicked)
    def _sort_by_click(self, message: Titles.Clicked) -> None:
        self._sort(message.sort_by)

    @on(Input.Changed)
    def _filter_changed(self, message: Input.Changed) -> None:
        try:
            self.arrangement.filter_as_typed(message.value, self.dashboard.board)
            self._query_error = ""
        except QueryError as error:
            self._query_error = f"filter: {error}"
        self.rearrange()

    @on(FilterInput.Closed)
    def _filter_closed(self, message: FilterInput.Closed) -> None:
        text = self.query_one(FilterInput).value if message.kept else ""
        if message.kept and self._query_error:
            self.query_one(FilterInput).open(text)  # it is invalid so far; the bottom line says why
            return
        self.set_filter(text)
        self.table.focus()

    def set_filter(self, text: str) -> None:
        """Filter by ``text``. Raises QueryError."""
        self.arrangement.query = parse(text) if text else Query()
        self._query_error = ""
        self.rearrange()

    # ── actions ─────────────────────────────────────────────────────────────────────────────────

    @on(Table.Opened)
    def action_open(self) -> None:
        line = self.table.current
        if isinstance(line, Heading):
            self.action_mark()
        elif line:
            self.acted()
            self.dashboard.navigation.detail(line.entry.info.handle)

    def action_filter(self) -> None:
        self.query_one(FilterInput).open(self.arrangement.query.text)

    def action_problems(self) -> None:
        self.arrangement.problems_only = not self.arrangement.problems_only
        self.rearrange()

    def action_side_panel(self) -> None:
        if not self.has_class("-wide"):
            self.dashboard.say(f"the detail beside the table needs {_WIDE} columns")
            return
        self.toggle_class("alone")
        self.dashboard.preferences.remember()
        self.call_after_refresh(self._draw_frame)

    def action_choose_sort(self) -> None:
        self.ask(
            Picker([Pick(key, SORTINGS[by].title, partial(self._sort, by)) for key, by in _SORT_KEYS.items()])
        )

    def _sort(self, by: str) -> None:
        self.arrangement.sort(by)
        self.rearrange()

    def action_reverse(self) -> None:
        self.arrangement.reverse = not self.arrangement.reverse
        self.rearrange()

    def action_next_sort(self, step: int) -> None:
        shown = (placed.column.sort_by for placed in self.table.columns)
        self.arrangement.next_sort(step, list(filter(None, shown)))
        self.rearrange()

    def action_apply_order(self) -> None:
        self.rearrange()

    def action_group(self) -> None:
        self.arrangement.next_grouping()
        self.rearrange()

    def action_mark(self) -> None:
        line = self.table.current
        if isinstance(line, Heading):
            self.arrangement.fold(line.group.name)
            self.rearrange()
        elif line:
            self.table.mark()
            self.table.action_move(1)

    def action_mark_range(self) -> None:
        self.table.mark_range()
        self._draw_frame()

    def action_mark_all(self) -> None:
        """Mark all that are shown; with marks, drop them."""
        self.table.marked = set() if self.table.marked else set(self.shown_handles())
        self.rearrange()

    def action_compare(self) -> None:
        if handles := compared(self.table.lines, self.table.current, self.table.marked):
            cast("CompareView", self.app.get_screen("compare")).compare(handles)
            self.app.push_screen("compare")

    def action_back(self) -> None:
        """Reset one thing at a time: marks, filter, problems only, time travel, cursor."""
        order = self.arrangement
        if self.table.marked:
            self.table.marked.clear()
        elif order.query.text:
            order.query = Query()
        elif order.problems_only:
            order.problems_only = False
        elif self.dashboard.travel.moment is not None:
            self.dashboard.travel.home()
        else:
            self.table.touched = False
        self.rearrange()
