"""The command palette and its entries: actions with their keys, endpoints, groups, themes, a file of rows.

The search is our own and bounded: it scores thousands of endpoints, yields to the screen in between, and
offers only the best.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from heapq import nlargest
from itertools import islice
from typing import TYPE_CHECKING, cast

from rich.cells import cell_len
from textual.binding import ActiveBinding
from textual.command import CommandList, CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.widgets import Input

from monitor.errors import UsageError
from monitor.tui.actions import EndpointActions
from monitor.tui.data.table_file import Row, suggested_name, write_rows
from monitor.tui.drawing.columns import cut
from monitor.tui.lists.key_topics import place_in_use
from monitor.tui.lists.order import PROBLEMS, sort
from monitor.tui.screens.prompts import FileNamePrompt
from monitor.tui.terminal.symbols import WORDS
from monitor.tui.view import View

if TYPE_CHECKING:
    from monitor.tui.app import Dashboard
    from monitor.tui.data.board import Entry

BEST = 25
"""Limit of offers."""
_SILENCES = {"for 4 hours": 4, "for 8 hours": 8, "for a day": 24, "until it is up": None}
_NAME, _KEYS = 42, 10
"""Widths in cells of a name and of its keys; longer ones take more."""
_SHORT_NAME, _HELP = 18, 24
"""Least width of a name, and the cells that a narrow terminal leaves for keys and help."""
_MARGIN = 4
"""Cells of a line that Textual leaves blank."""
_BREATH = 500
"""Candidates scored before the search yields."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One line of the palette; its ``key``, typed in full, ranks it first."""

    name: str
    help: str
    run: Callable[[], object]
    key: str = ""


def score(query: str, name: str) -> float:
    """The score of ``name`` for ``query``: 0 no match, 1 exact; both in the same case.

    The letters must occur in order. The score is higher if they are close together and near the beginning of
    a word.
    """
    at = name.find(query)
    if at >= 0:
        begins = at == 0 or not name[at - 1].isalnum()
        return 0.6 + 0.2 * begins + 0.2 * len(query) / max(len(name), 1)
    places = letters(query, name)
    return 0.5 * len(query) / (places[-1] - places[0] + 1) if places else 0.0


def letters(query: str, name: str) -> list[int]:
    """The positions in ``name`` of the letters of ``query``, in order; empty if it does not match."""
    at = name.find(query)
    if at >= 0:
        return list(range(at, at + len(query)))
    places, last = [], -1
    for letter in query:
        if letter.isspace():
            continue
        last = name.find(letter, last + 1)
        if last < 0:
            return []
        places.append(last)
    return places


class Palette(CommandPalette):
    """Textual's palette with a cursor that does not blink: each blink would be sent over the line."""

    def on_mount(self) -> None:
        self.query_one(Input).cursor_blink = False

    def _action_command_list(self, action: str) -> None:
        # Textual's list raises KeyError if a page key arrives before the list has a size.
        if not action.startswith("page") or self.query_one(CommandList).size.height:
            super()._action_command_list(action)


