"""What is answered on ``[monitor] listen``: heartbeats are taken, and we say that we live."""

from __future__ import annotations

import asyncio
import hmac
import os
import socket
from collections.abc import Callable, Iterable

from monitor.model import Endpoint
from monitor.probe import awaited
from monitor.probes._heartbeats import CallError, addressee, heartbeats, understood
from monitor.service.http_server import Answered, Asked, WebServer

AGAIN = 5.0
"""Seconds until we try again to listen where somebody else does."""
_METHODS = frozenset({"GET", "POST", "PUT"})
_LIVING = Answered(200, "ok\n")
_UNKNOWN = Answered(404, "there is nothing here; heartbeats go to /push/NAME\n")
_NOBODY = Answered(404, "no endpoint waits for this heartbeat\n")
_FORBIDDEN = Answered(403, "that is not the token of this heartbeat\n")
_WRONG_METHOD = Answered(405, "use GET, POST or PUT\n", (("Allow", "GET, POST, PUT"),))

Note = Callable[[str, str], object]
"""Told ``(level, text)`` when we begin to listen, or cannot."""


class Reception:
    """Listens where the config in force says, and goes with it."""

    def __init__(self, note: Note | None = None) -> None:
        self.port: int | None = None
        """Where we listen; None while we do not."""
        self._note = note or _say_nothing
        self._tokens: dict[str, list[str | None]] = {}
        self._address: tuple[str, int] | None = None
        self._server: WebServer | None = None
        self._retrying: asyncio.Task[None] | None = None

    async def use(self, address: tuple[str, int] | None, endpoints: Iterable[Endpoint]) -> None:
        """Take the heartbeats of ``endpoints`` on ``address`` from now on; None: nowhere."""
        self._tokens = _tokens(endpoints)
        if address == self._address:
            return
        await self.close()
        self._address = address
        if self._address is not None and not await self._listen(*self._address):
            self._retrying = asyncio.create_task(self._try_again(*self._address))

    async def close(self) -> None:
        """Listen no more."""
        if self._retrying is not None:
            self._retrying.cancel()
            await asyncio.wait([self._retrying])
        if self._server is not None:
            await self._server.close()
        if self._address is not None:
            heartbeats().stop()
        self._retrying = self._server = self._address = self.port = None

    async def _listen(self, host: str, port: int) -> bool:
        server = WebServer(self.respond)
        try:
            self.port = await server.listen(host, port)
        except OSError as error:
            self._cannot(f"{host}:{port}", error)
            return False
        self._server = server
        heartbeats().listen()
        self._note("info", f"listening for heartbeats on {host}:{self.port}")
        return True

    def _cannot(self, address: str, error: OSError) -> None:
        why = _in_words(error).lower()
        text = f"cannot listen for heartbeats on {address}: {why}"
        if heartbeats().deaf != text:
            heartbeats().stop(text)
            self._note("bad", text)

    async def _try_again(self, host: str, port: int) -> None:
        while True:
            await asyncio.sleep(AGAIN)
            if await self._listen(host, port):
                return

    # ── what is answered ────────────────────────────────────────────────────────────────────────

    def respond(self, asked: Asked) -> Answered:
        """The answer to one request."""
        if asked.path == "/healthz" and asked.method in ("GET", "HEAD"):
            return _LIVING
        if asked.method not in _METHODS:
            return _WRONG_METHOD
        if asked.path.startswith("/push/"):
            return self._take(asked.path.removeprefix("/push/").strip("/"), asked)
        return _UNKNOWN

    def _take(self, path: str, asked: Asked) -> Answered:
        found = addressee(path, self._tokens)
        if found is None:
            return _NOBODY
        if not any(_matches(token, asked) for token in self._tokens[found[0]]):
            return _FORBIDDEN
        try:
            call = understood(*found, asked.query)
        except CallError as error:
            return Answered(422, f"{error}\n")
        heartbeats().take(call)
        return _LIVING


def _in_words(error: OSError) -> str:
    """What is wrong, and not where, which asyncio tells as well; of names only the resolver knows it."""
    if error.errno and not isinstance(error, socket.gaierror):
        return os.strerror(error.errno)
    return error.strerror or str(error)


def _say_nothing(level: str, text: str) -> None:
    pass


def _tokens(endpoints: Iterable[Endpoint]) -> dict[str, list[str | None]]:
    """The tokens that each name's heartbeat may bring."""
    tokens: dict[str, list[str | None]] = {}
    for endpoint in endpoints:
        if (call := awaited(endpoint.probe)) is not None:
            tokens.setdefault(call.name, []).append(call.token)
    return tokens


def _matches(token: str | None, asked: Asked) -> bool:
    if token is None:
        return True
    brought = asked.query.get("token") or asked.headers.get("authorization", "").removeprefix("Bearer ")
    return hmac.compare_digest(token.encode(), brought.encode())
