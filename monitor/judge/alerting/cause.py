"""Find common properties of the endpoints in a message. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from urllib.parse import urlsplit

from monitor.model import Cause, Endpoint, Entry, Kind

_SHARE = 0.8
"""A cause explains at least this share of the failures."""
_FAILURES = frozenset({Kind.DOWN, Kind.REMINDER})


def common_cause(
    entries: Collection[Entry],
    endpoints: Mapping[str, Endpoint],
    addresses: Mapping[str, str],
    describe: Callable[[str], str] = str,
) -> Cause | None:
    """The most specific thing that nearly all failures share; None for a single failure.

    ``addresses`` has the address of each endpoint's last check, by id. A trait that all endpoints
    share, such as its only group, explains nothing, but for the reason of the failures.
    """
    failures = [one for one in entries if one.kind in _FAILURES and one.endpoint in endpoints]
    if len(failures) < 2:
        return None
    failed = [endpoints[one.endpoint] for one in failures]
    views: dict[str, Callable[[Endpoint], Iterable[str]]] = {
        "dependency": lambda one: one.depends_on,
        "address": lambda one: _host_of_address(addresses.get(one.id, "")),
        "host": lambda one: _host(one.target),
        "group": lambda one: (one.group,) if one.group else (),
    }
    for kind, values in views.items():
        found = _shared(kind, map(values, failed), len(failed))
        if found and _is_telling(found, map(values, endpoints.values())):
            return Cause(kind=found.kind, value=describe(found.value), count=found.count)
    return _shared("reason", ((one.reason,) if one.reason else () for one in failures), len(failed))


def _shared(kind: str, values: Iterable[Iterable[str]], total: int) -> Cause | None:
    counts = Counter(value for of_one in values for value in of_one)
    for value, count in counts.most_common(1):
        if count >= 2 and count >= _SHARE * total:
            return Cause(kind=kind, value=str(value), count=count)
    return None


def _is_telling(cause: Cause, values: Iterable[Iterable[str]]) -> bool:
    having = [cause.value in of_one for of_one in values]
    return not all(having) or sum(having) == cause.count


def _host_of_address(address: str) -> tuple[str, ...]:
    host = address.rpartition(":")[0].strip("[]")
    return (host,) if host else ()


def _host(target: str) -> tuple[str, ...]:
    try:
        host = urlsplit(target).hostname
    except ValueError:
        return ()
    return (host,) if host else ()
