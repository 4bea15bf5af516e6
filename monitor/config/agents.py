"""Reduces a config to the needs of one location's agent: it has no other endpoints' secrets. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

_NOT_FOR_AGENTS = ("alerts", "maintenance", "dashboard")
_SETTINGS = ("max_concurrency", "connectivity")
"""The keys of ``[monitor]`` that an agent uses."""

Table = Mapping[str, Any]


class OtherLocation(dict[str, Any]):
    """An endpoint that this agent does not check: only its name matters."""


def for_location(tables: Iterable[Table], location: str) -> list[dict[str, Any]]:
    """The documents of one config, reduced to what ``location`` needs; ``${…}`` is not filled in yet."""
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
