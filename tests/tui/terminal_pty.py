"""A program in a real pseudo-terminal, and an emulator that reads what it draws."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

import pyte

HERE = Path(__file__).parent


class Terminal:
    """Runs ``arguments`` with Python; ``screen`` is what a person would see."""

    def __init__(self, *arguments: str, size: tuple[int, int] = (80, 24), **environ: str) -> None:
        columns, lines = size
        self.screen = pyte.Screen(columns or 80, lines or 24)
        self._stream = pyte.ByteStream(self.screen)
        self.raw = b""
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.modes = termios.tcgetattr(slave)
        unwanted = "LC_", "NO_COLOR", "COLORTERM", "COLUMNS", "LINES"
        clean = {key: value for key, value in os.environ.items() if not key.startswith(unwanted)}
        self._state = tempfile.TemporaryDirectory(prefix="monitor-state-")
        usual = {"TERM": "xterm-256color", "LANG": "C.UTF-8", "XDG_STATE_HOME": self._state.name}
        env = clean | usual | environ
        self.process = subprocess.Popen(
            [sys.executable, *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=env,
            start_new_session=True,
        )
        self._slave = slave

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.hang_up()
        self._state.cleanup()

    def hang_up(self) -> None:
        """Close both ends, as a terminal window that is closed."""
        for fd in (self.master, self._slave):
            if fd >= 0:
                os.close(fd)
        self.master = self._slave = -1

    def read(self, seconds: float) -> bytes:
        """What is written within ``seconds``, or until it ends."""
        got, until = b"", time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and select.select([self.master], [], [], left)[0]:
            try:
                data = os.read(self.master, 65536)
            except OSError:
                break
            got += data
            self.raw += data
            self._stream.feed(data)
        return got

    def until(self, holds: Callable[[], bool], seconds: float = 20.0) -> None:
        """Read until ``holds``; fails when it never does."""
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end, f"never seen; the screen is:\n{self.text()}"
            self.read(0.05)

    def falls_silent(self, seconds: float, within: float = 5.0) -> None:
        """Read until nothing was written for ``seconds``; fails when that never happens."""
        now = time.monotonic()
        silent_since, end = now, now + within
        while now - silent_since < seconds:
            if got := self.read(0.01):
                assert now < end, f"it never falls silent; at last it wrote {got!r}"
                silent_since = time.monotonic()
            now = time.monotonic()

    def shows(self, text: str) -> None:
        self.until(lambda: text in self.text())

    def text(self) -> str:
        # Not `display`, which raises IndexError while one half of a wide character is overwritten.
        lines = (self.screen.buffer[y] for y in range(self.screen.lines))
        return "\n".join("".join(line[x].data for x in range(self.screen.columns)) for line in lines)

    def type(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    def signal(self, number: int) -> None:
        os.kill(self.process.pid, number)

    def resize(self, columns: int, lines: int) -> None:
        if (self.screen.columns, self.screen.lines) == (columns, lines):
            return
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.screen.resize(lines, columns)
        self.signal(signal.SIGWINCH)

    def ended(self) -> int:
        """The exit status, once it is there; what it says meanwhile is read."""
        self.until(lambda: self.process.poll() is not None)
        self.read(0.1)
        return self.process.returncode

    def restored(self) -> bool:
        """Whether the terminal was left as it was found."""
        off = (
            b"\x1b[?1049l",
            b"\x1b[?25h",
            b"\x1b[?1000l",
            b"\x1b[?1003l",
            b"\x1b[?1006l",
            b"\x1b[<u",
            b"\x1b[?2004l",
        )
        last_on = self.raw.rfind(b"\x1b[?1049h")
        return all(self.raw.rfind(one) > last_on for one in off) and self.modes == termios.tcgetattr(
            self._slave
        )
