"""Tokens by client credentials (RFC 6749, 4.4), kept until they expire."""

from __future__ import annotations

import json
import time
from urllib.parse import quote_plus, urlencode

from monitor.errors import LocalError, ProbeError
from monitor.model import Hop, Reason
from monitor.trace import Trace
from monitor.wire.auth import OAuth2
from monitor.wire.fetch import Route, fetch
from monitor.wire.messages import Request, Response
from monitor.wire.proxy import basic
from monitor.wire.urls import parse

_EARLY = 10.0
"""Seconds before its end that a token is no longer used: a check takes time too."""
_DEFAULT_LIFE = 300.0

_kept: dict[OAuth2, tuple[str, float]] = {}


def forget(options: OAuth2) -> None:
    """The server did not take the token that is kept."""
    _kept.pop(options, None)


async def token(options: OAuth2, route: Route, trace: Trace) -> str:
    """A token, kept or new; a hop of ``trace`` when it is new.

    Raises ProbeError: ``auth_error`` when the endpoint rejects the client, ``status_mismatch`` for
    any other status, ``protocol_error`` when it sends no token, and what the network says.
    """
    known = _kept.get(options)
    if known is not None and time.monotonic() < known[1]:
        return known[0]
    own = Trace()  # another server: its address and certificate are not the endpoint's
    hop = Hop(asked=f"POST {parse(options.token_url)}", answered="")
    trace.hops.append(hop)
    try:
        response = await fetch(_request(options), route, own)
    except ProbeError as error:
        hop.answered = error.message
        raise _told(error.reason, f"token endpoint: {error.message}") from None
    hop.answered, hop.address, hop.latency_ms = response.line, own.address, own.latency_ms
    hop.certificate = own.certificates[-1] if own.certificates else None
    text, life = _read(response, options)
    _kept[options] = (text, time.monotonic() + life - _EARLY)
    return text


def _told(reason: Reason, message: str) -> ProbeError:
    return LocalError(message) if reason is Reason.LOCAL_ERROR else ProbeError(reason, message)


def _request(options: OAuth2) -> Request:
    form = {"grant_type": "client_credentials"} | ({"scope": options.scope} if options.scope else {})
    headers = (
        ("Authorization", basic(quote_plus(options.client_id), quote_plus(options.client_secret))),
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Accept", "application/json"),
        ("Connection", "close"),
    )
    url = parse(options.token_url)
    return Request(method="POST", url=url, headers=headers, body=urlencode(form).encode())


def _read(response: Response, options: OAuth2) -> tuple[str, float]:
    where = f"token endpoint {parse(options.token_url)}"
    if response.status != 200:
        rejected = response.status in (400, 401, 403)
        reason = Reason.AUTH_ERROR if rejected else Reason.STATUS_MISMATCH
        raise ProbeError(reason, f"{where}: {response.line}")
    try:
        document = json.loads(response.body)
        text, life = document["access_token"], float(document.get("expires_in", _DEFAULT_LIFE))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise ProbeError(Reason.PROTOCOL_ERROR, f"{where}: the answer holds no token") from None
    if not isinstance(text, str) or not text.isascii() or not text.isprintable():
        raise ProbeError(Reason.PROTOCOL_ERROR, f"{where}: the answer holds no usable token")
    return text, life
