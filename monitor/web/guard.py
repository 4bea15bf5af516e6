"""Middleware in front of every answer: tokens, limits, and security headers.

A read token allows reading, a write token everything. A browser may send the read token in a cookie, which
never allows a change. Limits count by address, and behind a reverse proxy everybody has the same one: callers
with a right token therefore have a limit apart, which nobody without a token can use up.
"""

from __future__ import annotations

import asyncio
import hmac
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from hashlib import blake2b
from http.cookies import CookieError, SimpleCookie
from math import ceil

from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.routing import BaseRoute, Match, Mount
from starlette.types import Message, Receive, Scope, Send

from monitor.model import Tokens
from monitor.web.errors import ApiError, error_response

BODY_LIMIT = 65536
"""Limit of a request's body in bytes."""
PATIENCE = 10.0
"""Timeout of a request's body in seconds."""
COOKIE = "monitor_token"
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_REQUESTS, _REQUESTS_PER_SECOND = 300.0, 50.0
_SIGNALS, _SIGNALS_PER_SECOND = 3000.0, 500.0
"""Paths of heartbeats and health checks, which have limits of their own."""
_FAILURES, _FAILURES_PER_SECOND = 10.0, 0.2
"""Wrong tokens that one caller may try at once; one more is allowed every five seconds."""
_HELD_FOR, _HELD = 1.0, 64
"""Seconds for which the answer to a guess above the limit is held back, and the limit of those at once."""
HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
REALM = {"WWW-Authenticate": 'Bearer realm="monitor"'}
_CALLERS = 10_000
"""Limit of callers to remember; the least recent one is dropped."""


