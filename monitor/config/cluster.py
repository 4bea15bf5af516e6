"""The ``[cluster]`` table, the locations of endpoints, and the part of a config that one location needs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from monitor.config.convert import INVALID, Place, converted, described
from monitor.fields import FilePath, Url, key
from monitor.model import Cluster
from monitor.redact import shown
from monitor.text import plain
from monitor.wire.tls import TlsOptions

_LOCATION = re.compile(r"[A-Za-z0-9_-]{1,32}")
_SCHEMES = ("nats", "tls", "ws", "wss")
SHORTEST_INTERVAL = 1.0
"""Minimum interval in seconds at which JetStream repeats a message."""
_NOT_FOR_AGENTS = ("alerts", "maintenance", "dashboard")
_SETTINGS = ("max_concurrency", "connectivity")
"""The keys of ``[monitor]`` that an agent uses."""

Table = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class ClusterTable:
    """The ``[cluster]`` table."""

    nats: tuple[Url, ...] = key("URLs of the NATS servers.", example=["tls://nats-1.example.com:4222"])
    credentials: FilePath | None = key(
        "A .creds file, as `nsc` and `nats auth` make them.", default=None, example="monitor.creds"
    )
    user: str | None = key("Name to log in with, instead of credentials.", default=None)
    password: str | None = key("Password of `user`.", default=None, example="${NATS_PASSWORD}")
    tls: TlsOptions | None = key("TLS settings; also turns TLS on for nats:// URLs.", default=None)
    location: str | None = key(
        "This machine's location: it checks for it. Default: none; it only shows.", default=None, example="eu"
    )


def cluster(value: Any, place: Place) -> Cluster | None:
    """The settings in ``[cluster]``; complains of everything wrong in it."""
    if not isinstance(value, dict):
        place.complain(f"is {described(value)}; it must be a table, which begins with [cluster]")
        return None
    if find_spec("nats") is None:
        place.complain("needs the extra 'cluster': pip install 'monitor[cluster]'")
        return None
    found = converted(ClusterTable, value, place)
    if "nats" not in value:
        place.complain('lacks nats, as in nats = ["nats://127.0.0.1:4222"]')
    if "nats" not in value or INVALID in found.values():
        return None
    table = ClusterTable(**found)
    good = [
        _check_servers(table.nats, place.below("nats")),
        _check_login(table, place),
        table.location is None or check_location(table.location, place.below("location")),
    ]
    if not all(good):
        return None
    return Cluster(
        nats=table.nats,
        credentials=table.credentials or "",
        user=table.user or "",
        password=table.password or "",
        tls=table.tls,
        location=table.location or "",
    )


def _check_servers(urls: Sequence[str], place: Place) -> bool:
    if not urls:
        place.complain('names no server; write one as in ["nats://127.0.0.1:4222"]')
        return False
    good = [_check_server(url, place.below(at)) for at, url in enumerate(urls)]
    return all(good)


def _check_server(url: str, place: Place) -> bool:
    try:
        parts = urlsplit(url)
        known = parts.scheme in _SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        known = False
    if not known:
        place.complain(f'"{plain(shown(url))}" is no NATS server; write one as "tls://nats.example.com:4222"')
    return known


def _check_login(table: ClusterTable, place: Place) -> bool:
    if table.credentials is not None and table.user is not None:
        place.below("user").complain("is set beside credentials; leave one of the two out")
    elif table.password is not None and table.user is None:
        place.below("password").complain("is set without user; name the user that it belongs to")
    elif table.user is not None and table.password is None:
        place.below("user").complain("is set without password")
    else:
        return True
    return False


def check_location(name: str, place: Place) -> bool:
    """Whether ``name`` can be a location; complains if not."""
    if not is_location(name):
        place.complain(_not_a_location(name))
    return is_location(name)


def is_location(name: str) -> bool:
    """Whether ``name`` can be a location."""
    return _LOCATION.fullmatch(name) is not None


def _not_a_location(name: str) -> str:
    return f'"{plain(shown(name), 60)}" is no location; use letters, digits, "-" and "_", at most 32'


# ── the keys of endpoints ───────────────────────────────────────────────────────────────────────


def check_locations(
    common: Mapping[str, Any], complain: Callable[[str, str], object], cluster: Cluster | None
) -> None:
    """Complain of an endpoint's keys that contradict ``cluster``."""
    if cluster is None:
        for name in sorted({"locations", "quorum"} & common.keys()):
            complain(name, "needs the table [cluster]: without one, this machine checks alone")
        return
    locations: Sequence[str] = common.get("locations", ())
    for name in locations:
        if not is_location(name):
            complain("locations", _not_a_location(name))
    if len(set(locations)) < len(locations):
        complain("locations", "names a location twice")
    quorum = common.get("quorum")
    if isinstance(quorum, int) and locations and quorum > len(locations):
        complain("quorum", f"is more than there are locations ({len(locations)})")
    if common.get("interval", SHORTEST_INTERVAL) < SHORTEST_INTERVAL:
        complain("interval", "must be 1s or more in a cluster: NATS repeats no message faster")


class OtherLocation(dict[str, Any]):
    """An endpoint that this agent does not check: only its name matters."""


def for_location(tables: Iterable[Table], location: str) -> list[dict[str, Any]]:
    """The documents of one config, reduced to what ``location`` needs: it gets no other endpoints' secrets.

    ``${…}`` is not filled in yet.
    """
    documents = list(tables)
    defaults = documents[0].get("defaults") if documents else None
    groups: dict[str, Any] = {}
    for one in documents:
        groups |= _table(one.get("groups"))
    return [
        _reduced(one, _table(defaults) | _table(one.get("defaults")), groups, location) for one in documents
    ]


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _reduced(document: Table, defaults: Table, groups: Table, location: str) -> dict[str, Any]:
    kept = {key: value for key, value in document.items() if key not in _NOT_FOR_AGENTS}
    if isinstance(kept.get("monitor"), dict):
        kept["monitor"] = {key: value for key, value in kept["monitor"].items() if key in _SETTINGS}
    if isinstance(kept.get("endpoints"), list):
        kept["endpoints"] = [
            one if _is_checked(one, defaults, groups, location) else OtherLocation(_named(one))
            for one in kept["endpoints"]
        ]
    return kept


def _is_checked(endpoint: Any, defaults: Table, groups: Table, location: str) -> bool:
    """Whether ``location`` checks an endpoint; true for an invalid one, so that its problems are reported."""
    if not isinstance(endpoint, dict):
        return True
    if str(endpoint.get("url", "")).startswith("push:"):
        return False
    group = endpoint.get("group", defaults.get("group"))
    layers = (endpoint, _table(groups.get(group)) if isinstance(group, str) else {}, defaults)
    locations = next((layer["locations"] for layer in layers if "locations" in layer), None)
    if isinstance(locations, str):
        return locations == location
    return not isinstance(locations, list) or not locations or location in locations


def _named(endpoint: Table) -> dict[str, Any]:
    return {key: endpoint[key] for key in ("name", "url") if key in endpoint}
