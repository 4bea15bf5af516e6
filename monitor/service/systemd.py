"""systemd's readiness and watchdog protocol: datagrams to the socket that it names.

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
    """Reports to systemd; does nothing when systemd did not start us."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._address = _address(environ.get("NOTIFY_SOCKET", ""))
        self.every = _watchdog_interval(environ)
        """Seconds between two signs of life; None: nobody waits for them."""

    def ready(self) -> None:
        """We serve, or serve again after a reload."""
        self._send("READY=1")

    def reloading(self) -> None:
        """We read the config again; :meth:`ready` says when that is over."""
        self._send(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self) -> None:
        """We end."""
        self._send("STOPPING=1")

    def status(self, text: str) -> None:
        """What `systemctl status` shows."""
        self._send(f"STATUS={text}")

    async def keep_alive(self) -> None:
        """Show signs of life until cancelled. From the event loop: one that hangs shows none."""
        while self.every is not None:
            self._send("WATCHDOG=1")
            await asyncio.sleep(self.every)

    def _send(self, message: str) -> None:
        if self._address is None:
            return
        # systemd may be restarting itself: no reason to end a monitor.
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.setblocking(False)
            sender.sendto(message.encode(), self._address)


def _address(name: str) -> str | bytes | None:
    """Where to send; an abstract socket begins with a zero byte instead of ``@``."""
    if name.startswith("@"):
        return b"\0" + os.fsencode(name[1:])
    return name if name.startswith("/") else None


def _watchdog_interval(environ: Mapping[str, str]) -> float | None:
    """Half of the time after which systemd gives us up, as its manual advises."""
    if environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    try:
        return int(environ["WATCHDOG_USEC"]) / 2e6
    except (KeyError, ValueError):
        return None
