"""A Textual app on our terminal driver: colours, signals, and errors without a traceback."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Mapping
from typing import Any

from textual import on
from textual.app import App
from textual.driver import Driver

from monitor.tui.terminal.depth import depth, impose
from monitor.tui.terminal.driver import TerminalDriver

_ENDINGS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


class TerminalApp(App[int]):
    """The base of the dashboard. Its result is the exit status."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.colourless = bool(environ.get("NO_COLOR"))
        super().__init__(driver_class=TerminalDriver, ansi_color=True if self.colourless else None)
        impose(self.console, depth(environ))
        self.crash: Exception | None = None
        """The error that ended the app."""
        self._handlers: dict[signal.Signals, Any] = {}

    @property
    def terminal(self) -> TerminalDriver | None:
        """The terminal driver; None in tests without a terminal."""
        return self._driver if isinstance(self._driver, TerminalDriver) else None

    def terminal_is_busy(self) -> bool:
        """Whether the terminal still has output to take."""
        return self.terminal is not None and self.terminal.busy

    def theme_changed(self) -> None:
        """Called after Textual has switched to another theme."""

    def apply_theme_again(self) -> None:
        """Repaint: the colours of the current theme have changed."""
        self._watch_theme(self.theme)

    def listen_for_signals(self) -> None:
        """End the app on signals, with the terminal restored."""
        loop = asyncio.get_running_loop()

        def end(_signal: int, _frame: object) -> None:
            if self.terminal:
                self.terminal.end_soon()
            loop.call_soon_threadsafe(self.exit, 0)

        # Python's handlers instead of the loop's: they run even while the loop hangs.
        self._handlers = {ending: signal.signal(ending, end) for ending in _ENDINGS}

    def restore_signals(self) -> None:
        """Undo :meth:`listen_for_signals`."""
        for ending, handler in self._handlers.items():
            signal.signal(ending, handler)

    def action_suspend(self) -> None:
        """Suspend the app and return to the shell. Checks go on in the engine's process."""
        self.action_suspend_process()

    @on(Driver.SignalResume)
    def _paint_again(self) -> None:
        """Repaint everything: the terminal has forgotten the picture meanwhile."""
        self.refresh(layout=True)

    def action_mouse(self) -> None:
        """Leave the mouse to the terminal, which then selects text with it, or take it back."""
        if self.terminal:
            taken = self.terminal.switch_mouse()
            self.say("the mouse works here" if taken else "the mouse is the terminal's: it selects text")

    def say(self, text: str) -> None:
        """Show a message."""

    def _watch_theme(self, theme_name: str) -> None:
        super()._watch_theme(theme_name)
        self.theme_changed()

    def _handle_exception(self, error: Exception) -> None:
        # No traceback: the caller of the app reports the error in one line.
        if self.is_headless or self.environ.get("MONITOR_DEBUG"):
            super()._handle_exception(error)
        else:
            self.crash = self.crash or error
            self._close_messages_no_wait()
