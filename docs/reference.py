"""Makes the reference pages from the code's tables: an MkDocs hook, and `python docs/reference.py NAME`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import Field, fields
from importlib import import_module
from itertools import chain
from pkgutil import iter_modules
from typing import Any

from mkdocs.structure.files import File, Files
from textual.binding import Binding
from textual.dom import DOMNode

from monitor import tui
from monitor.config import json_schema
from monitor.probes import KINDS, SCHEMES, probe_class
from monitor.syntax.keymap import KEYS
from monitor.tui import screens, widgets

Row = tuple[str, str, str]

_TABLES = {
    "monitor": "The engine itself; only in the main file.",
    "defaults": "Any endpoint key, for every endpoint.",
    "groups": "Any endpoint key, for the endpoints with that `group`: `[groups.NAME]`.",
    "endpoints": "One `[[endpoints]]` table per endpoint.",
    "alerts": "One `[[alerts]]` table per receiver.",
    "maintenance": "One `[[maintenance]]` table per window.",
    "cluster": "Checking from several places.",
    "dashboard": "How the dashboard looks, and its keys.",
}


def on_files(files: Files, config: Any) -> Files:
    """Add the generated pages to the site."""
    for name, page in PAGES.items():
        files.append(File.generated(config, f"reference/{name}.md", content=page()))
    return files


# ── config ──────────────────────────────────────────────────────────────────────────────────────


def config_page() -> str:
    """Every key of every table."""
    schema = json_schema()
    parts = ["# Config keys\n\n`include` reads more files, relative to the one it is in.\n"]
    for name, purpose in _TABLES.items():
        if name not in schema["properties"] or name in ("defaults", "groups"):
            continue
        parts.append(f"\n## {_title(name, schema)}\n\n{purpose}\n\n{_table(_keys_of(name, schema))}\n")
    return "".join(parts)


def _title(name: str, schema: Mapping[str, Any]) -> str:
    return f"`[[{name}]]`" if schema["properties"][name].get("type") == "array" else f"`[{name}]`"


def _keys_of(name: str, schema: Mapping[str, Any]) -> Iterator[Row]:
    table = schema["properties"][name]
    table = table.get("items", table)
    for key, value in table.get("properties", {}).items():
        yield from _rows(key, _resolved(value, schema), schema)


def _rows(key: str, value: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[Row]:
    yield f"`{key}`", value.get("description") or "Depends on the kind of check.", _default(value)
    if key in ("expect", "warn", "keys"):
        return  # their keys are on other pages
    for inner, item in value.get("properties", {}).items():
        yield from _rows(f"{key}.{inner}", _resolved(item, schema), schema)


def _resolved(value: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = value.get("$ref")
    return schema["$defs"][reference.rpartition("/")[2]] if reference else value


def _default(value: Mapping[str, Any]) -> str:
    if value.get("default") not in (None, "", [], {}):
        return f"`{json.dumps(value['default'])}`"
    return f"example: `{json.dumps(value['examples'][0])}`" if value.get("examples") else ""


# ── checks ──────────────────────────────────────────────────────────────────────────────────────


def checks_page() -> str:
    """Every kind of check with its schemes, keys and expectations."""
    schema = json_schema()
    parts = ["# Checks\n\nThe URL's scheme selects the kind of check.\n"]
    for kind in KINDS:
        probe = probe_class(kind)
        schemes = ", ".join(f"`{scheme}:`" for scheme, of in SCHEMES.items() if of == kind)
        expectations = ", ".join(f"`{name}`" for name in probe.expectations)
        own = [field for field in fields(probe) if field.name != "url"]
        rows = [row for field in own for row in _field_rows(field, schema)]
        summary = (probe.__doc__ or "").strip().partition("\n\n")[0].replace("\n    ", " ")
        parts.append(f"\n## {kind}\n\n{schemes}: {summary}\n\n`expect` and `warn` take {expectations}.\n")
        parts.append(f"\n{_table(rows)}\n" if rows else "")
    return "".join(parts)


def _field_rows(field: Field[Any], schema: Mapping[str, Any]) -> Iterator[Row]:
    value = dict(schema["$defs"].get(field.name, {}))
    value["description"] = field.metadata.get("help", value.get("description", ""))
    yield from _rows(field.name, value, schema)


# ── keys ────────────────────────────────────────────────────────────────────────────────────────


def keys_page() -> str:
    """Every key of the dashboard with the name to remap it by."""
    described = _descriptions()
    rows = (
        (f"`{name}`", " ".join(f"`{key}`" for key in keys), described.get(name, ""))
        for name, keys in KEYS.items()
    )
    table = _table(rows, ("name", "keys", "action"))
    return f"# Keys\n\n`[dashboard.keys]` remaps them by name.\n\n{table}\n"


def _descriptions() -> dict[str, str]:
    """The description of each key's action, from the bindings of all screens and widgets."""
    for package in (tui, screens, widgets):
        for module in iter_modules(package.__path__, f"{package.__name__}."):
            import_module(module.name)
    bindings = chain.from_iterable(one.__dict__.get("BINDINGS", ()) for one in _subclasses(DOMNode))
    return {one.id: one.description for one in bindings if isinstance(one, Binding) and one.id}


def _subclasses(kind: type) -> Iterator[type]:
    for one in kind.__subclasses__():
        yield one
        yield from _subclasses(one)


def _table(rows: Iterable[Row], titles: tuple[str, str, str] = ("key", "", "default")) -> str:
    lines = (f"| {' | '.join(map(_escaped, row))} |" for row in rows)
    return "\n".join([f"| {' | '.join(titles)} |", "|---|---|---|", *lines])


def _escaped(cell: str) -> str:
    return cell.replace("|", "\\|")


PAGES: Mapping[str, Callable[[], str]] = {"config": config_page, "checks": checks_page, "keys": keys_page}

if __name__ == "__main__":
    print(PAGES[sys.argv[1]]())
