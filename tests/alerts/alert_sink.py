"""A real receiver of webhooks, which fails as it is told to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Thread
from typing import Any


class Sink:
    """Answers with :attr:`statuses`, one after the other, the last again and again."""

    def __init__(self) -> None:
        self.statuses = [204]
        self.received: list[tuple[dict[str, str], bytes]] = []
        self._arrived = Condition()
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = sink.take({name.lower(): value for name, value in self.headers.items()}, body)
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"

    def take(self, headers: dict[str, str], body: bytes) -> int:
        with self._arrived:
            self.received.append((headers, body))
            self._arrived.notify_all()
            return self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]

    def wait(self, count: int, seconds: float = 20.0) -> list[dict[str, Any]]:
        """The documents, once ``count`` of them have arrived."""
        with self._arrived:
            assert self._arrived.wait_for(lambda: len(self.received) >= count, seconds)
            return [json.loads(body) for _, body in self.received]


@contextmanager
def running_sink() -> Iterator[Sink]:
    """A sink that answers for as long as this lasts."""
    made = Sink()
    thread = Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.server.shutdown()
        made.server.server_close()
