"""A server for one client, which blocks in a thread of its own."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Thread


@contextmanager
def serving(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """Accept one connection on loopback, and run ``talk`` on it. Gives the port."""

    def run() -> None:
        with suppress(OSError), listener.accept()[0] as client:
            talk(client)

    thread = Thread(target=run, daemon=True)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread.start()
        yield listener.getsockname()[1]
    thread.join(5)
