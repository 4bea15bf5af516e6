"""From the first request to the final response: follows redirects, keeps cookies, answers challenges."""

from __future__ import annotations

import re
import warnings
from collections.abc import Awaitable, Iterable, Mapping
from dataclasses import dataclass, replace
from sys import intern
from typing import TYPE_CHECKING
from urllib.parse import quote

from monitor.errors import ProbeError
from monitor.model import Hop, HttpFacts, Reason
from monitor.text import plain
from monitor.trace import Trace
from monitor.wire.auth import Auth, challenge, digest
from monitor.wire.fetch import Route, fetch
from monitor.wire.messages import Headers, Request, Response, has, header_text, is_secret, without
from monitor.wire.urls import Url, joined

if TYPE_CHECKING:
    from http.cookiejar import CookieJar

REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_NONCES = 3
"""Limit of challenges to answer if a server calls every nonce stale."""
_KEEP_METHOD = frozenset({307, 308})
_ASCII = "".join(map(chr, range(0x21, 0x7F)))
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_LONGEST_COOKIE = 8192
_MOST_COOKIES = 50
"""Limit of cookies of one answer, as in curl."""
_ABOUT_THE_BODY = (
    "content-type",
    "content-length",
    "content-encoding",
    "content-language",
    "transfer-encoding",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """Limits of an exchange with redirects. ``shown_url`` is the first URL, without secrets."""

    route: Route
    auth: Auth | None = None
    follow: bool = True
    max_redirects: int = 10
    shown_url: str = ""


def browse(request: Request, browser: Browser, trace: Trace) -> Awaitable[Response]:
    """The final response to ``request``.

    Where it takes several exchanges each is a hop of ``trace``. Raises ProbeError:
    ``too_many_redirects``, and what a single exchange may.
    """
    return _Journey(request, browser, trace).go()


class _Journey:
    """One check on its way."""

    def __init__(self, request: Request, browser: Browser, trace: Trace) -> None:
        self._request = request
        self._browser = browser
        self._trace = trace
        self._shown = browser.shown_url or str(request.url)
        self._redirects = 0
        self._began = 0.0
        """The beginning of the present exchange, in milliseconds of the check."""
        self._presented = 0
        """The number of certificates presented by then."""
        self._nonces: list[str] = []
        """Nonces of the answered challenges; an empty one for a token."""
        self._token = ""
        self._jar: CookieJar | None = None
        self._own_headers = request.headers

    async def go(self) -> Response:
        if self._browser.auth is not None and self._browser.auth.oauth2 is not None:
            await self._bring_token()
        while True:
            self._began, self._presented = self._trace.latency_ms, len(self._trace.certificates)
            response = await fetch(self._request, self._browser.route, self._trace)
            self._trace.http = HttpFacts(
                status=response.status,
                version=intern(f"HTTP/{response.version}"),
                redirects=self._redirects,
                bytes=len(response.body),
            )
            self._trace.notes += response.notes
            following = await self._following(response)
            if following is not None or self._trace.hops:
                self._note(response)
            if following is None:
                return response
            self._request = following
            self._shown = str(following.url)

    def _note(self, response: Response) -> None:
        location = response.header("location") if response.status in REDIRECTS else None
        presented = len(self._trace.certificates)
        self._trace.hops.append(
            Hop(
                asked=f"{self._request.method} {self._shown}",
                answered=response.line + (f" -> {plain(header_text(location))}" if location else ""),
                address=self._trace.address,
                latency_ms=self._trace.latency_ms - self._began,
                certificate=self._trace.certificates[-1] if presented > self._presented else None,
            )
        )

    async def _following(self, response: Response) -> Request | None:
        """The next request to make; None when ``response`` is final."""
        if response.status == 401:
            return await self._answer_challenge(response)
        if response.status in REDIRECTS and self._browser.follow:
            return self._redirected(response)
        return None

    # ── challenges ──────────────────────────────────────────────────────────────────────────────

    async def _answer_challenge(self, response: Response) -> Request | None:
        auth = self._browser.auth
        if auth is None or not self._at_home():
            return None
        if auth.oauth2 is not None and not self._nonces:
            self._nonces.append("")
            return await self._with_fresh_token(auth)
        offer = challenge(response) if auth.digest is not None else None
        if offer is None or auth.digest is None or not self._is_new(offer):
            return None
        self._nonces.append(offer["nonce"])
        return _authorized(self._request, digest(self._request, auth.digest[0], auth.digest[1], offer))

    def _is_new(self, offer: Mapping[str, str]) -> bool:
        """Whether to answer ``offer``: the first one, or one because the last nonce is stale."""
        if not self._nonces:
            return True
        stale = offer.get("stale", "").lower() == "true" and offer["nonce"] not in self._nonces
        return stale and len(self._nonces) < _MOST_NONCES

    def _at_home(self) -> bool:
        """Whether the credentials are for the origin of the request."""
        return self._request.url.origin == self._browser.route.home

    async def _with_fresh_token(self, auth: Auth) -> Request:
        from monitor.wire import oauth2

        assert auth.oauth2 is not None
        self._trace.resources.of(oauth2.Tokens).forget(auth.oauth2, self._token)
        await self._bring_token()
        return self._request

    async def _bring_token(self) -> None:
        self._trace.enter(None)
        from monitor.wire import oauth2

        self._trace.skip_gap()
        assert self._browser.auth is not None
        assert self._browser.auth.oauth2 is not None
        self._token = await oauth2.token(self._browser.auth.oauth2, self._browser.route, self._trace)
        self._request = _authorized(self._request, f"Bearer {self._token}")

    # ── redirects ───────────────────────────────────────────────────────────────────────────────

    def _redirected(self, response: Response) -> Request | None:
        location = response.header("location")
        target = None if location is None else joined(self._request.url, _on_wire(location))
        if target is None:
            return None
        self._redirects += 1
        if self._redirects > self._browser.max_redirects:
            self._note(response)
            most = self._browser.max_redirects
            text = f"more than {most} redirect{'' if most == 1 else 's'}, the last to {plain(str(target))}"
            raise ProbeError(Reason.TOO_MANY_REDIRECTS, text)
        self._remember_cookies(response)
        self._nonces.clear()
        return self._with_cookies(redirected(self._request, response.status, target))

    def _remember_cookies(self, response: Response) -> None:
        said = [
            value
            for name, value in response.headers
            if name == "set-cookie" and not _CONTROL.search(value)  # browsers drop it too (RFC 6265bis, 5.6)
        ][:_MOST_COOKIES]
        if said:
            self._trace.enter(None)
            from http.cookiejar import CookieJar

            self._trace.skip_gap()
            self._jar = CookieJar() if self._jar is None else self._jar
            _take_cookies(self._jar, self._request.url, said)

    def _with_cookies(self, request: Request) -> Request:
        """``request`` with the jar's cookies, after the user's own if they may be sent there."""
        brought = _cookies_for(self._jar, request.url) if self._jar is not None else []
        if not brought:
            return request
        own = _cookies(self._own_headers) if has(request.headers, "cookie") else []
        headers = without(request.headers, ["cookie"])
        return replace(request, headers=(*headers, ("Cookie", "; ".join([*own, *brought]))))


def _cookies(headers: Headers) -> list[str]:
    return [value for name, value in headers if name.lower() == "cookie"]


def _on_wire(location: str) -> str:
    """``location`` with UTF-8 read as such, and each byte of any other encoding escaped, as browsers do."""
    text = header_text(location)
    return quote(location, safe=_ASCII, encoding="latin-1") if text is location else text


def _authorized(request: Request, value: str) -> Request:
    headers = without(request.headers, ["authorization"])
    return replace(request, headers=(*headers, ("Authorization", value)))


def redirected(request: Request, status: int, target: Url) -> Request:
    """``request`` redirected to ``target`` (RFC 9110, 15.4), without the credentials of its first server."""
    headers, method, body = request.headers, request.method, request.body
    if status not in _KEEP_METHOD and (method == "POST" or (status == 303 and method != "HEAD")):
        method, body = "GET", b""
        headers = without(headers, _ABOUT_THE_BODY)
    if target.origin != request.url.origin:
        headers = tuple(pair for pair in headers if not is_secret(*pair) and pair[0].lower() != "host")
    return Request(method=method, url=target, headers=headers, body=body)


class _Said:
    """The part of a response that ``http.cookiejar`` uses."""

    def __init__(self, cookies: Iterable[str]) -> None:
        from email.message import Message

        self._message = Message()
        for cookie in cookies:
            self._message["Set-Cookie"] = cookie[:_LONGEST_COOKIE]

    def info(self) -> object:
        return self._message


def _take_cookies(jar: CookieJar, url: Url, said: Iterable[str]) -> None:
    from urllib.request import Request as Asked

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it reports dates that it cannot read, with a traceback
        jar.extract_cookies(_Said(said), Asked(str(url)))  # type: ignore[arg-type]  # noqa: S310 -- a value only


def _cookies_for(jar: CookieJar, url: Url) -> list[str]:
    from urllib.request import Request as Asked

    asked = Asked(str(url))  # noqa: S310 -- a value only, nothing is opened
    jar.add_cookie_header(asked)
    cookie = asked.get_header("Cookie")
    return [cookie] if cookie else []
