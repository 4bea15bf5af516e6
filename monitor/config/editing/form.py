"""A form for one endpoint: its keys, and the conversion of typed text to TOML. Pure.

It uses the rules that validate a config: the fields of a kind of check, and their schemas. Text that is
typed is taken literally where a key wants text, and commas separate the items of a list;
elsewhere it is TOML, or text if it is none: ``200``, ``2xx``, ``{ contains = "ok" }``. Text that
begins with a quote is TOML everywhere.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from copy import deepcopy
from types import MappingProxyType
from typing import Any

from monitor.config.common import EXPECTATIONS, Common
from monitor.config.editing.inline import inline
from monitor.config.schema import Schema, properties
from monitor.errors import FieldError
from monitor.fields import Asked
from monitor.probe import BaseProbe
from monitor.probes import probe_class, schemes
from monitor.syntax.duration import format_duration
from monitor.text import escaped

_DURATION = ["string", "number"]
_SIZE = ["string", "integer"]
_MIB = 1 << 20


def kind_of(url: str) -> str:
    """The kind of check that the scheme of ``url`` selects; empty if there is none."""
    scheme, colon, _ = url.partition(":")
    return schemes().get(scheme.strip().lower(), "") if colon else ""


def asked(kind: str, inherited: Mapping[str, Any]) -> list[Asked]:
    """The form's fields for ``kind``; ``inherited`` is the table of its defaults."""
    shared = {**inherited, **_dotted(inherited)}
    return [_asked(key, schema, _part(key, kind), shared) for key, schema in _schemas(kind).items()]


def _part(key: str, kind: str) -> str:
    top, dot, _ = key.partition(".")
    return top if dot else "" if key == "url" or key in properties(Common) else kind


def _asked(key: str, schema: Schema, part: str, inherited: Mapping[str, Any]) -> Asked:
    default = inherited.get(key) if key in inherited else _readable(schema.get("default"), schema)
    examples = schema.get("examples", ())
    return Asked(
        key=key,
        part=part,
        help=schema.get("description", ""),
        default="" if default is None else text_of(default, schema),
        example=text_of(examples[0], schema) if examples else "",
        choices=tuple(map(str, schema.get("enum", ()))),
    )


def _readable(default: Any, schema: Schema) -> Any:
    """A default in the unit that people would use."""
    if schema.get("type") == _DURATION and isinstance(default, float):
        return format_duration(default)
    whole_mib = schema.get("type") == _SIZE and default and not default % _MIB
    return f"{default // _MIB}MiB" if whole_mib else default


def _schemas(kind: str) -> dict[str, Schema]:
    """Every key of an endpoint of ``kind``, in the order of the form."""
    cls = probe_class(kind) if kind else BaseProbe
    own = properties(cls)
    keys = {"url": own["url"], **properties(Common), **own}
    for severity in EXPECTATIONS if kind else ():
        for name, expectation in cls.expectations.items():
            schema = {"description": expectation.help, **expectation.schema}
            default = cls.default_expect.get(name) if severity == "expect" else None
            keys[f"{severity}.{name}"] = schema | ({} if default is None else {"default": default})
    return keys


# ── from texts to a table, and back ─────────────────────────────────────────────────────────────


def table(
    texts: Mapping[str, str], old: Mapping[str, Any] = MappingProxyType({}), kind: str = ""
) -> dict[str, Any]:
    """The endpoint's table for the typed texts by key, added to its ``old`` one.

    Without a ``kind``, the URL selects it.

    An empty text removes a key. The name of a new endpoint comes first, as people write it. FieldError for a
    text that begins as TOML and is none, and for one that stands for a whole table.
    """
    schemas = _schemas(kind or kind_of(texts.get("url", "")))
    made: dict[str, Any] = deepcopy(dict(old))
    for key, text in sorted(texts.items(), key=lambda typed: typed[0] != "name"):
        if key in EXPECTATIONS and text.strip():
            raise FieldError(key, f"is typed key by key, as in {key}.latency")
        below, name = _place(made, key)
        if text.strip():
            below[name] = value_of(key, text.strip(), schemas.get(key, {}))
        else:
            below.pop(name, None)
    return {key: value for key, value in made.items() if value != {} or key not in EXPECTATIONS}


def _place(made: dict[str, Any], key: str) -> tuple[dict[str, Any], str]:
    top, dot, name = key.partition(".")
    return (made.setdefault(top, {}), name) if dot and top in EXPECTATIONS else (made, key)


def texts(table: Mapping[str, Any], kind: str = "") -> dict[str, str]:
    """The texts to type for ``table``, by key. Without a ``kind``, the URL selects it."""
    schemas = _schemas(kind or kind_of(str(table.get("url", ""))))
    written = {key: value for key, value in table.items() if key not in EXPECTATIONS} | _dotted(table)
    return {key: text_of(value, schemas.get(key, {})) for key, value in written.items()}


def _dotted(table: Mapping[str, Any]) -> dict[str, Any]:
    below = {severity: table.get(severity) for severity in EXPECTATIONS}
    return {
        f"{severity}.{key}": value
        for severity, keys in below.items()
        if isinstance(keys, Mapping)
        for key, value in keys.items()
    }


def value_of(key: str, text: str, schema: Schema) -> Any:
    """The value that ``text`` means for a key with this ``schema``."""
    if "enum" in schema:
        return next((choice for choice in schema["enum"] if str(choice) == text), text)
    if schema.get("type") == "string" and not text.startswith(('"', "'")):
        return text
    if _wants_several(schema) and not text.startswith(("[", '"', "'")):
        return [item.strip() for item in text.split(",") if item.strip()]
    return _toml(key, text)


def _wants_several(schema: Schema) -> bool:
    kinds = [one.get("type") for one in schema.get("anyOf", ())]
    return "string" in kinds and "array" in kinds


def _toml(key: str, text: str) -> Any:
    try:
        found = tomllib.loads(f"x = {text}")
    except (ValueError, RecursionError) as error:
        if text.startswith(("[", "{", '"', "'")):
            raise FieldError(key, f"is no TOML value: {_without_place(str(error))}") from None
        return text
    return found["x"] if len(found) == 1 else text


def _without_place(error: str) -> str:
    return error[:1].lower() + error[1:].partition(" (at ")[0]


def text_of(value: Any, schema: Schema) -> str:
    """The text to type for ``value``, safe for a terminal; :func:`value_of` reads it back."""
    if isinstance(value, str) and _wants_several(schema):
        value = [value]  # a list of one item is written as the item
    for text in _simple_texts(value):
        if text == text.strip() == escaped(text) and text and _means(text, value, schema):
            return text
    return escaped(inline(value))


def _simple_texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [", ".join(map(str, value))] if isinstance(value, list | tuple) else []


def _means(text: str, value: Any, schema: Schema) -> bool:
    try:
        return bool(value_of("", text, schema) == (list(value) if isinstance(value, tuple) else value))
    except FieldError:
        return False
