"""A calendar of certificates: expiry, and the endpoints that present them.

::

    shop.toml  ✖ 2 DOWN  ● 141 up                                                  14:03  header
      LEFT ENDS       ENDPOINT       ISSUER          NAMES                                titles
    this week  1 certificate ────────────────────────────────────────────────────────
    ▌   5d 2026-12-05 ✖ api-eu +3    Let's Encrypt   api.example.com, *.eu.example.com    the list
    ── api.example.com ──────────────────────────────────────────────────────────────
    expires    in 5 days - urgent                                                         the chain,
    ── Issuer 1 ─────────────────────────────────────────────────────────────────────     if opened
     esc back  enter chain  r check  / filter  …                                          footer

On a wide terminal the chain is beside the list.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal

from monitor.errors import LinkError
from monitor.link.certificates import CertificateInfo
from monitor.link.messages import CheckNow, Detail
from monitor.text import plain
from monitor.tui import keys
from monitor.tui.data.detail_loader import DetailLoader
from monitor.tui.drawing.calendar import Calendar
from monitor.tui.drawing.certificate import certificate_sections
from monitor.tui.drawing.columns import DrawContext
from monitor.tui.drawing.text_layout import TextLayout
from monitor.tui.filtered import Filtered, has_words
from monitor.tui.lists import empty_states
from monitor.tui.lists.certificate_expiry import CertificateExpiry, certificate_expiries, made_plain, names_in
from monitor.tui.widgets.filter import FilterInput
from monitor.tui.widgets.footer import Footer, Hint
from monitor.tui.widgets.header import Header, Notice
from monitor.tui.widgets.line import Line
from monitor.tui.widgets.listing import Listing, ready
from monitor.tui.widgets.pane import Pane

_HINTS: tuple[Hint, ...] = (
    ("esc", "back"),
    ("j k", "move"),
    ("enter", "chain, then endpoint"),
    ("tab", "list or chain"),
    ("r", "check"),
    ("/", "filter"),
    ("?", "help"),
)


class CertificatesView(Filtered):
    """Loads the certificates when it comes to the front, and when an endpoint presents a new one."""

    DEFAULT_CSS = """
    CertificatesView Pane { display: none; width: 45%; margin-left: 2; }
    CertificatesView.open Pane { display: block; }
    CertificatesView.-narrow Horizontal { layout: vertical; }
    CertificatesView.-narrow Pane { width: 1fr; margin-left: 0; height: 60%; }
    """
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (130, "-wide")]  # noqa: RUF012 - as Textual declares it
    AUTO_FOCUS = "Listing"
    of_the_present = True
    BINDINGS: ClassVar[list[BindingType]] = keys.CERTIFICATES

    def __init__(self) -> None:
        super().__init__()
        self._presented: Sequence[CertificateInfo] | None = None
        """The certificates; None until they are loaded."""
        self._wrong = ""
        """Why the last request failed."""
        self._asking = False
        self._ends: dict[int, float | None] = {}
        """Handle -> the expiry of the endpoint's certificate at the last comparison."""
        self._seen = -1
        self._calendar = Calendar((), 0.0)
        self._place = 0
        """The cursor's previous line."""
        self._made_of: object = None
        """The inputs of the current calendar."""
        self._loader = DetailLoader(self._ask, self.show_all)

    def compose(self) -> ComposeResult:
        yield Header()
        yield Notice()
        yield Line(id="titles")
        with Horizontal():
            yield Listing(ready)
            yield Pane()
        yield FilterInput("words that must all be in a name")
        yield Footer()

    @property
    def current(self) -> CertificateExpiry | None:
        """The certificate under the cursor."""
        return self._calendar.expiry(self.listing.cursor)

    # ── asking ──────────────────────────────────────────────────────────────────────────────────

    async def _ask(self, handle: int, since: float) -> Detail:
        return await self.dashboard.travel.detail(handle, since)

    def _keep_up(self) -> None:
        """Load again if the expiry of any endpoint's certificate has changed, or the endpoints have."""
        if self._asking:
            return
        board = self.dashboard.board
        ends = {entry.info.handle: entry.status.not_after for entry in board.changed_since(self._seen)}
        others = board.layout_revision > self._seen
        self._seen = board.revision
        if self._wrong or others or any(self._ends.get(handle) != end for handle, end in ends.items()):
            self._ends |= ends
            self._asking = True
            self.run_worker(self._take)  # type: ignore[arg-type]  # Textual takes it, its types do not

    async def _take(self) -> None:
        try:
            found = await self.dashboard.source.certificates()
            self._presented, self._wrong = [made_plain(one) for one in found], ""
        except LinkError as error:
            self._wrong = plain(str(error))
        finally:
            self._asking = False
        self.show_all()

    # ── drawing ─────────────────────────────────────────────────────────────────────────────────

    def board_changed(self) -> None:
        if self.is_mounted:
            self._keep_up()
            self.show_all()

    def show_all(self) -> None:
        """Update every part; only differences are painted."""
        if not self.is_attached:
            return
        context = self.dashboard.draw_context()
        self._arrange(context.now)
        self.draw_top(context, trouble=self._trouble())
        self._draw_list(context)
        self._draw_chain(context)
        self.draw_bottom(_HINTS, self.filter_note, context)

    def _trouble(self) -> str:
        """A note that the list may be out of date."""
        return f"certificates as they were: {self._wrong}" if self._wrong and self._calendar.rows else ""

    def _arrange(self, now: float) -> None:
        """Rebuild the calendar if something moved; the cursor stays on its certificate."""
        board, before = self.dashboard.board, self.current
        made_of = self._presented, self.filter_words, board.layout_revision, int(now // 3600)
        if made_of == self._made_of:
            return
        self._made_of = made_of
        found = certificate_expiries(self._presented or (), board.entries)
        matching = [one for one in found if has_words(names_in(one), self.filter_words)]
        self._calendar = Calendar(matching, now)
        place = self._calendar.place(before.key) if before else None
        self.listing.cursor = self._place = 1 if place is None else place  # the first line is a heading

    def _draw_list(self, context: DrawContext) -> None:
        layout, width = TextLayout(context.symbols, context.palette), self.listing.size.width
        titles = self._calendar.titles(width, layout) if self._calendar.rows else []
        self.query_one("#titles", Line).show(titles)
        asked, filtered = self._presented is not None, bool(self.filter_words)
        self.listing.empty_state = empty_states.of_certificates(
            self.dashboard.key, asked=asked, wrong=self._wrong, filtered=filtered
        )
        self.listing.show(self._calendar.lines(context.now, width, layout), layout)

    def _draw_chain(self, context: DrawContext) -> None:
        pane, expiry, layout = (
            self.query_one(Pane),
            self.current,
            TextLayout(context.symbols, context.palette),
        )
        if expiry is None or not self.has_class("open"):
            pane.show([], layout)
            return
        entry = expiry.worst
        if entry.info.handle != self._loader.timeline.handle:
            self._loader.turn_to(entry.info.handle)
        self._loader.keep_up(entry, self.run_worker)
        detail, wrong = self._loader.timeline.detail, self._loader.wrong
        pane.show(certificate_sections(expiry, detail, wrong, context.now, layout=layout), layout)

    # ── events ──────────────────────────────────────────────────────────────────────────────────

    def on_key(self) -> None:
        self.dashboard.message = ""

    @on(Listing.Moved)
    def _moved(self) -> None:
        """Skip headings."""
        place = self.listing.cursor
        if self.current is None:
            place += 1 if place > self._place or place == 0 else -1
        self.listing.cursor = self._place = place
        self.query_one(Pane).action_scroll_to_line(0)
        self.show_all()

    @on(Listing.Clicked)
    def _clicked(self) -> None:
        self._let_be_open(True)

    # ── actions ─────────────────────────────────────────────────────────────────────────────────

    def action_open(self) -> None:
        """Open the chain, and from there the endpoint."""
        expiry = self.current
        if expiry is None:
            return
        if self.has_class("open"):
            self.dashboard.navigation.detail(expiry.worst.info.handle)
        else:
            self._let_be_open(True)

    def _let_be_open(self, opened: bool) -> None:
        self.set_class(opened, "open")
        self.query_one(Pane).action_scroll_to_line(0)
        self.listing.focus()
        self.call_after_refresh(self.show_all)

    def action_section(self) -> None:
        if self.has_class("open"):
            (self.listing if self.query_one(Pane).has_focus else self.query_one(Pane)).focus()

    def action_check(self) -> None:
        if self.current:
            handles = tuple(entry.info.handle for entry in self.current.entries)
            self.dashboard.command(CheckNow(handles=handles))

    def action_back(self) -> None:
        """Close the chain, clear the filter, or go back: one at a time."""
        if self.has_class("open"):
            self._let_be_open(False)
        else:
            super().action_back()
