"""The web address as an ASGI application."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote, unquote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from monitor.errors import LinkError
from monitor.link.figures import Report, Reported
from monitor.model import Tokens
from monitor.web import page
from monitor.web.api import SLASH, Api
from monitor.web.errors import HANDLERS, ApiError
from monitor.web.guard import COOKIE, REALM, Guard, bearer
from monitor.web.metrics import render
from monitor.web.past import Past
from monitor.web.source import Source

_METRICS_KEPT = 1.0
"""Seconds for which one rendering of the metrics is reused."""

_SLASH = re.compile("%2f", re.IGNORECASE)
_NOTE = 1000
"""Bytes of a heartbeat's body that may become its message."""

Take = Callable[[Report], Reported | Awaitable[Reported]]
"""Sends a heartbeat to the engine."""


def heartbeat_route(
    take: Take, guessed: Callable[[str, str], object] = lambda _caller, _token: None
) -> Route:
    """``/push/NAME``; ``guessed`` is called with the caller and the token if the token is wrong."""

    async def push(request: Request) -> Response:
        query = request.query_params
        report = Report(
            path=request.path_params["path"],
            status=query.get("status", ""),
            note=query.get("msg") or _text(await request.body()),
            token=query.get("token") or bearer(request.headers),
        )
        answer = take(report)
        reported = answer if isinstance(answer, Reported) else await answer
        if reported.status == 403:
            guessed(request.client.host if request.client else "", report.token)
        if reported.status != 200:
            raise ApiError(reported.status, reported.text, REALM if reported.status == 401 else None)
        return PlainTextResponse(f"{reported.text}\n")

    return _without_head(Route("/push/{path:path}", push, methods=["GET", "POST", "PUT"]))


def _text(body: bytes) -> str:
    """The beginning of a body: the job's output, as healthchecks.io's users send it."""
    return body[:_NOTE].decode(errors="replace")


def _without_head(route: Route) -> Route:
    """Refuse HEAD requests: they must not count as heartbeats."""
    if route.methods:
        route.methods.discard("HEAD")
    return route


def heartbeat_app(take: Take) -> ASGIApp:
    """The application of `monitor check` while it waits for heartbeats."""
    routes = [heartbeat_route(take), Route("/healthz", _healthy)]
    app = Starlette(routes=routes, exception_handlers=HANDLERS)
    return Guard(app, Tokens())


async def _healthy(_request: Request) -> Response:
    return PlainTextResponse("ok\n")


def create_app(source: Source, tokens: Tokens, past: Past) -> ASGIApp:
    """The whole web address, for the engine behind ``source``."""
    site = _Site(source, tokens, past)
    routes = [
        Route("/", site.status_page),
        Route("/login", site.login, methods=["POST"]),
        Route("/healthz", site.healthz),
        Route("/metrics", site.metrics),
        heartbeat_route(source.client.report, site.guessed),
        Mount("/api/v1", routes=Api(source, past).routes()),
    ]
    site.guard = Guard(Starlette(routes=routes, exception_handlers=HANDLERS), tokens)
    return page.WithLogin(without_final_slash(encoded_slashes(site.guard)))


def encoded_slashes(app: ASGIApp) -> ASGIApp:
    """Keep an encoded slash of an endpoint's id (``%2F``) apart from those between the steps of a path."""

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        raw = scope.get("raw_path") or b""
        if b"%2f" in raw.lower() and scope["path"].startswith("/api/"):
            path = unquote(_SLASH.sub(quote(SLASH), raw.decode("latin-1")))
            scope = {**scope, "path": path}
        await app(scope, receive, send)

    return call


def without_final_slash(app: ASGIApp) -> ASGIApp:
    """Serve ``/path/`` as ``/path``.

    A redirect would name http://: behind a proxy with TLS, the token would then go unencrypted.
    """

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        raw, path = scope.get("raw_path") or b"", scope.get("path", "")
        if raw.endswith(b"/") and path not in ("/", "/push/"):
            scope = {**scope, "path": path[:-1], "raw_path": raw[:-1]}
        await app(scope, receive, send)

    return call


class _Site:
    """The handlers outside the API."""

    guard: Guard

    def __init__(self, source: Source, tokens: Tokens, past: Past) -> None:
        self._source = source
        self._tokens = tokens
        self._rendering = asyncio.Lock()
        self._rendered: dict[str, tuple[float, bytes, str]] = {}
        self._bars = page.Bars(source, past)

    async def healthz(self, _request: Request) -> Response:
        """`/healthz`: whether the engine is alive."""
        try:
            picture = await self._source.picture()
        except LinkError as error:
            return PlainTextResponse(f"the engine does not answer: {error}\n", 503)
        trouble = picture.stats.history
        return PlainTextResponse(f"ok\nhistory: {trouble}\n" if trouble else "ok\n")

    async def metrics(self, request: Request) -> Response:
        """`/metrics`, for Prometheus."""
        accept = request.headers.get("accept", "")
        async with self._rendering:
            at, body, content_type = self._rendered.get(accept, (float("-inf"), b"", ""))
            if time.monotonic() - at > _METRICS_KEPT:
                picture, counts = await self._source.picture(), await self._source.client.counts()
                # In a thread, so that heartbeats and health checks do not wait.
                body, content_type = await asyncio.to_thread(render, picture, counts, accept)
                self._rendered = {accept: (time.monotonic(), body, content_type)}
        return Response(body, media_type=None, headers={"Content-Type": content_type})

    async def status_page(self, request: Request) -> Response:
        """The status page."""
        return await page.status_page(self._source, self._bars, request.query_params)

    def guessed(self, caller: str, token: str) -> None:
        """Count a wrong token. Raises ApiError after too many."""
        self.guard.failed(caller, token)

    async def login(self, request: Request) -> Response:
        """Accept the read token from the form, and set it as a cookie."""
        token = page.token_of_form(await request.body())
        if not self._tokens.read or not page.same(token, self._tokens.read):
            self.guessed(request.client.host if request.client else "", token)
            raise ApiError(401, "that is not the read token")
        response = RedirectResponse(".", 303)
        options: dict[str, Any] = {"httponly": True, "samesite": "strict", "path": "/"}
        response.set_cookie(COOKIE, token, max_age=30 * 86400, **options)
        return response
