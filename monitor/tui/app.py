"""The dashboard's app: it follows one engine, and passes changes to the visible screen.

Screens reach the board, the engine and the terminal through the app; the app knows no region of any
screen.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import on
from textual.binding import Binding, BindingType
from textual.events import Event, Key
from textual.screen import Screen

from monitor.errors import LinkError
from monitor.link.edits import Edit
from monitor.link.history import History
from monitor.link.messages import EngineStats, Reload
from monitor.syntax.keymap import KEYS, Keys
from monitor.text import plain
from monitor.tui import keys, status_flags
from monitor.tui.data import uptimes
from monitor.tui.data.bell import Bell
from monitor.tui.data.board import Board, Entry
from monitor.tui.data.follow import Follower, Link
from monitor.tui.data.freezing import Freezing
from monitor.tui.data.moments import moment
from monitor.tui.data.source import CommandRequest, Source
from monitor.tui.data.travel import Travel
from monitor.tui.data.undo import Edits
from monitor.tui.drawing.columns import DrawContext
from monitor.tui.lists.query import Query
from monitor.tui.navigation import Navigation
from monitor.tui.preferences import Preferences
from monitor.tui.screens import SCREENS
from monitor.tui.screens.overview import Overview
from monitor.tui.settings_file import SettingsFile
from monitor.tui.terminal.application import TerminalApp
from monitor.tui.terminal.editor import editor_command, run
from monitor.tui.terminal.screen import visible_screen
from monitor.tui.terminal.symbols import choose
from monitor.tui.terminal.typeahead import Followed, TypeAhead
from monitor.tui.view import View
from monitor.tui.widgets.header import Flags

if TYPE_CHECKING:
    from textual.app import App
    from textual.command import Provider

_STATS_SECONDS = 5.0
"""Seconds between two updates of figures that change with every pull."""
MESSAGE_SECONDS = 30.0
"""Seconds after which a message makes room for the keys, if no key was pressed before."""


def _palette_commands() -> type[Provider]:
    from monitor.tui.palette import Commands

    return cast("type[Provider]", Commands)


class Dashboard(TerminalApp):
    """Shows one engine, filtered by ``query`` at first. The app's result is the exit status."""

    CSS_PATH = None
    CSS = """
    Screen { background: $background; color: $foreground; overflow: hidden; layout: vertical; }
    CommandPalette #--input, CommandPalette CommandList { border: none; }
    CommandPalette SearchIcon { display: none; }
    CommandPalette CommandList { scrollbar-size-vertical: 0; text-wrap: nowrap; text-overflow: ellipsis; }
    """
    BINDINGS: ClassVar[list[BindingType]] = keys.EVERYWHERE
    SCREENS: ClassVar = dict(SCREENS)
    COMMANDS: ClassVar = {_palette_commands}

    def __init__(
        self,
        source: Source,
        *,
        title: str = "",
        environ: Mapping[str, str] = os.environ,
        symbols: str = "",
        settings_file: SettingsFile | None = None,
        view: str = "overview",
        query: Query | None = None,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(environ)
        self.source = source
        self.monotonic = monotonic
        self.navigation = Navigation(self)
        self.symbols = choose(environ, symbols)
        self.travel = Travel(self, source, Board(clock, title))
        self.stats = EngineStats()
        """As of a few seconds ago."""
        self.preferences = Preferences(self, settings_file or SettingsFile())
        self.message = self.preferences.trouble
        """The last message, shown until the next key or for :data:`MESSAGE_SECONDS`."""
        self._said_at = monotonic()
        self._bell = Bell()
        self._first_view, self._query = view, query or Query()
        self._stats_at = float("-inf")
        self._history_path = ""
        self._history: History | None = None
        self._palette = self.preferences.palette()
        self.follower = Follower(
            source, self.travel.live, self.board_changed, self._resting, self.say, self._windows
        )
        self.freezing = Freezing(source, self._flags_changed, monotonic)
        self._following: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[object]] = set()
        self._typed = TypeAhead(self, super().on_event)
        self.edits = Edits(source, self.say, self.follower.hurry)
        self.preferences.begin()

    def get_default_screen(self) -> Screen[Any]:
        return Overview(self.preferences.view_settings, self._query)

    @property
    def history(self) -> History | None:
        """The history of the engine, for the parts of the past that it does not remember."""
        path = self.travel.live.history_file
        if path != self._history_path:
            self._history_path, self._history = path, self.source.history(path)
        return self._history

    # ── for screens: the current moment ─────────────────────────────────────────────────────────

    @property
    def board(self) -> Board:
        """The displayed moment: now, or one in the past."""
        return self.travel.board

    def draw_context(self) -> DrawContext:
        """The context for drawing."""
        return DrawContext(
            self.symbols,
            self._palette,
            self.board.now(),
            past=self.travel.moment is not None,
            utc=self.preferences.view_settings.utc,
            read_only=self.travel.read_only,
        )

    @property
    def overview(self) -> Overview:
        first = self.screen_stack[0]
        assert isinstance(first, Overview)
        return first

    @property
    def remapped(self) -> Mapping[str, Keys]:
        """The remapped keys, by name."""
        return self.preferences.settings.keys

    def key(self, name: str) -> str:
        """The first key of an action, as shown in hints."""
        return keys.spelt((self.remapped.get(name) or KEYS[name])[0])

    def flags(self, notes: Sequence[str] = ()) -> Flags:
        """The warnings of the header."""
        return status_flags.flags(self, notes)

    def notice(self) -> str:
        """The most important warning as a sentence; empty if there is none."""
        return status_flags.notice(self)

    # ── following ───────────────────────────────────────────────────────────────────────────────

    def on_mount(self) -> None:
        self._following = asyncio.create_task(self.follower.run(), name="follow")
        self.listen_for_signals()
        if self._first_view != "overview":
            self.push_screen(self._first_view)

    async def on_unmount(self) -> None:
        self.restore_signals()
        tasks = [*self._tasks, *filter(None, (self._following,))]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.preferences.settle()
        await self.source.close()

    async def on_event(self, event: Event) -> None:
        if isinstance(event, Key) and not event.is_forwarded:
            await self._typed.key(event)
        else:
            await super().on_event(event)

    @on(Followed)
    def _key_has_gone_its_way(self) -> None:
        self._typed.arrived()

    def _resting(self) -> bool:
        return self.freezing.on or self.terminal_is_busy()

    def _windows(self) -> tuple[str, ...]:
        """The windows whose uptimes are in use: shown, sorted by or filtered by."""
        if not self.is_running or not self.screen_stack:
            return ()
        columns = {placed.column.name for placed in self.overview.table.columns}
        return uptimes.windows(columns | self.overview.arrangement.figures())

    @property
    def view(self) -> View | None:
        """The view that is visible: in front, or under overlays."""
        view = visible_screen(self.screen_stack) if self.is_running else None
        return view if isinstance(view, View) else None

    def terminal_is_free(self) -> None:
        """Paint the postponed updates: the terminal has taken all output."""
        if self.view:
            self.view.terminal_is_free()

    def _flags_changed(self) -> None:
        if self.view:
            self.view.flags_changed()

    def board_changed(self) -> None:
        """Update the visible screen from the board."""
        self.preferences.take(self.travel.live.dashboard)
        self.travel.keep_up()
        self._update_stats()
        if self.monotonic() - self._said_at >= MESSAGE_SECONDS:
            self.message = ""
        if self.terminal:
            self.terminal.set_title(
                status_flags.window_title(self.travel.live, self.follower.link, self.symbols)
            )
        if self.preferences.settings.bell and self._bell.rings(self.travel.live, self.monotonic()):
            self.bell()
        if self.view:
            self.view.board_changed()

    def _update_stats(self) -> None:
        if self.follower.link is not Link.CONNECTED:
            self._stats_at = float("-inf")  # so that the next snapshot's figures are shown at once
        elif self.monotonic() - self._stats_at >= _STATS_SECONDS:
            self.stats, self._stats_at = self.travel.live.stats, self.monotonic()

    def arrived(self) -> None:
        """Show another moment."""
        self.overview.rearrange()
        self.board_changed()

    def theme_changed(self) -> None:
        self._palette = self.preferences.palette()
        self.call_later(self.board_changed)

    # ── for screens: actions ────────────────────────────────────────────────────────────────────

    def say(self, text: str) -> None:
        """Show a message in the bottom line."""
        self.message, self._said_at = plain(text), self.monotonic()
        self.board_changed()

    def begin(self, work: Coroutine[Any, Any, object]) -> None:
        """Run ``work`` in the background."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def command(self, request: CommandRequest) -> None:
        """Send a command, and show its outcome."""
        if not self.travel.refuses():
            self.begin(self._command(request))

    async def _command(self, request: CommandRequest) -> bool:
        """Send a command, and show its outcome. Return whether it succeeded."""
        try:
            done = await self.source.command(request)
        except LinkError as error:
            self.say(f"not done: {error}")
            self.follower.hurry()
            return False
        self.say(done.text or ("done" if done.ok else "not done"))
        self.follower.hurry()
        return done.ok

    async def _reload(self) -> None:
        """Reload the edited config, and show its problems if there are any."""
        if not await self._command(Reload()) and self.board.config_file:
            self.navigation.view("config")

    def have_edited(self, request: Edit) -> None:
        """Send an edit of the config, and show its outcome."""
        if not self.travel.refuses():
            self.begin(self.edits.make(request))

    def edit(self, entry: Entry | None = None) -> None:
        """Open the config in the operator's editor, at the endpoint's line."""
        config = self.board.config_file
        own = config and entry and entry.info.file  # a target from the command line has no file
        self.edit_at(own or config, entry.info.line if own and entry else 0)

    def edit_at(self, file: str, line: int) -> None:
        """Give the terminal to the editor, then reload the config if it has changed."""
        command = editor_command(self.environ, file, line)
        if self.travel.refuses():
            return
        if not file:
            self.say("there is no config file: `monitor init` writes one")
        elif self.source.remote:
            self.say(f"{file} is on the other machine: the form ({self.key('overview.edit')}) edits it there")
        elif not command:
            self.say("no editor found: set $VISUAL or $EDITOR")
        else:
            self._run_editor(command)

    def _run_editor(self, command: list[str]) -> None:
        with self.suspend():
            trouble = run(command)
        self.action_redraw()
        self.say(trouble)
        self.begin(self._reload())

    def copy(self, text: str) -> None:
        """Copy ``text`` to the clipboard of the operator's terminal (OSC 52)."""
        if text:
            self.copy_to_clipboard(text)
            self.say(f"copied: {text.splitlines()[0]}")

    def ask_for_moment(self, suggested: float | None) -> None:
        """Ask for a moment, and go there."""
        from monitor.tui.screens.prompts import MomentPrompt

        now = self.travel.live.now()
        prompt = MomentPrompt(now, "" if suggested is None else moment(suggested, now))
        self.push_screen(prompt, lambda chosen: None if chosen is None else self.travel.go(chosen))

    def ask_for_note(self, then: Callable[[str | None], None]) -> None:
        """Ask for the note of an acknowledgement; ``then`` gets None if it is cancelled."""
        from monitor.tui.screens.prompts import NotePrompt

        self.push_screen(NotePrompt(), then)

    # ── actions ─────────────────────────────────────────────────────────────────────────────────

    def action_view(self, name: str) -> None:
        self.navigation.view(name)

    def action_previous_view(self) -> None:
        self.navigation.previous()

    def action_utc(self) -> None:
        self.say("all times are in UTC" if self.preferences.switch_utc() else "all times are local")

    def action_command_palette(self) -> None:
        from monitor.tui.palette import Palette

        if not Palette.is_open(cast("App[object]", self)):
            self.push_screen(Palette(placeholder="command or endpoint", id="--command-palette"))

    def get_key_display(self, binding: Binding) -> str:
        return self.symbols.text(keys.in_words(super().get_key_display(binding)))

    def action_help(self) -> None:
        self.push_screen("help")

    def action_freeze(self) -> None:
        self.freezing.switch()
        self.follower.hurry()
        self.board_changed()

    def action_reload(self) -> None:
        self.command(Reload())

    def action_undo(self) -> None:
        if not self.travel.refuses():
            self.begin(self.edits.undo())

    def action_redraw(self) -> None:
        self.refresh(layout=True)

    async def action_quit(self) -> None:
        if self.view is None or self.view.may_quit():
            self.exit(0)
