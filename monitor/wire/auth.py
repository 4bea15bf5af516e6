"""HTTP authentication: the ``auth`` table, Basic, Bearer and Digest (RFC 7617, 6750, 7616)."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from monitor import fields
from monitor.errors import FieldError
from monitor.wire.messages import Request, Response
from monitor.wire.urls import parse

_ALGORITHMS = {"md5": "md5", "sha-256": "sha256", "sha-512-256": "sha512_256", "sha": "sha1"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_STRONGEST = ("sha-512-256", "sha-256", "sha", "md5")
_TOKEN = r"[^\s,=\"]+"  # noqa: S105 -- a pattern
_PART = re.compile(
    rf"[\s,]*(?:(?P<name>{_TOKEN})\s*=\s*(?:\"(?P<quoted>(?:[^\"\\]|\\.)*)\"?|(?P<bare>[^\s,]*))"
    rf"|(?P<scheme>{_TOKEN})(?:[ \t]+(?P<word>[A-Za-z0-9._~+/-]+=*)(?=\s*(?:,|$)))?)",
    re.DOTALL,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_MOST = 32
"""Limit of challenges and parameters to read."""


@dataclass(frozen=True, kw_only=True)
class OAuth2:
    """The ``auth.oauth2`` table: client credentials (RFC 6749, 4.4)."""

    token_url: fields.Url = fields.key("URL of the token endpoint.")
    client_id: str = fields.key("The client's id.")
    client_secret: str = fields.key("The client's secret.")
    scope: str | None = fields.key("Scopes to request, separated by blanks.", default=None)
    audience: str | None = fields.key(
        "Audience of the token, if the token endpoint needs it.",
        default=None,
        example="https://api.example.com",
    )
    client_secret_post: bool = fields.key(
        "Send the client's id and secret in the form; otherwise only if Basic is refused.",
        default=False,
    )

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
        "User and password, for the server's Digest challenge.", default=None
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
        if self.basic is not None and ":" in self.basic[0]:
            raise FieldError(
                "auth.basic", "has a colon in the user: the server would take it for the user's end"
            )
        if self.bearer is not None and not self.bearer.isprintable():
            raise FieldError("auth.bearer", "may hold no line breaks or control characters")


def challenge(response: Response) -> Mapping[str, str] | None:
    """The strongest supported Digest challenge of a 401; None if there is none."""
    if response.status != 401:
        return None
    values = [value for name, value in response.headers if name == "www-authenticate"]
    offers = [one.parameters for one in parse_challenges(values) if one.scheme == "digest"]
    return min(filter(_is_usable, offers), key=_weakness, default=None)


def _is_usable(offer: Mapping[str, str]) -> bool:
    known = "realm" in offer and "nonce" in offer and _algorithm(offer)[0] in _ALGORITHMS
    clean = not any(_CONTROL.search(value) for value in offer.values())  # they would end up in our request
    return known and clean and ("qop" not in offer or _quality(offer) is not None)


def _weakness(offer: Mapping[str, str]) -> int:
    return _STRONGEST.index(_algorithm(offer)[0])


def _algorithm(offer: Mapping[str, str]) -> tuple[str, bool]:
    """The hash's name, and whether the session variant is wanted."""
    name = offer.get("algorithm", "MD5").lower()
    return name.removesuffix("-sess"), name.endswith("-sess")


def _quality(offer: Mapping[str, str]) -> str | None:
    """``auth`` or ``auth-int``, preferring the simpler one; None for older or unknown ones."""
    offered = [choice.strip().lower() for choice in offer.get("qop", "").split(",")]
    return next((quality for quality in ("auth", "auth-int") if quality in offered), None)


def digest(request: Request, user: str, password: str, offer: Mapping[str, str], cnonce: str = "") -> str:
    """The ``Authorization`` that answers the challenge ``offer`` (RFC 7616, 3.4).

    Texts are as in a header: a character stands for a byte.
    """
    algorithm, session = _algorithm(offer)
    quality = _quality(offer)
    cnonce = cnonce or secrets.token_hex(8)
    count = "00000001"

    def hashed(*parts: str) -> str:
        return _hash(algorithm, ":".join(parts).encode("latin-1"))

    user, password = (text.encode().decode("latin-1") for text in (user, password))
    who = hashed(user, offer["realm"], password)
    if session:
        who = hashed(who, offer["nonce"], cnonce)
    what = [request.method, request.url.target]
    what += [_hash(algorithm, request.body)] if quality == "auth-int" else []
    said = {"username": user, "realm": offer["realm"], "nonce": offer["nonce"], "uri": request.url.target}
    said |= {name: offer[name] for name in ("opaque",) if name in offer}
    middle = [offer["nonce"], count, cnonce, quality] if quality else [offer["nonce"]]
    said["response"] = hashed(who, *middle, hashed(*what))
    bare = [f"algorithm={offer['algorithm']}"] if "algorithm" in offer else []
    if quality or session:
        said["cnonce"] = cnonce
    bare += [f"qop={quality}", f"nc={count}"] if quality else []
    quoted = [f'{name}="{_escaped(text)}"' for name, text in said.items()]
    return "Digest " + ", ".join(quoted + bare)


def _hash(algorithm: str, data: bytes) -> str:
    return hashlib.new(_ALGORITHMS[algorithm], data, usedforsecurity=False).hexdigest()


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


@dataclass
class Challenge:
    """One scheme and its parameters, both in lower case."""

    scheme: str
    parameters: dict[str, str] = field(default_factory=dict)


def parse_challenges(values: Iterable[str]) -> list[Challenge]:
    """The challenges (RFC 9110, 11.6.1) that can be read in these headers; each may hold several."""
    return [challenge for value in values for challenge in _parse_one(value)]


def _parse_one(value: str) -> list[Challenge]:
    challenges: list[Challenge] = []
    at = 0
    for _ in range(_MOST):
        found = _PART.match(value, at)
        if found is None:
            break
        at = found.end()
        if found["scheme"]:
            challenges.append(Challenge(found["scheme"].lower()))
        elif challenges:
            quoted = found["quoted"]
            said = found["bare"] if quoted is None else _ESCAPED.sub(r"\1", quoted)
            challenges[-1].parameters.setdefault(found["name"].lower(), said)
    return challenges
