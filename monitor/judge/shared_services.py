"""Services that endpoints share without naming them: name servers and certificate authorities. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

from monitor.model import Certificate, Endpoint, Reason
from monitor.trace import Phase

_NO_ANSWER = frozenset({Reason.CONNECT_TIMEOUT, Reason.READ_TIMEOUT, Reason.CONNECTION_REFUSED})
_COMMON_NAME = re.compile(r"(?:^|[,+])CN=((?:\\.|[^\\,+])+)")


class Failure(NamedTuple):
    """An endpoint that is down, and why."""

    endpoint: str
    reason: Reason | None
    text: str = ""
    """The check's message."""


class Seen(NamedTuple):
    """Facts of an endpoint's last check."""

    address: str = ""
    certificate: Certificate | None = None
    at: float = 0.0
    """When the check began."""


# ── name servers ────────────────────────────────────────────────────────────────────────────────


def unresolved(failures: Iterable[Failure], endpoints: Mapping[str, Endpoint]) -> dict[str, str]:
    """Endpoint -> the name that this machine's name servers did not resolve, if that is why it failed."""
    failed = [(endpoints[one.endpoint], one) for one in failures]
    return {
        endpoint.id: name_of(endpoint)
        for endpoint, one in failed
        if resolves(endpoint) and _is_unresolved(endpoint, one)
    }


def _is_unresolved(endpoint: Endpoint, failure: Failure) -> bool:
    if failure.reason is Reason.DNS_ERROR:
        return True
    if endpoint.kind == "dns":
        return failure.reason in _NO_ANSWER
    return failure.reason is Reason.CONNECT_TIMEOUT and Phase.DNS.doing in failure.text


def resolves(endpoint: Endpoint) -> bool:
    """Whether the endpoint's checks ask this machine's name servers."""
    if endpoint.kind == "dns":
        return "server=" not in endpoint.target
    name = name_of(endpoint)
    return bool(name) and not _is_address(name)


def name_of(endpoint: Endpoint) -> str:
    """The host to which its checks connect: a proxy, ``connect_to``, or the target's own."""
    proxy = getattr(endpoint.probe, "proxy", None)
    dialled = getattr(endpoint.probe, "connect_to", None)
    url = proxy or (f"//{dialled}" if dialled else endpoint.target)
    return next(iter(host_of(url)), "")


@lru_cache(maxsize=4096)
def host_of(url: str) -> tuple[str, ...]:
    """The host of a URL, if it has one."""
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return ()
    return (host,) if host else ()


@lru_cache(maxsize=4096)
def _is_address(host: str) -> bool:
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


# ── certificate authorities ─────────────────────────────────────────────────────────────────────


def distrusted(failures: Iterable[Failure], seen: Mapping[str, Seen]) -> dict[str, tuple[str, ...]]:
    """The issuers of certificates that failed through no fault of their own, by endpoint."""
    known = ((one, seen[one.endpoint]) for one in failures if one.endpoint in seen)
    return {one.endpoint: issuers(last) for one, last in known if _accuses_issuer(one, last)}


def _accuses_issuer(failure: Failure, last: Seen) -> bool:
    """Whether the issuer is at fault: not if only the server's own certificate has expired."""
    if failure.reason is Reason.CERTIFICATE_UNTRUSTED:
        return True
    expired = last.certificate is not None and last.certificate.not_after <= last.at
    return failure.reason is Reason.CERTIFICATE_EXPIRED and not expired


def issuers(last: Seen | None) -> tuple[str, ...]:
    """The names of the authorities above a certificate, the nearest first; none if it signed itself."""
    own = last.certificate if last else None
    if own is None or own.issuer == own.subject:
        return ()
    return tuple(dict.fromkeys((own.issuer, *(above.issuer for above in own.issuers))))


def common_name(name: str) -> str:
    """The common name in a distinguished name, or all of it: ``R3`` of ``CN=R3,O=Let's Encrypt``."""
    found = _COMMON_NAME.search(name)
    return found[1] if found else name
