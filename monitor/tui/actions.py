"""Actions on the selected endpoints, for every screen that has a selection."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import ClassVar

from textual import events
from textual.binding import BindingType

from monitor.errors import LinkError
from monitor.link.edits import Enable, Remove
from monitor.link.messages import Acknowledge, CheckNow, Detail, Pause, Resume, SilenceEndpoints
from monitor.link.paths import TracePath
from monitor.model import State
from monitor.tui import keys
from monitor.tui.data import copying
from monitor.tui.data.acknowledging import acknowledge
from monitor.tui.data.board import Entry
from monitor.tui.data.source import CommandRequest
from monitor.tui.data.whoami import user_name
from monitor.tui.drawing.columns import DrawContext
from monitor.tui.picker import Pick, Picker
from monitor.tui.view import View
from monitor.tui.widgets.footer import Footer, Hint

_HOUR = 3600.0


class Asking(View):
    """A screen with a bottom line for choices and questions."""

    _picker: Picker | None = None

    def ask(self, picker: Picker) -> None:
        """Let the next key decide."""
        self._picker = picker
        self.board_changed()

    def on_key(self, event: events.Key) -> None:
        self.dashboard.message = ""
        picker, self._picker = self._picker, None
        if picker:
            event.stop()
            picker.take(event.key)
            self.board_changed()

    def draw_bottom(self, hints: Sequence[Hint], note: str, context: DrawContext) -> None:
        """The pending choices or question, the last message, or ``hints``."""
        picker = self._picker
        if picker is None:
            super().draw_bottom(hints, note, context)
        elif picker.question:
            self.query_one(Footer).draw(picker.hints, note, context, picker.question)
        else:
            self.query_one(Footer).draw_choices(picker.hints, note, context)


class EndpointActions(Asking):
    """A screen with a selection of endpoints."""

    BINDINGS: ClassVar[list[BindingType]] = keys.ENDPOINT_ACTIONS

    def chosen(self) -> list[Entry]:
        """The endpoints that an action applies to."""
        raise NotImplementedError

    # ── the engine ──────────────────────────────────────────────────────────────────────────────

    def action_check(self) -> None:
        self._have_done(CheckNow)

    def action_trace(self) -> None:
        self._have_done(TracePath)

    def action_pause(self) -> None:
        paused = all(entry.status.state is State.PAUSED for entry in self.chosen())
        self._have_done(Resume if paused else Pause)

    def action_acknowledge(self) -> None:
        """Ask for a note and acknowledge, or take the acknowledgements back if there are some already."""
        chosen = self.chosen()
        if chosen and all(entry.status.acknowledged for entry in chosen):
            self._have_done(partial(Acknowledge, on=False, by=user_name()))
        elif chosen and not self.dashboard.travel.refuses():
            handles = tuple(entry.info.handle for entry in chosen)
            self.dashboard.ask_for_note(partial(self._acknowledge, handles))

    def _acknowledge(self, handles: tuple[int, ...], note: str | None) -> None:
        if note is not None:
            self.acted()
            self.dashboard.command(acknowledge(handles, note))

    def action_silence(self) -> None:
        """Silence for an hour. If all are silenced already, let the next key choose the duration."""
        chosen = self.chosen()
        if chosen and all(entry.status.silenced for entry in chosen):
            self.ask(Picker([Pick(key, does, run) for key, does, run in self._silences()]))
        else:
            self.silence(_HOUR)

    def _silences(self) -> Iterable[tuple[str, str, Callable[[], None]]]:
        for key, does, hours in (("1", "h", 1), ("4", "h", 4), ("8", "h", 8), ("d", "a day", 24)):
            yield key, does, partial(self.silence, hours * _HOUR)
        yield "u", "until up", partial(self.silence, None)
        yield "m", "no longer", partial(self._have_done, partial(SilenceEndpoints, on=False))

    def silence(self, seconds: float | None) -> None:
        """Silence the selection for ``seconds``; None: those that are not up, until they are up."""
        until = None if seconds is None else self.dashboard.board.now() + seconds
        self._have_done(partial(SilenceEndpoints, until=until, by=user_name()))

    def _have_done(self, request: Callable[..., CommandRequest]) -> None:
        """Send a command for the selected endpoints."""
        handles = tuple(entry.info.handle for entry in self.chosen())
        if handles:
            self.acted()
            self.dashboard.command(request(handles=handles))

    def acted(self) -> None:
        """Called after an action on the selected endpoints."""

    def action_dependencies(self) -> None:
        """Show the endpoint under the cursor in the tree of dependencies."""
        for entry in self.chosen()[:1]:
            if entry.info.depends_on or self.dashboard.board.dependents(entry):
                self.dashboard.navigation.dependencies(entry.info.handle)
            else:
                self.dashboard.say(f"{entry.info.name} depends on no endpoint, and none depends on it")

    # ── the config ──────────────────────────────────────────────────────────────────────────────

    def action_new(self) -> None:
        if self._can_edit():
            self.dashboard.navigation.new()

    def _can_edit(self) -> bool:
        """Whether there is a config file that can be changed now; shows a message if not."""
        if self.dashboard.travel.refuses():
            return False
        found = bool(self.dashboard.board.config_file)
        if not found:
            self.dashboard.say("there is no config file: `monitor init` writes one")
        return found

    def action_edit(self) -> None:
        """Open the form for one endpoint or for several; without any, the config in the editor."""
        chosen = self.chosen()
        if not chosen:
            self.dashboard.edit()
        elif self._can_edit():
            self.dashboard.navigation.edit(chosen)

    def action_editor(self) -> None:
        """Open the config in the editor, at the line of the first endpoint."""
        self.dashboard.edit(next(iter(self.chosen()), None))

    def action_duplicate(self) -> None:
        for entry in self.chosen()[: self._can_edit()]:
            self.dashboard.navigation.new(entry.info.handle)

    def action_enable(self) -> None:
        infos = [entry.info for entry in self.chosen()]
        if infos and self._can_edit():
            handles = tuple(info.handle for info in infos)
            self.dashboard.have_edited(Enable(handles=handles, on=not all(info.enabled for info in infos)))

    def action_delete(self) -> None:
        chosen = self.chosen()
        if chosen and self._can_edit():
            handles = tuple(entry.info.handle for entry in chosen)
            delete = Pick("y", "delete", partial(self.dashboard.have_edited, Remove(handles=handles)))
            self.ask(Picker((delete,), f"y deletes {_named(chosen)}, any other key does not{_names(chosen)}"))

    # ── the clipboard ───────────────────────────────────────────────────────────────────────────

    def action_copy(self) -> None:
        if self.chosen():
            self.ask(
                Picker(
                    (
                        Pick("a", "all", partial(self._copy, copying.summary)),
                        Pick("n", "name", partial(self._copy, lambda entry: entry.info.name)),
                        Pick("u", "url", partial(self._copy, lambda entry: entry.info.target)),
                        Pick("c", "curl", partial(self._copy_in_full, copying.curl)),
                        Pick("e", "error", partial(self._copy_in_full, copying.error)),
                        Pick("j", "JSON", partial(self._copy, copying.row)),
                    )
                )
            )

    def _copy(self, text: Callable[[Entry], str]) -> None:
        self._put(map(text, self.chosen()))

    def _copy_in_full(self, text: Callable[[Entry, Detail], str]) -> None:
        self.dashboard.begin(self._copy_details(text, self.chosen()))

    async def _copy_details(self, text: Callable[[Entry, Detail], str], chosen: list[Entry]) -> None:
        app = self.dashboard
        try:
            found = [text(one, await app.source.detail(one.info.handle, app.board.now())) for one in chosen]
        except LinkError as error:
            app.say(f"not copied: {error}")
            return
        self._put(found)

    def _put(self, lines: Iterable[str]) -> None:
        text = "\n".join(filter(None, lines))
        if text:
            self.dashboard.copy(text)
        else:
            self.dashboard.say("there is none to copy")

    def action_runbook(self) -> None:
        """Copy the runbook's URL, and open it if a browser would open in a window of its own."""
        runbook = next((entry.info.runbook for entry in self.chosen() if entry.info.runbook), "")
        if not runbook:
            self.dashboard.say("no runbook is set here")
            return
        opens = runbook.startswith(("https://", "http://")) and _has_desktop()
        if opens:
            self.app.open_url(runbook)
        self.app.copy_to_clipboard(runbook)
        self.dashboard.say(f"runbook {'opened and ' if opens else ''}copied: {runbook}")


def _has_desktop() -> bool:
    """Whether a browser would open in its own window, and not in this terminal."""
    return sys.platform == "darwin" or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY")))


def _named(chosen: Sequence[Entry]) -> str:
    return f"{len(chosen)} endpoints" if len(chosen) > 1 else f'"{chosen[0].info.name}" from the config'


def _names(chosen: Sequence[Entry]) -> str:
    """The names of several endpoints, behind the question."""
    return ": " + ", ".join(entry.info.name for entry in chosen) if len(chosen) > 1 else ""
