"""Certificates as the peer presented them, whether they verify or not."""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from monitor.model import Certificate

_DER = 2  # OpenSSL's X509_FILETYPE_ASN1


def presented(sock: ssl.SSLSocket) -> Certificate | None:
    """The peer's certificate with its chain's earliest expiry; None when it showed none.

    Works after a failed verification too, when ``getpeercert`` refuses: that is when an operator
    most wants to see it. The method became public in Python 3.13; the object behind has had it
    since 3.10.
    """
    chain = [certificate.public_bytes(_DER) for certificate in _chain(sock)]
    return from_chain(chain) if chain else None


def _chain(sock: ssl.SSLSocket) -> Sequence[Any]:
    inner: Any = sock._sslobj  # type: ignore[attr-defined]  # noqa: SLF001
    return (inner and inner.get_unverified_chain()) or ()


def from_chain(chain: Sequence[bytes]) -> Certificate:
    """The certificate that ``chain`` (DER, leaf first) tells of. ValueError when it is garbage."""
    leaf = parse(chain[0])
    earliest = min(parse(der).not_after for der in chain)
    return leaf if earliest == leaf.not_after else replace(leaf, chain_not_after=earliest)


@lru_cache(maxsize=4096)
def parse(der: bytes) -> Certificate:
    """One certificate, decoded once however often it is seen. ValueError when it is garbage."""
    from cryptography import x509

    certificate = x509.load_der_x509_certificate(der)
    return Certificate(
        subject=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
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
    return tuple(str(name.value) for name in names)
