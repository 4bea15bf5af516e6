"""The terminal driver: never blocks on the terminal, and always restores it.

Textual's own writer blocks the event loop if the terminal stops reading, and its reader spins if the
terminal has gone. This driver writes from a thread and reports whether output is waiting, so that screens
postpone painting. It treats the end of input as the end of the app, and gives up on a terminal that does
not accept the restoring sequences in time.
"""

from __future__ import annotations

import os
import selectors
import signal
import sys
import termios
import threading
from codecs import getincrementaldecoder
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from time import monotonic
from typing import IO, Any

from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers._writer_thread import WriterThread
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Resize
from textual.geometry import Size

from monitor.tui.terminal.pace import Pace

_GRACE = 1.0
"""Timeout in seconds for the restoring sequences at the end."""
_QUIT = b"\x03", b"\x11"
"""Ctrl+C and Ctrl+Q, which end the app from every screen."""
_UNKNOWN_SIZE = 80, 24
"""Size of a terminal that does not report one."""

_SAVE_TITLE, _RESTORE_TITLE = "\x1b[22;2t", "\x1b[23;2t"
_WITHOUT_TITLE = "linux", "vt", "dumb", "cons"


def has_title(term: str) -> bool:
    """Whether a terminal of that type takes a title; others would print it."""
    return bool(term) and not term.startswith(_WITHOUT_TITLE)


_PATIENCE = 3.0
"""Seconds for the app to end by itself."""
_RESTORE = (
    b"\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?2004l\x1b[?1004l\x1b[?2048l"  # mouse, paste, focus
    b"\x1b[<u\x1b[?7h\x1b[?25h\x1b[?1049l\x1b[23;2t"  # keyboard protocol, wrapping, cursor, screen, title
)


class LastResort:
    """A timer in a thread: unless cancelled, it restores the terminal and ends the process.

    It works even if the event loop hangs.
    """

    def __init__(self, screen: int, keyboard: int, modes: list[Any] | None, status: int = 1) -> None:
        self._screen, self._keyboard, self._modes, self._status = screen, keyboard, modes, status
        self._timer = threading.Timer(_PATIENCE, self._end)
        self._timer.daemon = True
        self._timer.start()

    def cancel(self) -> None:
        """Cancel the timer: the app ends by itself."""
        self._timer.cancel()

    def _end(self) -> None:
        with suppress(OSError):
            os.set_blocking(self._screen, False)  # do not wait for a terminal that does not read
            os.write(self._screen, _RESTORE)
            os.set_blocking(self._screen, True)
        with suppress(OSError, termios.error):
            if self._modes is not None:
                termios.tcsetattr(self._keyboard, termios.TCSANOW, self._modes)
        os._exit(self._status)


class PacedWriter(WriterThread):
    """Writes to the terminal from a thread; :meth:`write` never blocks.

    ``on_drained`` is called from that thread each time the queue is empty, with the seconds since its first
    bytes were written.
    """

    def __init__(self, file: IO[str], on_drained: Callable[[float], None]) -> None:
        super().__init__(file)
        self._fd = file.fileno()
        self._on_drained = on_drained
        self._ready = threading.Condition()
        self._waiting: list[bytes] = []
        self._writing = False
        self._began = 0.0
        """When the queue last became non-empty."""
        self._stopped = False

    @property
    def busy(self) -> bool:
        """Whether there are bytes that the terminal has not taken."""
        return self._writing or bool(self._waiting)

    def write(self, text: str) -> None:
        with self._ready:
            if not self.busy:
                self._began = monotonic()
            self._waiting.append(text.encode("utf-8", "replace"))
            self._ready.notify()

    def run(self) -> None:
        while data := self._next():
            try:
                self._write(data)
            except OSError:
                self._give_up()
                return

    def _next(self) -> bytes:
        with self._ready:
            drained, self._writing = self._writing and not self._waiting, False
            if drained:
                self._on_drained(monotonic() - self._began)
            while not self._waiting and not self._stopped:
                self._ready.wait()
            data = b"".join(self._waiting)
            self._waiting.clear()
            self._writing = bool(data)
            return data

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(self._fd, view) :]

    def _give_up(self) -> None:
        """Discard all further output: the terminal has gone."""
        with self._ready:
            self._stopped, self._writing = True, False
            self._waiting.clear()

    def drop(self) -> None:
        """Drop the output that the terminal has not begun to take."""
        with self._ready:
            self._waiting.clear()

    def stop(self) -> None:
        with self._ready:
            self._stopped = True
            self._ready.notify()
        self.join(_GRACE)


