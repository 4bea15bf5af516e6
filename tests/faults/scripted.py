"""Servers that say what they were told to, in threads beside the test."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from socketserver import BaseRequestHandler, ThreadingTCPServer


class _Server(ThreadingTCPServer):
    daemon_threads = True
    script: tuple[bytes, ...] = ()


class _Player(BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        """Say the first line at once, and each further one when something was said to us."""
        first, *others = self.server.script
        self.request.sendall(first)
        for line in others:
            if not self.request.recv(65536):
                return
            self.request.sendall(line)
        while self.request.recv(65536):
            pass


@contextmanager
def playing(scripts: Mapping[str, tuple[bytes, ...]]) -> Iterator[dict[str, str]]:
    """A server for each script; their addresses by name."""
    servers = {name: _Server(("127.0.0.1", 0), _Player) for name in scripts}
    for name, server in servers.items():
        server.script = scripts[name]
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield {name: f"127.0.0.1:{server.server_address[1]}" for name, server in servers.items()}
    finally:
        for server in servers.values():
            server.shutdown()
            server.server_close()