class Guard:
    """Passes a request to ``app``, or answers it with an error."""

    def __init__(
        self,
        app: Starlette,
        tokens: Tokens,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._app = app
        self._tokens = tokens
        self._sleep = sleep
        self._held = 0
        self._requests = Bucket(_REQUESTS, _REQUESTS_PER_SECOND, clock)
        self._signals = Bucket(_SIGNALS, _SIGNALS_PER_SECOND, clock)
        self._guesses = Guesses(clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        safely = _with_headers(send)
        try:
            self._admit(scope)
            body = await _body(scope, receive)
        except ApiError as error:
            if isinstance(error, TooManyGuessesError):
                await self._hold()
            await error_response(error.status, error.message, error.headers)(scope, receive, safely)
            return
        await self._app(scope, _again(body, receive), safely)

    def _admit(self, scope: Scope) -> None:
        """Raise ApiError if the caller lacks a token or has exceeded a limit."""
        caller = _caller(scope)
        path: str = scope["path"]
        if path == "/healthz" or path.startswith("/push/"):
            _refuse(self._signals.take(caller))
        elif path != "/login":  # which counts wrong tokens itself, and always takes the right one
            self._admit_reader(scope, caller)

    def _admit_reader(self, scope: Scope, caller: str) -> None:
        try:
            right = self._right(scope)
        except ApiError as error:
            token = _brought(scope, cookies=True)
            # The right token of the wrong kind is a mistake, and no guess.
            if error.status == 401 and token and not self._rights(token):
                self._guesses.count(caller, token, again="authorization" in Headers(scope=scope))
            else:
                _refuse(self._requests.take(caller))
            raise
        _refuse(self._requests.take(f"{right} {caller}" if right else caller))

    async def _hold(self) -> None:
        """Wait before the answer to a guess, unless too many wait already."""
        if self._held >= _HELD:
            return
        self._held += 1
        try:
            await self._sleep(_HELD_FOR)
        finally:
            self._held -= 1

    def failed(self, caller: str, token: str) -> None:
        """Count a wrong token from the form. Raises ApiError after too many."""
        self._guesses.count(caller, token, again=True)

    def _right(self, scope: Scope) -> str | None:
        """The right that the request's token gives, if any. Raises ApiError if it does not suffice."""
        # Without a handler that could change something, whoever may read learns that: 404 or 405.
        reading = scope["method"] in _READING or not _has_handler(self._app.routes, scope)
        known = self._rights(_brought(scope, cookies=reading))
        if reading and not self._tokens.read:
            return known
        if not reading and not self._tokens.write:
            raise ApiError(403, "nothing can be changed here: [monitor] has no tokens.write")
        if known is None:
            raise ApiError(401, "this needs a token: Authorization: Bearer …", REALM)
        if not reading and known != "write":
            raise ApiError(403, "this needs the write token")
        return known

    def _rights(self, token: str) -> str | None:
        for right, wanted in (("write", self._tokens.write), ("read", self._tokens.read)):
            if wanted and hmac.compare_digest(wanted.encode(), token.encode()):
                return right
        return None


def _caller(scope: Scope) -> str:
    return scope["client"][0] if scope.get("client") else ""


def _has_handler(routes: Iterable[BaseRoute], scope: Scope) -> bool:
    """Whether a route accepts the request with its method."""
    for route in routes:
        match, inner = route.matches(scope)
        if match is Match.FULL:
            return _has_handler(route.routes, {**scope, **inner}) if isinstance(route, Mount) else True
    return False


def _brought(scope: Scope, *, cookies: bool) -> str:
    """The token of a request; empty if there is none."""
    headers = Headers(scope=scope)
    return bearer(headers) or (_cookie(headers.get("cookie", "")) if cookies else "")


def bearer(headers: Headers) -> str:
    """The token in ``Authorization: Bearer …``; empty if there is none."""
    kind, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def _cookie(header: str) -> str:
    try:
        morsel = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return ""
    return morsel.value if morsel else ""


def _refuse(seconds: int) -> None:
    if seconds:
        raise ApiError(429, f"too many requests; try again in {seconds} s", _retry_after(seconds))


def _retry_after(seconds: int) -> Mapping[str, str]:
    return {"Retry-After": str(seconds)}


async def _body(scope: Scope, receive: Receive) -> bytes:
    """The whole body. Raises ApiError if it is too large or too slow."""
    length = Headers(scope=scope).get("content-length", "0")
    if not length.isdecimal() or int(length) > BODY_LIMIT:
        raise _too_large()
    body = b""
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                message = await receive()
                body += bytes(message.get("body", b""))
                if len(body) > BODY_LIMIT:
                    raise _too_large()
                if not message.get("more_body"):
                    return body
    except TimeoutError:
        raise ApiError(408, "the request took too long to come", {"Connection": "close"}) from None


def _too_large() -> ApiError:
    return ApiError(413, f"the body is longer than {BODY_LIMIT} bytes", {"Connection": "close"})


def _again(body: bytes, receive: Receive) -> Receive:
    """The app's receive function: the whole body, then the following messages."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receiving() -> Message:
        return messages.pop() if messages else await receive()

    return receiving


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sending


class TooManyGuessesError(ApiError):
    """A caller has tried too many wrong tokens."""


class Guesses:
    """Counts the wrong tokens of each caller."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._bucket = Bucket(_FAILURES, _FAILURES_PER_SECOND, clock)
        self._known: OrderedDict[bytes, None] = OrderedDict()
        """Digests of wrong tokens, with their callers."""

    def count(self, caller: str, token: str, *, again: bool) -> None:
        """Count ``token``; without ``again``, only the first time. Raises TooManyGuessesError after too many.

        A browser goes on sending a cookie from before a change of the token, and has to get the form.
        """
        digest = blake2b(f"{caller} {token}".encode(errors="replace"), digest_size=16).digest()
        if digest in self._known and not again:
            self._known.move_to_end(digest)
            return
        seconds = self._bucket.take(caller)
        if seconds:
            raise TooManyGuessesError(
                429, f"too many wrong tokens; try again in {seconds} s", _retry_after(seconds)
            )
        self._known[digest] = None
        if len(self._known) > _CALLERS:
            self._known.popitem(last=False)


class Bucket:
    """A token bucket for each caller: ``burst`` requests at once, then ``per_second``."""

    def __init__(self, burst: float, per_second: float, clock: Callable[[], float]) -> None:
        self._burst = burst
        self._per_second = per_second
        self._clock = clock
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()
        """By caller: the remaining requests, and the time of that count."""

    def take(self, caller: str) -> int:
        """Count one request. Return 0 if it may pass, otherwise the seconds to wait."""
        left = self._left(caller)
        if left < 1.0:
            self._put(caller, left)
            return max(ceil((1.0 - left) / self._per_second), 1)
        self._put(caller, left - 1.0)
        return 0

    def _left(self, caller: str) -> float:
        level, at = self._levels.get(caller, (self._burst, self._clock()))
        return min(level + (self._clock() - at) * self._per_second, self._burst)

    def _put(self, caller: str, left: float) -> None:
        self._levels[caller] = (left, self._clock())
        self._levels.move_to_end(caller)
        if len(self._levels) > _CALLERS:
            self._levels.popitem(last=False)
