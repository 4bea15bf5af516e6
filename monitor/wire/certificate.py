"""Certificates as the peer presented them, whether they verify or not."""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import islice
from typing import Any

from monitor.model import Certificate
from monitor.text import plain

_DER = 2  # OpenSSL's X509_FILETYPE_ASN1
_NAME_LIMIT = 500
_NAMES_LIMIT = 200


def presented(session: ssl.SSLObject) -> Certificate | None:
    """The peer's certificate with those of its issuers; None when it showed none.

    Works after a failed verification too, when ``getpeercert`` refuses: that is when an operator
    most wants to see it. The method became public in Python 3.13; the object behind has had it
    since 3.10.
    """
    chain = tuple(certificate.public_bytes(_DER) for certificate in _chain(session))
    try:
        return from_chain(chain) if chain else None
    except ValueError:  # OpenSSL reads some that are not quite in order
        return None


def _chain(session: ssl.SSLObject) -> Sequence[Any]:
    inner: Any = session._sslobj  # type: ignore[attr-defined]  # noqa: SLF001
    return (inner and inner.get_unverified_chain()) or ()


@lru_cache(maxsize=4096)
def from_chain(chain: tuple[bytes, ...]) -> Certificate:
    """The certificate that ``chain`` (DER, leaf first) tells of. ValueError when it is garbage."""
    leaf, *issuers = map(parse, chain)
    return replace(leaf, issuers=tuple(issuers)) if issuers else leaf


@lru_cache(maxsize=4096)
def parse(der: bytes) -> Certificate:
    """One certificate, decoded once however often it is seen. ValueError when it is garbage."""
    from cryptography import x509

    certificate = x509.load_der_x509_certificate(der)
    return Certificate(
        subject=plain(certificate.subject.rfc4514_string(), _NAME_LIMIT),
        issuer=plain(certificate.issuer.rfc4514_string(), _NAME_LIMIT),
        not_before=certificate.not_valid_before_utc.timestamp(),
        not_after=certificate.not_valid_after_utc.timestamp(),
        names=_names(certificate),
        fingerprint=hashlib.sha256(der).hexdigest(),
    )


def _names(certificate: Any) -> tuple[str, ...]:
    from cryptography import x509

    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return ()
    return tuple(plain(str(name.value)) for name in islice(names, _NAMES_LIMIT))
