"""Tokens by client credentials (RFC 6749, 4.4), kept until they expire."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import replace
from urllib.parse import quote_plus, urlencode

from monitor.errors import LocalError, ProbeError
from monitor.model import Hop, Reason
from monitor.text import plain
from monitor.trace import Phase, Trace
from monitor.wire.auth import OAuth2
from monitor.wire.fetch import Route, fetch
from monitor.wire.messages import Request, Response
from monitor.wire.proxy import basic
from monitor.wire.urls import parse

_EARLY = 10.0
"""Seconds before its expiry from which a token is not used: a check takes time too."""
_DEFAULT_LIFE = 300.0
_LONGEST = 1 << 20
"""Limit of a token endpoint's answer in bytes; ``max_body`` is for the endpoint's own."""


class Tokens:
    """The tokens of one engine's checks."""

    def __init__(self) -> None:
        self._kept: dict[OAuth2, tuple[str, float]] = {}
        self.fetching: dict[OAuth2, asyncio.Future[str | ProbeError]] = {}
        """Requests in progress, shared by all checks that want the same token."""

    def valid(self, options: OAuth2) -> str | None:
        """The token, unless it has expired or there is none."""
        text, until = self._kept.get(options, (None, 0.0))
        return text if time.monotonic() < until else None

    def keep(self, options: OAuth2, text: str, seconds: float) -> None:
        """Keep a token that is valid for ``seconds``."""
        self._kept[options] = (text, time.monotonic() + seconds - _EARLY)

    def forget(self, options: OAuth2, text: str) -> None:
        """Drop the token ``text``, which the server refused; a newer one stays."""
        if self._kept.get(options, ("", 0.0))[0] == text:
            del self._kept[options]


async def token(options: OAuth2, route: Route, trace: Trace) -> str:
    """A token, kept or new; in the phase ``token``, and a hop of ``trace``, when it is new.

    Raises ProbeError: ``auth_error`` when the endpoint rejects the client, ``status_mismatch`` for
    any other status, ``protocol_error`` when it sends no token, and the network's errors.
    """
    tokens = trace.resources.of(Tokens)
    known = tokens.valid(options)
    if known is not None:
        return known
    trace.enter(Phase.TOKEN)
    while other := tokens.fetching.get(options):
        await asyncio.wait([other])
        if not other.cancelled():  # otherwise the check that fetched it gave up, and we fetch it
            trace.enter(None)
            return _taken(other.result())
    got = await _fetched_for_all(options, route, trace)
    trace.enter(None)
    return _taken(got)


def _taken(got: str | ProbeError) -> str:
    if isinstance(got, ProbeError):
        raise _error(got.reason, got.message)
    return got


async def _fetched_for_all(options: OAuth2, route: Route, trace: Trace) -> str | ProbeError:
    """Fetch a new token. The result, which may be the error, is shared with other waiting checks."""
    fetching = trace.resources.of(Tokens).fetching
    shared = fetching[options] = asyncio.get_running_loop().create_future()
    try:
        got: str | ProbeError = await _fetched(options, route, trace)
    except ProbeError as error:
        got = error.with_traceback(None)
    except BaseException:
        shared.cancel()
        raise
    finally:
        del fetching[options]
    shared.set_result(got)
    return got


async def _fetched(options: OAuth2, route: Route, trace: Trace) -> str:
    own = Trace(
        resources=trace.resources
    )  # another server: its address and certificate are not the endpoint's
    hop = Hop(asked=f"POST {parse(options.token_url)}", answered="no answer")
    trace.hops.append(hop)
    try:
        response = await _ask(options, route, own)
    except ProbeError as error:
        hop.answered = error.message
        raise _error(error.reason, f"token endpoint: {error.message}") from None
    hop.answered, hop.address, hop.latency_ms = response.line, own.address, own.latency_ms
    hop.certificate = own.certificates[-1] if own.certificates else None
    text, life = _read(response, options)
    trace.resources.of(Tokens).keep(options, text, life)
    return text


async def _ask(options: OAuth2, route: Route, trace: Trace) -> Response:
    """The token endpoint's answer. Some take the client's credentials in the form only."""
    route = replace(route, max_body=_LONGEST)
    response = await fetch(_request(options, in_form=options.client_secret_post), route, trace)
    if response.status not in (400, 401) or options.client_secret_post:
        return response
    other = await fetch(_request(options, in_form=True), route, trace)
    return other if other.status == 200 else response


def _error(reason: Reason, message: str) -> ProbeError:
    return LocalError(message) if reason is Reason.LOCAL_ERROR else ProbeError(reason, message)


def _request(options: OAuth2, *, in_form: bool) -> Request:
    form = {"grant_type": "client_credentials", "scope": options.scope, "audience": options.audience}
    client = quote_plus(options.client_id), quote_plus(options.client_secret)
    if in_form:
        form |= {"client_id": options.client_id, "client_secret": options.client_secret}
    headers = (
        *(() if in_form else (("Authorization", basic(*client)),)),
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Accept", "application/json"),
        ("Connection", "close"),
    )
    body = urlencode({name: text for name, text in form.items() if text}).encode()
    return Request(method="POST", url=parse(options.token_url), headers=headers, body=body)


def _read(response: Response, options: OAuth2) -> tuple[str, float]:
    where = f"token endpoint {parse(options.token_url)}"
    if response.status != 200:
        rejected = response.status in (400, 401, 403)
        reason = Reason.AUTH_ERROR if rejected else Reason.STATUS_MISMATCH
        raise ProbeError(reason, f"{where}: {response.line}{_why(response)}")
    try:
        document = json.loads(response.body)
        text, life = document["access_token"], document.get("expires_in")
        life = _DEFAULT_LIFE if life is None else float(life)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        raise ProbeError(Reason.PROTOCOL_ERROR, f"{where}: the answer holds no token") from None
    if not isinstance(text, str) or not text.isascii() or not text.isprintable():
        raise ProbeError(Reason.PROTOCOL_ERROR, f"{where}: the answer holds no usable token")
    return text, life


def _why(response: Response) -> str:
    """The error code of RFC 6749, 5.2, in brackets; empty where there is none."""
    try:
        code = json.loads(response.body)["error"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return ""
    return f" ({plain(code, 40)})" if isinstance(code, str) else ""
