"""Ends the program even if the event loop hangs."""

from __future__ import annotations

import os
import termios
import threading
from contextlib import suppress
from typing import Any

PATIENCE = 3.0
"""Seconds for the app to end by itself."""
_RESTORE = (
    b"\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?2004l\x1b[?1004l\x1b[?2048l"  # mouse, paste, focus
    b"\x1b[<u\x1b[?7h\x1b[?25h\x1b[?1049l\x1b[23;2t"  # keyboard protocol, wrapping, cursor, screen, title
)


class LastResort:
    """A timer in a thread: unless cancelled, it restores the terminal and ends the process."""

    def __init__(self, screen: int, keyboard: int, modes: list[Any] | None, status: int = 1) -> None:
        self._screen, self._keyboard, self._modes, self._status = screen, keyboard, modes, status
        self._timer = threading.Timer(PATIENCE, self._end)
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
