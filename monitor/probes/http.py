"""HTTP and HTTPS: one exchange, or as many as redirects and challenges take."""

from __future__ import annotations

import json as json_module
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, ClassVar

from monitor import __version__
from monitor.errors import FieldError, ProbeError
from monitor.fields import Json, Size, Url, key
from monitor.judge.expectations import (
    BODY,
    CERTIFICATE,
    HEADERS,
    HTTP_VERSION,
    JSON,
    LATENCY,
    STATUS,
    Expectation,
)
from monitor.model import Reason
from monitor.probe import BaseProbe
from monitor.probes._web import TOKEN, check_headers
from monitor.redact import shown, without_any_password
from monitor.trace import ANSWER_LIMIT, Trace
from monitor.wire import coding, quic, urls
from monitor.wire import proxy as proxies
from monitor.wire.auth import Auth
from monitor.wire.browse import Browser, browse
from monitor.wire.charset import detect
from monitor.wire.fetch import SAFE_TO_REPEAT, HttpVersion, Route, prepare
from monitor.wire.messages import Headers, Request, Response, overlaid, standard_method
from monitor.wire.resolve import IpVersion
from monitor.wire.tls import DEFAULT, TlsOptions


@dataclass(frozen=True, kw_only=True)
class Http(BaseProbe):
    """Makes an HTTP request over a fresh connection and reads the answer."""

    kind: ClassVar[str] = "http"
    schemes: ClassVar[tuple[str, ...]] = ("http", "https")
    expectations: ClassVar[Mapping[str, Expectation]] = {
        "status": STATUS,
        "latency": LATENCY,
        "body": BODY,
        "headers": HEADERS,
        "json": JSON,
        "certificate": CERTIFICATE,
        "http_version": HTTP_VERSION,
    }
    default_expect: ClassVar[Mapping[str, Any]] = {"status": "2xx"}

    method: str = key(
        "The request's method; a standard one is sent in upper case.", default="GET", example="POST"
    )
    headers: Mapping[str, str] | None = key(
        "Headers to send; they replace our own of the same name.", default=None, example={"X-Team": "shop"}
    )
    body: str | None = key("The request's body, sent as UTF-8.", default=None)
    json: Json = key("The request's body, sent as JSON.", default=None, example={"ping": True})
    follow_redirects: bool = key(
        "Whether to follow redirects, or to judge the redirect itself.", default=True
    )
    max_redirects: int = key("Limit of redirects.", default=10)
    http_version: HttpVersion = key(
        "`auto` offers HTTP/2 and HTTP/1.1 over TLS and speaks 1.1 without; `2` and `3` insist.",
        default="auto",
    )
    ip_version: IpVersion = key("Address family to connect over.", default="auto")
    proxy: Url | None = key(
        "Proxy (http:// or socks5://), which resolves the name. Proxies from the environment are ignored.",
        default=None,
        example="http://proxy:3128",
    )
    no_proxy: tuple[str, ...] = key(
        "Hosts to reach without the proxy: names with their subdomains, addresses, networks, or `*`.",
        default=(),
        example=["internal.example.com", "10.0.0.0/8"],
    )
    connect_to: str | None = key(
        "Address to connect to instead of the URL's host, which stays in Host and SNI; not for redirects.",
        default=None,
        example="10.0.0.5:8443",
    )
    max_body: Size = key(
        "Limit of the answer's body in bytes, decompressed; the rest is not read.", default=1 << 20
    )
    strict_http: bool = key(
        "Whether violations of HTTP that browsers tolerate make a check fail.", default=False
    )
    auth: Auth | None = key("Credentials, for the URL's own origin only.", default=None)
    tls: TlsOptions = key("TLS settings.", default=DEFAULT)
    reuse_connection: bool = key(
        "Keep the connection for the next check (HTTP/1.1), instead of testing a fresh one.", default=False
    )

    def __post_init__(self) -> None:
        self._check_values()
        _ = self._request, self._browser  # report their problems now

    def _check_values(self) -> None:
        if not TOKEN.fullmatch(self.method):
            raise FieldError("method", f"{shown(self.method)!r} is no method; write GET, HEAD, POST …")
        if self.body is not None and self.json is not None:
            raise FieldError("json", "is set beside body; a request has one body")
        if self.max_redirects < 0:
            raise FieldError("max_redirects", "must be 0 or more")
        if self.max_body < 0:
            raise FieldError("max_body", "must be 0 or more")
        if self.reuse_connection and self.http_version in ("2", "3"):
            raise FieldError(
                "reuse_connection", 'works with HTTP/1.1 only; take http_version = "1.1" or "auto"'
            )
        if self.http_version == "3":
            self._check_http3()
        check_headers(self.headers or {})

    def _check_http3(self) -> None:
        if self._url.scheme != "https":
            raise FieldError("http_version", "HTTP/3 is always encrypted; write an https:// URL")
        if self.proxy is not None:
            raise FieldError("proxy", "cannot be used with HTTP/3, which goes over UDP")
        if not quic.installed():
            raise FieldError("http_version", "HTTP/3 needs the extra http3: pip install 'monitor[http3]'")

    @property
    def repeatable(self) -> bool:
        return self._request.method in SAFE_TO_REPEAT and not self.reuse_connection

    def prepare(self) -> None:
        prepare(self._url, self._browser.route)
        coding.load()

    async def check(self, trace: Trace) -> str:
        trace.asked = self._asked
        response = await browse(self._request, self._browser, trace)
        _note(response, trace)
        trace.facts["cut"] = len(response.body) == self.max_body
        if self.strict_http and trace.notes:
            raise ProbeError(Reason.PROTOCOL_ERROR, f"the answer breaks HTTP: {trace.notes[0]}")
        return response.line

    # ── what stays the same from check to check ─────────────────────────────────────────────────

    @cached_property
    def _url(self) -> urls.Url:
        try:
            return urls.parse(self.url)
        except ValueError as error:
            seen = without_any_password(shown(self.url))
            raise FieldError("url", f"{seen!r} cannot be asked over HTTP: {error}") from None

    @cached_property
    def _request(self) -> Request:
        method = standard_method(self.method)
        request = Request(method=method, url=self._url, headers=self._all_headers(), body=self._body_bytes())
        _ = request.http1
        return request

    @cached_property
    def _browser(self) -> Browser:
        route = Route(
            tls=self.tls,
            http_version=self.http_version,
            ip_version=self.ip_version,
            proxy=self._proxy(),
            no_proxy=self.no_proxy,
            dial=self._dial(),
            home=self._url.origin,
            reuse=self.reuse_connection,
            max_body=self.max_body,
        )
        return Browser(
            route=route,
            auth=self.auth,
            follow=self.follow_redirects,
            max_redirects=self.max_redirects,
            shown_url=self.target,
        )

    @cached_property
    def _asked(self) -> str:
        version = self.http_version if self.http_version in ("2", "3") else "1.1"
        return self._request.as_text(version, self.target)

    def _proxy(self) -> proxies.Proxy | None:
        try:
            return None if self.proxy is None else proxies.parse(self.proxy)
        except ValueError as error:
            raise FieldError("proxy", f"{without_any_password(shown(self.proxy or ''))!r} {error}") from None

    def _dial(self) -> tuple[str, int] | None:
        if self.connect_to is None:
            return None
        try:
            return urls.host_and_port(self.connect_to, self._url.port)
        except ValueError:
            text = f'{shown(self.connect_to)!r} is no address; write one such as "10.0.0.5:8443"'
            raise FieldError("connect_to", text) from None

    def _all_headers(self) -> Headers:
        own = tuple((self.headers or {}).items())
        special = (
            *self._authorization(),
            *((("Content-Type", "application/json"),) if self.json is not None else ()),
        )
        usual = _usual(self.reuse_connection)
        if not own and not special:
            return usual
        host = tuple(pair for pair in own if pair[0].lower() == "host")
        rest = tuple(pair for pair in own if pair[0].lower() != "host")
        return (*host, *overlaid((*usual, *special), rest))

    def _authorization(self) -> Headers:
        if self.auth is not None and self.auth.basic is not None:
            return (("Authorization", proxies.basic(*self.auth.basic)),)
        if self.auth is not None and self.auth.bearer is not None:
            return (("Authorization", f"Bearer {self.auth.bearer}"),)
        if self.auth is None and self._url.user is not None:
            return (("Authorization", proxies.basic(self._url.user, self._url.password)),)
        return ()

    def _body_bytes(self) -> bytes:
        if self.json is None:
            return (self.body or "").encode()
        try:
            return json_module.dumps(self.json, ensure_ascii=False, allow_nan=False).encode()
        except (TypeError, ValueError) as error:
            raise FieldError("json", f"cannot be sent as JSON: {error}") from None


@cache
def _usual(reuse: bool) -> Headers:
    """The default headers; one shared object, as thousands of endpoints may keep it."""
    agent, kept = f"monitor/{__version__}", () if reuse else (("Connection", "close"),)
    return (("User-Agent", agent), ("Accept", "*/*"), ("Accept-Encoding", coding.accepted()), *kept)


def _note(response: Response, trace: Trace) -> None:
    """The facts for ``expect`` and ``warn``, and for the operator."""
    headers = response.headers_joined()
    charset = detect(response.body, headers.get("content-type", ""))
    facts = trace.facts
    facts["status"] = response.status
    facts["headers"] = headers
    facts["body"] = response.body
    facts["charset"] = charset
    facts["http_version"] = response.version
    trace.answer = response.as_text(charset, ANSWER_LIMIT)
