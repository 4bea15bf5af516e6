"""Find common properties of endpoints that failed together. Pure.

Messages, incidents and reports use the same function, so that they name the same cause.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import NamedTuple

from monitor.judge.shared_services import (
    Failure,
    Seen,
    common_name,
    distrusted,
    host_of,
    issuers,
    resolves,
    unresolved,
)
from monitor.model import Cause, Endpoint

_SHARE = 0.8
"""A cause explains at least this share of the failures."""
_FAILING_SHARE = 0.5
"""At least this share of the endpoints with the property must fail; otherwise the others disprove it."""


class _Property(NamedTuple):
    """A property that endpoints may share."""

    kind: str
    values: Callable[[Endpoint], Iterable[str]]
    """The values that an endpoint has."""
    blamed: Mapping[str, Iterable[str]] | None = None
    """Endpoint -> the values that its failure accuses; None: a failure accuses all values of its endpoint."""


class Finding(NamedTuple):
    """A common cause, and the endpoints whose failures it explains."""

    cause: Cause
    endpoints: frozenset[str]


def common_cause(
    failures: Collection[Failure],
    endpoints: Mapping[str, Endpoint],
    seen: Mapping[str, Seen],
    describe: Callable[[str], str] = str,
    resolver: str = "",
) -> Finding | None:
    """The most specific property that nearly all failures share; None for a single failure.

    ``seen`` has the facts of the last checks, by endpoint; ``resolver`` names this machine's name servers,
    or is empty if other machines check too. A property that all endpoints share, such as their only group,
    explains nothing, but for the reason of the failures.
    """
    known = {one.endpoint: one for one in failures if one.endpoint in endpoints}
    if len(known) < 2:
        return None
    failed = [endpoints[id] for id in known]
    for one in _properties(known, endpoints, seen, resolver):
        found = _shared(one.kind, {each.id: _accused(one, each) for each in failed})
        if found and _is_telling(found.cause, one, endpoints.values()):
            return Finding(_described(found.cause, describe), found.endpoints)
    return _shared("reason", {id: (one.reason,) if one.reason else () for id, one in known.items()})


def _properties(
    known: Mapping[str, Failure], endpoints: Mapping[str, Endpoint], seen: Mapping[str, Seen], resolver: str
) -> Iterator[_Property]:
    """Whatever endpoints may share, the most specific first."""
    addresses = {id: one.address for id, one in seen.items()}
    yield _Property("dependency", lambda one: one.depends_on)
    if accused := distrusted(known.values(), seen):
        yield _Property("issuer", lambda one: issuers(seen.get(one.id)), accused)
    hosts = unresolved(known.values(), endpoints) if resolver else {}
    if len(set(hosts.values())) > 1:
        servers = dict.fromkeys(hosts, (resolver,))
        yield _Property("resolver", lambda one: (resolver,) if resolves(one) else (), servers)
    yield _Property("address", lambda one: _host_of_address(addresses.get(one.id, "")))
    yield _Property("host", lambda one: host_of(one.target))
    yield _Property("group", lambda one: (one.group,) if one.group else ())
    yield _Property("network", lambda one: _network(addresses.get(one.id, "")))


def _accused(one: _Property, endpoint: Endpoint) -> tuple[str, ...]:
    return tuple(one.values(endpoint) if one.blamed is None else one.blamed.get(endpoint.id, ()))


def _described(cause: Cause, describe: Callable[[str], str]) -> Cause:
    value = common_name(cause.value) if cause.kind == "issuer" else cause.value
    return Cause(kind=cause.kind, value=describe(value), count=cause.count)


def _shared(kind: str, values: Mapping[str, Iterable[str]]) -> Finding | None:
    """The most frequent value, if nearly all failures have it; ``values`` by endpoint."""
    counts = Counter(value for of_one in values.values() for value in of_one)
    for value, count in counts.most_common(1):
        if count >= 2 and count >= _SHARE * len(values):
            having = frozenset(id for id, of_one in values.items() if value in of_one)
            return Finding(Cause(kind=kind, value=str(value), count=count), having)
    return None


def _is_telling(cause: Cause, one: _Property, endpoints: Iterable[Endpoint]) -> bool:
    """Whether the property distinguishes the failed endpoints from the healthy ones."""
    having = [cause.value in one.values(each) for each in endpoints]
    if cause.count < _FAILING_SHARE * sum(having):
        return False
    # Failures can accuse a resolver or an issuer even if all endpoints share it.
    return one.blamed is not None or not all(having) or sum(having) == cause.count


def _host_of_address(address: str) -> tuple[str, ...]:
    host = address.rpartition(":")[0].strip("[]")
    return (host,) if host else ()


@lru_cache(maxsize=4096)
def _network(address: str) -> tuple[str, ...]:
    """The /24 or /64 around an address."""
    for host in _host_of_address(address):
        try:
            bits = 24 if ip_address(host).version == 4 else 64
            return (str(ip_network(f"{host}/{bits}", strict=False)),)
        except ValueError:
            return ()
    return ()
