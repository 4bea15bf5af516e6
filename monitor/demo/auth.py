"""HTTP temperaments that want to know who asks: basic, bearer, digest (RFC 7616), OAuth 2 (RFC 6749)."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote_plus
from urllib.request import parse_http_list, parse_keqv_list

from monitor.demo.http import Exchange, Request, Route

USER, PASSWORD = "demo", "open sesame"
TOKEN = "demo-token"  # noqa: S105
_REALM, _NONCE = "monitor demo", "5f3a9c"
_BASIC = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()


async def basic(exchange: Exchange) -> None:
    welcome = exchange.request.headers.get("authorization") == _BASIC
    await _answer(exchange, welcome, f'Basic realm="{_REALM}"')


async def bearer(exchange: Exchange) -> None:
    welcome = exchange.request.headers.get("authorization") == f"Bearer {TOKEN}"
    await _answer(exchange, welcome, f'Bearer realm="{_REALM}"')


async def digest(exchange: Exchange) -> None:
    """``?algorithm=`` MD5 (default) or SHA-256."""
    algorithm = exchange.request.query.get("algorithm", "MD5")
    challenge = f'Digest realm="{_REALM}", nonce="{_NONCE}", qop="auth", algorithm={algorithm}'
    await _answer(exchange, _digest_holds(exchange.request, algorithm), challenge)


def _digest_holds(request: Request, algorithm: str) -> bool:
    scheme, _, said = request.headers.get("authorization", "").partition(" ")
    if scheme != "Digest":
        return False
    given = parse_keqv_list(parse_http_list(said))

    def hashed(*parts: str) -> str:
        return hashlib.new(algorithm.replace("-", ""), ":".join(parts).encode()).hexdigest()

    who = hashed(USER, _REALM, PASSWORD)
    what = hashed(request.method, given.get("uri", ""))
    middle = (given.get("nonce", ""), given.get("nc", ""), given.get("cnonce", ""), given.get("qop", ""))
    return given.get("uri") == request.target and given.get("response") == hashed(who, *middle, what)


async def _answer(exchange: Exchange, welcome: bool, challenge: str) -> None:
    if welcome:
        await exchange.send()
    else:
        await exchange.send(401, b"who are you?\n", (("WWW-Authenticate", challenge),))


async def token(exchange: Exchange) -> None:
    """The client credentials grant; the credentials may be in the header or in the body."""
    said = dict(parse_qsl(exchange.request.body.decode("latin-1")))
    in_body = (said.get("client_id"), said.get("client_secret")) == (USER, PASSWORD)
    known = in_body or _client(exchange.request) == (USER, PASSWORD)
    if known and said.get("grant_type") == "client_credentials":
        status, document = 200, {"access_token": TOKEN, "token_type": "Bearer", "expires_in": 60}
    else:
        status, document = 401, {"error": "invalid_client"}
    await exchange.send(status, json.dumps(document).encode(), (("Content-Type", "application/json"),))


def _client(request: Request) -> tuple[str, ...]:
    """Id and secret of the header, which are form-encoded before they become Basic (RFC 6749, 2.3.1)."""
    _, _, coded = request.headers.get("authorization", "").partition(" ")
    return tuple(map(unquote_plus, base64.b64decode(coded).decode("latin-1").split(":", 1)))


AUTH: Mapping[str, Route] = {
    "/auth/basic": basic,
    "/auth/bearer": bearer,
    "/auth/digest": digest,
    "/oauth2/token": token,
}
"""Path -> temperament."""
