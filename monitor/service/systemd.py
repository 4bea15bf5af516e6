"""systemd's readiness and watchdog protocol: datagrams to a socket.

https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html
"""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Mapping
from contextlib import suppress


class Notifier:
    """Reports to systemd; does nothing if systemd did not start this process."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._address = _address(environ.get("NOTIFY_SOCKET", ""))
        self.every = _watchdog_interval(environ)
        """Seconds between two watchdog messages; None if the watchdog is off."""

    def ready(self) -> None:
        """Report that the service is ready, also after a reload."""
        self._send("READY=1")

    def reloading(self) -> None:
        """Report that a reload has begun; :meth:`ready` ends it."""
        self._send(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self) -> None:
        """Report that the service is stopping."""
        self._send("STOPPING=1")

    def status(self, text: str) -> None:
        """Set the text that `systemctl status` shows."""
        self._send(f"STATUS={text}")

    async def keep_alive(self) -> None:
        """Send watchdog messages until cancelled. A hung event loop sends none."""
        while self.every is not None:
            self._send("WATCHDOG=1")
            await asyncio.sleep(self.every)

    def _send(self, message: str) -> None:
        if self._address is None:
            return
        # systemd may be restarting; the monitor goes on.
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.setblocking(False)
            sender.sendto(message.encode(), self._address)


def _address(name: str) -> str | bytes | None:
    """The socket's address; an abstract one begins with a zero byte instead of ``@``."""
    if name.startswith("@"):
        return b"\0" + os.fsencode(name[1:])
    return name if name.startswith("/") else None


def _watchdog_interval(environ: Mapping[str, str]) -> float | None:
    """Half of the watchdog's timeout, as systemd's manual advises."""
    if environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    try:
        return int(environ["WATCHDOG_USEC"]) / 2e6
    except (KeyError, ValueError):
        return None