class TerminalDriver(LinuxDriver):
    """Textual's driver for Unix terminals, safe against terminals that stall or disappear."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        # Standard error may be redirected to a file; the screen must go to the terminal.
        self._screen: IO[str] = sys.__stdout__ or sys.stdout
        self._file = sys.__stdout__
        self._context = copy_context()
        """The app's context: Textual's timers need one, and a thread has none."""
        self._pace = Pace()
        self._last_resort: LastResort | None = None
        self._title = ""
        """The window's title as set last; empty if it was never set."""
        # Before the first Resize event, Textual asks Rich, which guesses another size.
        self._size = size or self._get_terminal_size()

    def _get_terminal_size(self) -> tuple[int, int]:
        """The terminal's size; 80x24 until it reports one (serial lines, some containers)."""
        with suppress(OSError, ValueError):
            columns, lines = os.get_terminal_size(self._screen.fileno())
            if columns and lines:
                return columns, lines
        return _UNKNOWN_SIZE

    @property
    def busy(self) -> bool:
        """Whether output is waiting for the terminal."""
        return isinstance(self._writer_thread, PacedWriter) and self._writer_thread.busy

    @property
    def slowness(self) -> float:
        """Seconds that the terminal recently needed for its slowest update."""
        return self._pace.seconds(monotonic())

    def set_title(self, title: str) -> None:
        """Set the title of the terminal's window or tab, if it has one; the old one comes back at the end."""
        if title != self._title and has_title(os.environ.get("TERM", "")):
            self.write(("" if self._title else _SAVE_TITLE) + f"\x1b]2;{title}\x07")
            self._title = title

    def switch_mouse(self) -> bool:
        """Stop or begin to ask the terminal for the mouse. Returns whether it sends the mouse now."""
        if self._mouse:
            self._disable_mouse_support()
        self._mouse = not self._mouse
        self._enable_mouse_support()
        return self._mouse

    def end_soon(self) -> None:
        """End the process if the app does not end by itself."""
        if self._last_resort is None:
            self._last_resort = LastResort(self._screen.fileno(), self.fileno, self.attrs_before)

    def start_application_mode(self) -> None:
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if self._writer_thread is not None:
            self._writer_thread.stop()
        self._writer_thread = PacedWriter(self._screen, self._drained)
        self._writer_thread.start()
        signal.signal(signal.SIGWINCH, lambda *_: self._call_soon(self._tell_size))

    def _tell_size(self) -> None:
        """Report the current size to the app.

        The size is read here and not in the signal handler: a signal within a signal would report the older
        size last, as Textual's own handler does.
        """
        size = Size(*self._get_terminal_size())
        self._app.post_message(Resize(size, size))

    def stop_application_mode(self) -> None:
        if isinstance(self._writer_thread, PacedWriter):
            self._writer_thread.drop()
            if self._title:
                self.write(_RESTORE_TITLE)
                self._title = ""
        super().stop_application_mode()
        if self._last_resort:
            self._last_resort.cancel()

    def _drained(self, seconds: float) -> None:
        self._pace.took(seconds, monotonic())
        self._call_app("terminal_is_free")

    def _call_app(self, method: str) -> None:
        """Call a function of the app from a thread."""
        self._call_soon(getattr(self._app, method))

    def _call_soon(self, call: Callable[[], object]) -> None:
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(call, context=self._context)

    def run_input_thread(self) -> None:
        """Turn input into events, until stopped or until the terminal has gone."""
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode
        with selectors.DefaultSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(0.1):
                    data = self._read()
                    if not data:
                        self._call_app("exit")
                        return
                    if data in _QUIT:
                        self.end_soon()
                    for message in parser.feed(decode(data)):
                        self.process_message(message)
                for message in parser.tick():
                    self.process_message(message)

    def _read(self) -> bytes:
        try:
            return os.read(self.fileno, 4096)
        except OSError:  # the other side of the pseudo-terminal was closed
            return b""
