"""Find common properties of endpoints that failed together. Pure.

Messages, incidents and reports use the same function, so that they name the same cause.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import NamedTuple
from urllib.parse import urlsplit

from monitor.model import Cause, Endpoint, Reason

_SHARE = 0.8
"""A cause explains at least this share of the failures."""
_FAILING_SHARE = 0.5
"""At least this share of the endpoints with the property fail: otherwise the others disprove it."""
_Views = Mapping[str, Callable[[Endpoint], Iterable[str]]]


class Failure(NamedTuple):
    """An endpoint that is down, and why."""

    endpoint: str
    reason: Reason | None


class Finding(NamedTuple):
    """A common cause, and the endpoints whose failures it explains."""

    cause: Cause
    endpoints: frozenset[str]


def common_cause(
    failures: Collection[Failure],
    endpoints: Mapping[str, Endpoint],
    addresses: Mapping[str, str],
    describe: Callable[[str], str] = str,
) -> Finding | None:
    """The most specific property that nearly all failures share; None for a single failure.

    ``addresses`` has the address of each endpoint's last check, by id. A property that all endpoints
    share, such as their only group, explains nothing, but for the reason of the failures.
    """
    known = {one.endpoint: one for one in failures if one.endpoint in endpoints}
    if len(known) < 2:
        return None
    failed = [endpoints[id] for id in known]
    for kind, values in _views(addresses).items():
        found = _shared(kind, {one.id: tuple(values(one)) for one in failed})
        if found and _is_telling(found.cause, map(values, endpoints.values())):
            cause = found.cause
            return Finding(Cause(kind=kind, value=describe(cause.value), count=cause.count), found.endpoints)
    return _shared("reason", {id: (one.reason,) if one.reason else () for id, one in known.items()})


def _views(addresses: Mapping[str, str]) -> _Views:
    """The properties of an endpoint, the most specific first."""
    return {
        "dependency": lambda one: one.depends_on,
        "address": lambda one: _host_of_address(addresses.get(one.id, "")),
        "host": lambda one: _host(one.target),
        "group": lambda one: (one.group,) if one.group else (),
        "network": lambda one: _network(addresses.get(one.id, "")),
    }


def _shared(kind: str, values: Mapping[str, Iterable[str]]) -> Finding | None:
    """The most frequent value, if nearly all failures have it; ``values`` by endpoint."""
    counts = Counter(value for of_one in values.values() for value in of_one)
    for value, count in counts.most_common(1):
        if count >= 2 and count >= _SHARE * len(values):
            having = frozenset(id for id, of_one in values.items() if value in of_one)
            return Finding(Cause(kind=kind, value=str(value), count=count), having)
    return None


def _is_telling(cause: Cause, values: Iterable[Iterable[str]]) -> bool:
    """Whether the property tells the failed endpoints from those that are fine."""
    having = [cause.value in of_one for of_one in values]
    return cause.count >= _FAILING_SHARE * sum(having) and (not all(having) or sum(having) == cause.count)


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


@lru_cache(maxsize=4096)
def _host(target: str) -> tuple[str, ...]:
    try:
        host = urlsplit(target).hostname
    except ValueError:
        return ()
    return (host,) if host else ()
