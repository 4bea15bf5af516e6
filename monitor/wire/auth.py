"""Saying who we are over HTTP: the ``auth`` table, Basic, Bearer and Digest (RFC 7617, 6750, 7616)."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from monitor import fields
from monitor.errors import FieldError
from monitor.wire.messages import Request, Response
from monitor.wire.urls import parse

_ALGORITHMS = {"md5": "md5", "sha-256": "sha256", "sha-512-256": "sha512_256", "sha": "sha1"}
_STRONGEST = ("sha-512-256", "sha-256", "sha", "md5")


@dataclass(frozen=True, kw_only=True)
class OAuth2:
    """The ``auth.oauth2`` table: client credentials (RFC 6749, 4.4)."""

    token_url: fields.Url = fields.key("Where to get a token.")
    client_id: str = fields.key("The client's id.")
    client_secret: str = fields.key("The client's secret.")
    scope: str | None = fields.key("What to ask for, separated by blanks.", default=None)

    def __post_init__(self) -> None:
        try:
            parse(self.token_url)
        except ValueError as error:
            raise FieldError("oauth2.token_url", f"is not a URL that can be asked: {error}") from None


@dataclass(frozen=True, kw_only=True)
class Auth:
    """The ``auth`` table: exactly one of its keys."""

    basic: tuple[str, ...] | None = fields.key(
        "User and password, sent with the first request.", default=None, example=["user", "${PASSWORD}"]
    )
    digest: tuple[str, ...] | None = fields.key(
        "User and password, proven when the server asks for it.", default=None
    )
    bearer: str | None = fields.key("A token.", default=None, example="${TOKEN}")
    oauth2: OAuth2 | None = fields.key(
        "Client credentials; the token is kept until it expires.", default=None
    )

    def __post_init__(self) -> None:
        given = [name for name in ("basic", "digest", "bearer", "oauth2") if getattr(self, name) is not None]
        if len(given) != 1:
            raise FieldError("auth", "takes exactly one of basic, digest, bearer and oauth2")
        pair = self.basic if self.digest is None else self.digest
        if pair is not None and len(pair) != 2:
            raise FieldError(f"auth.{given[0]}", "takes two strings: user and password")
        if self.bearer is not None and not self.bearer.isprintable():
            raise FieldError("auth.bearer", "may hold no line breaks or control characters")


def challenge(response: Response) -> Mapping[str, str] | None:
    """The strongest Digest challenge of a 401 that we can answer; None when there is none."""
    if response.status != 401:
        return None
    offers = [
        offer
        for name, value in response.headers
        if name == "www-authenticate" and (offer := _digest_challenge(value)) is not None
    ]
    offers.sort(key=lambda offer: _STRONGEST.index(_algorithm(offer)[0]))
    return offers[0] if offers else None


def _digest_challenge(value: str) -> Mapping[str, str] | None:
    from urllib.request import parse_http_list

    scheme, _, rest = value.strip().partition(" ")
    if scheme.lower() != "digest":
        return None
    pairs = (item.partition("=") for item in parse_http_list(rest))
    offer = {name.strip().lower(): text.strip().strip('"') for name, _, text in pairs}
    usable = "realm" in offer and "nonce" in offer and _algorithm(offer)[0] in _ALGORITHMS
    quality = [choice.strip() for choice in offer.get("qop", "auth").split(",")]
    return offer if usable and "auth" in quality else None


def _algorithm(offer: Mapping[str, str]) -> tuple[str, bool]:
    """The hash's name, and whether the session variant is wanted."""
    name = offer.get("algorithm", "MD5").lower()
    return name.removesuffix("-sess"), name.endswith("-sess")


def digest(request: Request, user: str, password: str, offer: Mapping[str, str], cnonce: str = "") -> str:
    """The ``Authorization`` that answers the challenge ``offer`` (RFC 7616, 3.4)."""
    algorithm, session = _algorithm(offer)
    cnonce = cnonce or secrets.token_hex(8)
    count = "00000001"

    def hashed(*parts: str) -> str:
        return hashlib.new(
            _ALGORITHMS[algorithm], ":".join(parts).encode(), usedforsecurity=False
        ).hexdigest()

    who = hashed(user, offer["realm"], password)
    if session:
        who = hashed(who, offer["nonce"], cnonce)
    what = hashed(request.method, request.url.target)
    said = {"username": user, "realm": offer["realm"], "nonce": offer["nonce"], "uri": request.url.target}
    said |= {name: offer[name] for name in ("opaque",) if name in offer}
    proof = (
        [who, offer["nonce"], count, cnonce, "auth", what] if "qop" in offer else [who, offer["nonce"], what]
    )
    said["response"] = hashed(*proof)
    bare = [f"algorithm={offer['algorithm']}"] if "algorithm" in offer else []
    if "qop" in offer:
        said["cnonce"] = cnonce
        bare += ["qop=auth", f"nc={count}"]
    quoted = [f'{name}="{_escaped(text)}"' for name, text in said.items()]
    return "Digest " + ", ".join(quoted + bare)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
