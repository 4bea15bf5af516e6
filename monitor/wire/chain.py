"""A peer's certificates: its own, the path above it, and unneeded ones.

Servers send more than is needed: an old cross-signed intermediate, the certificate from before the last
renewal. Only the verified path decides how long a certificate is valid.
"""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from monitor.model import Certificate
from monitor.wire.anchors import anchors_of
from monitor.wire.certificate import issued_itself, may_have_issued, parse

_DER = 2  # OpenSSL's X509_FILETYPE_ASN1
_LONGEST = 16
"""Limit of certificates in a path; real ones have three or four."""


def presented(session: ssl.SSLObject, *, accepted: bool) -> Certificate | None:
    """The peer's certificate with its path; None if it presented none.

    ``accepted``: the handshake is done. This works after a failed verification too, when
    ``getpeercert`` refuses: that is when an operator most wants to see it.
    """
    sent = _chain(session, "get_unverified_chain")
    if not sent:
        return None
    context = session.context
    if context.verify_mode is ssl.CERT_NONE:
        return certificate_of(sent, issuing((sent[0],), sent))
    built = _chain(session, "get_verified_chain") or (sent[0],)
    if accepted:
        return accepted_chain(sent, built, context)
    return certificate_of(sent, issuing(built, sent + anchors_of(context).lapsed))


class Chains(NamedTuple):
    """Certificates of a session, the server's own first."""

    sent: tuple[bytes, ...]
    verified: tuple[bytes, ...]


def chains_of(session: ssl.SSLObject) -> Chains:
    """The certificates that ``session`` received, and the path that OpenSSL verified."""
    return Chains(_chain(session, "get_unverified_chain"), _chain(session, "get_verified_chain"))


def _chain(
    session: ssl.SSLObject, method: Literal["get_unverified_chain", "get_verified_chain"]
) -> tuple[bytes, ...]:
    """Public from Python 3.13 on; the object behind has had both since 3.10, and has them in 3.14."""
    inner: Any = session._sslobj  # type: ignore[attr-defined]  # noqa: SLF001
    found: Sequence[Any] = (inner and getattr(inner, method)()) or ()
    return tuple(certificate.public_bytes(_DER) for certificate in found)


@lru_cache(maxsize=4096)
def accepted_chain(sent: tuple[bytes, ...], built: tuple[bytes, ...], context: ssl.SSLContext) -> Certificate:
    """The certificate on the path ``built`` by OpenSSL, or on another valid one that lasts longer."""
    if _may_last_longer(sent, built):
        from monitor.wire import verification

        built = verification.lasting(sent, built, context)
    return certificate_of(sent, built)


def _may_last_longer(sent: tuple[bytes, ...], built: tuple[bytes, ...]) -> bool:
    """Whether an issuer ends before the certificate itself; else no other path could do better."""
    return parse(sent[0]).not_after > ends(built)


def ends(path: Sequence[bytes]) -> float:
    """The earliest expiry in ``path``."""
    return min(parse(one).not_after for one in path)


@lru_cache(maxsize=4096)
def certificate_of(sent: tuple[bytes, ...], path: tuple[bytes, ...]) -> Certificate:
    """The first certificate of ``path`` with all that belongs to it. ValueError when it is garbage."""
    others = tuple(dict.fromkeys(one for one in sent if one not in path))
    return replace(
        parse(path[0]),
        issuers=tuple(map(parse, path[1:])),
        unneeded=tuple(filter(None, map(_or_none, others))),
    )


def _or_none(encoded: bytes) -> Certificate | None:
    try:
        return parse(encoded)
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def issuing(path: tuple[bytes, ...], sent: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """``path``, extended by its issuers among ``sent``; of several, the one that lasts longest."""
    while len(path) < _LONGEST and not issued_itself(path[-1]):
        above = [one for one in sent if one not in path and may_have_issued(one, path[-1])]
        if not above:
            break
        path = (*path, max(above, key=lambda one: parse(one).not_after))
    return path
