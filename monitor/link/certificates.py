"""Messages about the endpoints' certificates."""

from __future__ import annotations

import msgspec


class GetCertificates(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Get the endpoints' certificates. Answer: :class:`Certificates`."""

    after: int = -1
    """Only endpoints with a greater handle."""


class CertificateInfo(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """A server's own certificate, from the endpoint's last check that received one."""

    handle: int
    fingerprint: str
    subject: str
    issuer: str
    names: tuple[str, ...] = ()
    more_names: int = 0
    """Number of names left out of ``names``."""
    not_before: float
    expires: float
    """The chain's earliest expiry, which is the one that matters."""
    ends_first: str = ""
    """The subject of the certificate that expires first; empty if it is the server's own."""


class Certificates(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """One page of certificates, ordered by handle."""

    certificates: tuple[CertificateInfo, ...]
    after: int | None = None
    """The next page begins after this handle; None on the last page."""