class Commands(Provider):
    """All entries of the palette."""

    @property
    def _dashboard(self) -> Dashboard:
        return cast("Dashboard", self.app)

    async def discover(self) -> Hits:
        worst = islice(self._endpoints(problems_only=True), BEST)
        for offer in (*self._actions(), *self._exports(), *worst, *self._themes()):
            yield DiscoveryHit(self._line(offer), offer.run, text=offer.name)

    async def search(self, query: str) -> Hits:
        query = query.casefold()
        for points, offer in await self._best(query):
            shown = self._line(offer, letters(query, offer.name.casefold()))
            yield Hit(points, shown, offer.run, text=offer.name)

    async def _best(self, query: str) -> list[tuple[float, Offer]]:
        found: list[tuple[float, Offer]] = []
        for looked_at, offer in enumerate(self._offers(), start=1):
            points = 1.0 if offer.key == query else score(query, offer.name.casefold())
            if points:
                found.append((points, offer))
            if not looked_at % _BREATH:
                await asyncio.sleep(0)
        return nlargest(BEST, found, key=lambda pair: pair[0])

    def _line(self, offer: Offer, places: Iterable[int] = ()) -> Content:
        """An offer in one line: its name with these letters marked, and its help behind."""
        width, symbols = max(self.app.size.width - _MARGIN, 1), self._dashboard.symbols
        column = min(_NAME, max(width - _HELP, _SHORT_NAME))
        name = offer.name if cell_len(offer.name) >= column else cut(offer.name, column, symbols)
        line = cut(f"{name}  {offer.help}", width, symbols)
        shown = Content(line).stylize("dim not bold", len(name))
        for place in places:
            if self.match_style is not None and not name[place : place + 1].isspace():
                shown = shown.stylize(self.match_style, place, place + 1)
        return shown

    # ── offers ──────────────────────────────────────────────────────────────────────────────────

    def _offers(self) -> Iterator[Offer]:
        yield from self._actions()
        yield from self._exports()
        yield from self._silences()
        yield from self._groups()
        yield from self._themes()
        yield from self._endpoints()

    def _actions(self) -> Iterator[Offer]:
        """The actions of the screen in the order of use, each once, with all of its keys."""
        found: dict[str, tuple[ActiveBinding, list[str]]] = {}
        for active in sorted(self.screen.active_bindings.values(), key=_place):
            binding = active.binding
            if (
                binding.description
                and binding.show
                and active.enabled
                and binding.action != "command_palette"
            ):
                found.setdefault(binding.description, (active, []))[1].append(
                    self.app.get_key_display(binding)
                )
        for name, (active, keys) in found.items():
            run = partial(self.app.run_action, active.binding.action, active.node)
            shown = " ".join(dict.fromkeys(keys))
            yield Offer(name, f"{shown:<{_KEYS}} {active.binding.id or ''}".rstrip(), run, keys[0])

    def _exports(self) -> Iterator[Offer]:
        """Writing the rows of the screen to a file."""
        rows = self.screen.rows_as_shown() if isinstance(self.screen, View) else None
        if rows is not None:
            write = partial(export, self._dashboard, self.screen.id or "", rows)
            yield Offer("export to a file", f"{len(rows)} rows as they are shown, as CSV or JSON", write)

    def _silences(self) -> Iterator[Offer]:
        """Silencing the selection for other durations than the default."""
        if isinstance(self.screen, EndpointActions):
            for does, hours in _SILENCES.items():
                seconds = None if hours is None else hours * 3600.0
                yield Offer(f"silence {does}", "the selection", partial(self.screen.silence, seconds))

    def _endpoints(self, *, problems_only: bool = False) -> Iterator[Offer]:
        entries = self._dashboard.board.entries.values()
        for entry in sort(entries, "severity"):
            if not problems_only or entry.status.state in PROBLEMS:
                yield self._endpoint(entry)

    def _endpoint(self, entry: Entry) -> Offer:
        info, row = entry.info, entry.status
        about = " ".join(filter(None, (WORDS[row.state], info.target, row.message)))
        text = self._dashboard.symbols.text
        return Offer(text(info.name), text(about), partial(self._dashboard.navigation.detail, info.handle))

    def _groups(self) -> Iterator[Offer]:
        groups = dict.fromkeys(entry.info.group for entry in self._dashboard.board.entries.values())
        for group in filter(None, groups):
            yield Offer(f"group {group}", "show only this group", partial(self._show_group, group))

    def _show_group(self, group: str) -> None:
        self._dashboard.navigation.view("overview")
        self._dashboard.overview.set_filter(f"group:{_glob(group)}")

    def _themes(self) -> Iterator[Offer]:
        pick = self._dashboard.preferences.pick
        for name in sorted(self.app.available_themes):
            yield Offer(f"theme {name}", "change the colours", partial(pick, name))


def _glob(group: str) -> str:
    """A group's name as one word of the filter; characters with a special meaning are replaced by ``?``."""
    return "".join(letter if letter.isalnum() or letter in "-_./" else "?" for letter in group)


def _place(active: ActiveBinding) -> tuple[bool, int]:
    """Sort key of an action: in the order of the help, but keys that only move or scroll come last."""
    name = active.binding.id or ""
    return name.partition(".")[0] in ("table", "listing", "pane"), place_in_use(name)


def export(app: Dashboard, view: str, rows: Sequence[Row]) -> None:
    """Ask for the name of a file, and write the rows of a view to it."""

    def write(name: str | None) -> None:
        if name is not None:
            app.begin(_write_rows(app, name, rows))

    app.push_screen(FileNamePrompt(suggested_name(view, app.board.now())), write)


async def _write_rows(app: Dashboard, name: str, rows: Sequence[Row]) -> None:
    try:
        path = await asyncio.to_thread(write_rows, name, rows)
    except UsageError as error:
        app.say(f"not written: {error}")
    else:
        app.say(f"{len(rows)} rows written to {path}")
