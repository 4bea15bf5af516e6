"""The config's JSON Schema, for completion and checking in editors.

Made from the same tables that a config is checked by: the fields of dataclasses, and each kind's
expectations. https://json-schema.org/draft/2020-12
"""

from __future__ import annotations

import re
import types
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, Field, is_dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from monitor.config.alerts import AlertTable
from monitor.config.cluster import ClusterTable
from monitor.config.common import EXPECTATIONS, OWN, Common
from monitor.config.convert import hints, table_fields
from monitor.config.dashboard import DashboardTable
from monitor.config.layers import classes
from monitor.config.maintenance import MaintenanceTable
from monitor.config.settings import MonitorTable
from monitor.fields import Url
from monitor.probe import BaseProbe
from monitor.syntax.keymap import KEYS

Schema = dict[str, Any]

_REFERENCE = {"type": "string", "pattern": r"\$\{"}
"""A ``${…}`` in place of a number or truth value."""
_MARKED: Mapping[str, Schema] = {
    "duration": {"type": ["string", "number"]},
    "size": {"type": ["string", "integer"]},
    "path": {"type": "string"},
    "url": {"type": "string"},
    "json": {},
    "quorum": {"anyOf": [{"enum": ["any", "majority", "all"]}, {"type": "integer", "minimum": 1}]},
}
_PLAIN: Mapping[Any, Schema] = {
    str: {"type": "string"},
    bool: {"anyOf": [{"type": "boolean"}, _REFERENCE]},
    int: {"anyOf": [{"type": "integer"}, _REFERENCE]},
    float: {"type": "number"},
    Any: {},
}
_HELP = {
    "expect": "Assertions that must hold; otherwise the check fails.",
    "warn": "Assertions that should hold; otherwise the check passes, degraded.",
}


def json_schema() -> Schema:
    """The schema of a whole config file."""
    endpoint = _endpoint(without=())
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "monitor's config",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "include": {**_texts(), "description": "Other config files, relative to this one; globs."},
            "monitor": _table(MonitorTable),
            "dashboard": _dashboard(),
            "defaults": {**_endpoint(without=OWN), "description": "Keys that every endpoint inherits."},
            "groups": {
                "type": "object",
                "description": "Keys that the endpoints of a group inherit.",
                "additionalProperties": _endpoint(without={*OWN, "group"}),
            },
            "endpoints": {
                "type": "array",
                "items": {**endpoint, "required": ["url"], "allOf": list(map(_of_kind, classes()))},
            },
            "alerts": {"type": "array", "items": {**_table(AlertTable), "required": ["url"]}},
            "cluster": _table(ClusterTable),
            "maintenance": {"type": "array", "items": {**_table(MaintenanceTable), "required": ["duration"]}},
        },
        "$defs": {key: _any_of(found) for key, found in _endpoint_keys().items()},
    }


def _dashboard() -> Schema:
    """Its keys by their names, so that editors can complete them."""
    schema = _table(DashboardTable)
    keys = schema["properties"]["keys"]
    keys["properties"] = {name: {**_texts(), "default": ", ".join(default)} for name, default in KEYS.items()}
    keys["additionalProperties"] = False
    return schema


def _texts() -> Schema:
    return {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}


def _endpoint(without: Iterable[str]) -> Schema:
    """A table of endpoint keys, of whatever kind."""
    properties = {key: {"$ref": f"#/$defs/{key}"} for key in _endpoint_keys() if key not in without}
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _endpoint_keys() -> Mapping[str, list[Schema]]:
    """Every key -> the schemas that it has, which may differ from kind to kind."""
    found: dict[str, list[Schema]] = {}
    tables: list[type] = [Common, *classes()]
    for cls in tables:
        for key, schema in properties(cls).items():
            found.setdefault(key, []).append(schema)
    for severity in EXPECTATIONS:
        found[severity] = [{"description": _HELP[severity], **_expectations()}]
    return found


def _expectations() -> Schema:
    found: dict[str, list[Schema]] = {}
    for cls in classes():
        for key, expectation in cls.expectations.items():
            schema = {"description": expectation.help, **expectation.schema}
            found.setdefault(key, []).append(schema)
    properties = {key: _any_of(schemas) for key, schemas in found.items()}
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _any_of(schemas: list[Schema]) -> Schema:
    distinct = [schema for at, schema in enumerate(schemas) if schema not in schemas[:at]]
    return distinct[0] if len(distinct) == 1 else {"anyOf": distinct}


def _of_kind(cls: type[BaseProbe]) -> Schema:
    """The keys that an endpoint may have if its URL's scheme is one of ``cls``."""
    keys = sorted({*table_fields(Common), *table_fields(cls), *EXPECTATIONS})
    asked = {"propertyNames": {"enum": sorted(cls.expectations)}}
    pattern = f"^({'|'.join(map(re.escape, cls.schemes))}):"
    return {
        "if": {"required": ["url"], "properties": {"url": {"pattern": pattern}}},
        "then": {
            "propertyNames": {"enum": keys},
            "properties": dict.fromkeys(EXPECTATIONS, asked),
        },
    }


# ── from dataclasses and annotations ────────────────────────────────────────────────────────────


def _table(cls: type, without: Iterable[str] = ()) -> Schema:
    known = table_fields(cls)
    found = {name: schema for name, schema in properties(cls).items() if name not in set(without)}
    schema: Schema = {"type": "object", "additionalProperties": False, "properties": found}
    required = [name for name, field in known.items() if field.default is MISSING]
    return {**schema, "required": required} if required else schema


def properties(cls: type) -> dict[str, Schema]:
    """The schema of every TOML key of a dataclass."""
    types_of = hints(cls)
    return {name: _property(field, types_of[name]) for name, field in table_fields(cls).items()}


def _property(field: Field[Any], annotation: Any) -> Schema:
    schema: Schema = {"description": field.metadata["help"], **_of(annotation)}
    if isinstance(field.default, str | int | float) and field.default != "":
        schema["default"] = field.default
    if field.metadata["example"] is not None:
        schema["examples"] = [field.metadata["example"]]
    return schema


def _of(annotation: Any) -> Schema:
    """The schema of values for ``annotation`` (see :mod:`monitor.fields`)."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _MARKED[arguments[1]]
    if origin in (Union, types.UnionType):
        return _of(next(one for one in arguments if one is not type(None)))
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin is tuple:
        return _texts() if arguments[0] in (str, Url) else {"type": "array", "items": _of(arguments[0])}
    if origin is not None and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": _of(arguments[1])}
    return (
        _table(annotation)
        if isinstance(annotation, type) and is_dataclass(annotation)
        else _PLAIN[annotation]
    )
