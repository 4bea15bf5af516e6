"""From layers of keys to endpoints: inheritance, names, ids and dependencies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache, cached_property
from graphlib import CycleError, TopologicalSorter
from typing import Any, cast
from urllib.parse import urlsplit

from monitor.config.cluster import check_locations
from monitor.config.common import EXPECTATIONS, RETRY_INTERVAL, Common
from monitor.config.convert import INVALID, hints, nearest, table_fields
from monitor.config.layers import Layer, check_any, check_own, common_keys, merged
from monitor.errors import FieldError
from monitor.fields import Url
from monitor.judge.assertions import inherited
from monitor.model import Assertion, Cluster, Endpoint, Settings, Source
from monitor.probe import BaseProbe
from monitor.probes import probe_class, schemes
from monitor.redact import shown, without_password
from monitor.text import plain

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_NO_SLUG = re.compile(r"[\W_]+")


@dataclass
class Draft:
    """An endpoint whose place among the others is not known yet.

    One with something wrong in it has no probe; its name still counts.
    """

    layer: Layer
    common: Mapping[str, Any]
    probe: BaseProbe | None = None
    expect: tuple[Assertion, ...] = ()
    warn: tuple[Assertion, ...] = ()
    shared: Sequence[Layer] = ()
    """The layers that it inherits from, the nearest last."""

    @cached_property
    def needed(self) -> tuple[str, ...]:
        """Names of the endpoints that it depends on; an inherited list leaves out the endpoint itself."""
        names: tuple[str, ...] = self.common.get("depends_on", ())
        own = "depends_on" in self.layer.table
        return names if own else tuple(name for name in names if name != self.name)

    @cached_property
    def name(self) -> str | None:
        name: str | None = self.common.get("name")
        return default_name(self.probe.url) if name is None and self.probe else name

    @property
    def source(self) -> Source:
        return self.layer.document.source(self.layer.path)

    def complain(self, key: str, text: str) -> None:
        """Complain at the place of ``key``, which may be in an inherited table."""
        giving = next((one for one in (self.layer, *reversed(self.shared)) if key in one.table), self.layer)
        giving.place(key).complain(text)


def draft(own: Layer, shared: Sequence[Layer]) -> Draft:
    """The endpoint that ``own`` describes on top of ``shared``."""
    layers = (*shared, own)
    common = merged(layers, common_keys(), hints(Common))
    valid = {key: value for key, value in common.items() if value is not INVALID}
    cls = _probe_class(own)
    if cls is None:
        check_any(own)
    made = None if cls is None else _made(cls, own, layers)
    if made is None or len(valid) < len(common):
        return Draft(own, valid, shared=shared)
    return Draft(own, valid, *made, shared=shared)


def name_only(own: Layer) -> Draft:
    """The endpoint that ``own`` describes; only its name matters."""
    name, url = own.table.get("name"), own.table.get("url")
    name = default_name(url) if name is None and isinstance(url, str) else name
    return Draft(own, {"name": name} if isinstance(name, str) else {})


def _made(
    cls: type[BaseProbe], own: Layer, layers: Sequence[Layer]
) -> tuple[BaseProbe, tuple[Assertion, ...], tuple[Assertion, ...]] | None:
    """The probe and its assertions (expect, warn); None if anything is wrong."""
    check_own(own, cls)
    tables_fine = own.check_tables()
    values = merged(layers, table_fields(cls), hints(cls))
    expect, warn = (_assertions(cls, severity, layers) for severity in EXPECTATIONS)
    probe = _probe(cls, values, layers)
    if probe is None or not tables_fine or INVALID in (expect, warn):
        return None
    return probe, expect, warn


def _probe_class(own: Layer) -> type[BaseProbe] | None:
    if "url" not in own.table:
        own.place().complain('lacks url, as in url = "https://example.com/health"')
        return None
    url = own.value("url", Url)
    return None if url is INVALID else _class_for(url, own)


def _class_for(url: str, own: Layer) -> type[BaseProbe] | None:
    found = _SCHEME.match(url)
    scheme = found[1].lower() if found else ""
    if scheme in schemes():
        return probe_class(schemes()[scheme])
    if not scheme or not url.startswith(f"{found[0] if found else ''}//") or not _is_shown(scheme, url):
        own.place("url").complain(f'has no scheme; write "https://{plain(shown(url))}", tcp://, dns:// …')
    else:
        near = nearest(scheme, list(schemes()))
        hint = f'did you mean "{near}:"?' if near else f"there are {', '.join(schemes())}"
        own.place("url").complain(f'has the unknown scheme "{plain(scheme)}:"; {hint}')
    return None


def _is_shown(scheme: str, url: str) -> bool:
    """Whether the config contains the scheme; otherwise it is a part of a secret."""
    return shown(url).lower().startswith(f"{scheme}:")


def _assertions(cls: type[BaseProbe], severity: str, layers: Sequence[Layer]) -> Any:
    by_key: dict[str, Any] = dict(_defaults(cls.kind)) if severity == "expect" else {}
    own = layers[-1]
    for layer in layers:
        for key in layer.asked(severity):
            if key in cls.expectations:
                made = layer.assertions(severity, key, cls.expectations[key])
                by_key[key] = made if layer is own or made is INVALID else tuple(map(inherited, made))
    if INVALID in by_key.values():
        return INVALID
    return tuple(assertion for assertions in by_key.values() for assertion in assertions)


@cache
def _defaults(kind: str) -> Mapping[str, tuple[Assertion, ...]]:
    cls = probe_class(kind)
    return {key: cls.expectations[key].compile(key, value) for key, value in cls.default_expect.items()}


def _probe(cls: type[BaseProbe], values: Mapping[str, Any], layers: Sequence[Layer]) -> BaseProbe | None:
    """The probe; None when something is wrong.

    A value that the probe complains of is left out, so that the others are checked as well.
    """
    rest = {key: value for key, value in values.items() if value is not INVALID}
    fine = len(rest) == len(values)
    while True:
        try:
            probe = cls(**rest)
        except FieldError as error:
            fine = False
            top, below = _steps(error.key)
            if top in rest or top not in values:  # otherwise it lacks a value that was left out
                _complain_of(error, top, below, layers)
            if top not in rest or top == "url":
                return None
            rest = _less(rest, top, below)
        else:
            return probe if fine else None


def _steps(key: str) -> tuple[str, str]:
    """A dotted key's first word, and the rest: ``headers`` and ``X-Team`` of ``headers.X-Team``."""
    top, *below = re.split(r"[.\[]", key, maxsplit=1)
    return top, "".join(below)


def _complain_of(error: FieldError, top: str, below: str, layers: Sequence[Layer]) -> None:
    """Complain at the place of the value: parts of one table may come from several layers."""
    giving = [layer for layer in reversed(layers) if top in layer.table] or [layers[-1]]
    layer = next((one for one in giving if below in _keys(one.table.get(top))), giving[0])
    layer.document.complain_of(layer.path, error)


def _keys(table: Any) -> Iterable[str]:
    return table if isinstance(table, dict) else ()


def _less(values: Mapping[str, Any], top: str, below: str) -> dict[str, Any]:
    """``values`` without the key ``below`` of the table ``top``, or without all of ``top``."""
    rest = dict(values)
    given = rest.pop(top)
    if isinstance(given, Mapping) and below in given:
        rest[top] = {key: value for key, value in given.items() if key != below}
    return rest


def default_name(url: str) -> str:
    """Host and path of a URL; without a host, everything after the scheme."""
    with suppress(ValueError):  # a command may begin with //[
        parts = urlsplit(without_password(shown(url)))
        if host := parts.netloc.rpartition("@")[2]:
            return f"{host}{parts.path.rstrip('/')}"
    return shown(url).partition(":")[2]


# ── among each other ────────────────────────────────────────────────────────────────────────────


def assembled(drafts: Sequence[Draft], settings: Settings, cluster: Cluster | None) -> tuple[Endpoint, ...]:
    """The endpoints; complains of duplicate names and ids, dependencies, and missing tables and keys."""
    names = _unique(drafts)
    for one in drafts:
        check_locations(one.common, one.complain, cluster)
    if settings.listen is None:
        _check_listeners(drafts)
    _check_dependencies(drafts, names)
    ids = _ids(drafts)
    return tuple(
        _endpoint(one, one.probe, id, names) for one, id in zip(drafts, ids, strict=True) if one.probe
    )


def _endpoint(one: Draft, probe: BaseProbe, id: str, names: Mapping[str, Draft]) -> Endpoint:
    common = {key: value for key, value in one.common.items() if key != "depends_on"}
    interval = common.get("interval", Common.interval)
    retry = common.pop("retry_interval", None)
    group = common.pop("group", None)
    needed = (names[name] for name in one.needed if name in names)
    return Endpoint(
        **{
            **common,
            "id": id,
            "name": _said(one),
            "tags": tuple(map(shown, common.get("tags", ()))),
            "description": shown(common.get("description", "")),
            "runbook": shown(common.get("runbook", "")),
        },
        group=None if group is None else shown(group),
        retry_interval=min(interval, RETRY_INTERVAL) if retry is None else retry,
        depends_on=tuple(map(_said, needed)),
        probe=_over(probe, 4),
        twin=_over(probe, 6) if _wants_both(probe) else None,
        expect=one.expect,
        warn=one.warn,
        source=one.source,
    )


def _wants_both(probe: BaseProbe) -> bool:
    return getattr(probe, "ip_version", None) == "both"


def _over(probe: BaseProbe, version: int) -> BaseProbe:
    """``probe`` over one address family, where its config asks for both."""
    if not _wants_both(probe):
        return probe
    one: BaseProbe = replace(cast("Any", probe), ip_version=version)
    return one


def _said(one: Draft) -> str:
    """The name as it may be shown; empty for a broken endpoint without one."""
    return shown(one.name or "")


def _unique(drafts: Iterable[Draft]) -> Mapping[str, Draft]:
    """The drafts by name; complains of empty names and of those given twice."""
    names: dict[str, Draft] = {}
    for one in drafts:
        if one.name is None:
            continue
        first = names.setdefault(one.name, one)
        if not one.name.strip():
            given = "name" in one.common
            one.complain("name", "is empty" if given else "is needed where all of the URL is a secret")
        elif first is not one:
            at = first.source
            also = f'"{plain(shown(one.name))}" is also the name of the endpoint at {at.file}:{at.line}'
            one.complain("name", f"{also}; give one of them another name")
    return names


def _ids(drafts: Sequence[Draft]) -> list[str]:
    """An id for each: as given, or made from the name, with a number if that is taken."""
    taken: dict[str, Draft] = {}
    for one in drafts:
        given = _given_id(one)
        if given and taken.setdefault(given, one) is not one:
            at = taken[given].source
            one.complain("id", f'"{plain(given)}" is also the id of the endpoint at {at.file}:{at.line}')
    used = set(taken)
    return [_given_id(one) or _made_id(_said(one), used) for one in drafts]


def _given_id(one: Draft) -> str:
    """The id as it may be shown: it goes into every export. Empty when there is none."""
    return shown(one.common.get("id") or "")


def _made_id(name: str, used: set[str]) -> str:
    slug = _NO_SLUG.sub("-", name.lower()).strip("-") or "endpoint"
    made_id, number = slug, 1
    while made_id in used:
        number += 1
        made_id = f"{slug}-{number}"
    used.add(made_id)
    return made_id


def _check_listeners(drafts: Iterable[Draft]) -> None:
    for one in drafts:
        if one.probe is not None and one.probe.awaits:
            one.complain("url", 'needs [monitor] listen, as in listen = "127.0.0.1:9315"')


def _check_dependencies(drafts: Iterable[Draft], names: Mapping[str, Draft]) -> None:
    for one in drafts:
        for needed in one.needed:
            if needed not in names:
                missing = plain(shown(needed))
                near = nearest(missing, [plain(shown(name)) for name in names])
                hint = f'; did you mean "{near}"?' if near else ""
                one.complain("depends_on", f'there is no endpoint named "{missing}"{hint}')
    if _has_circle(names):
        _complain_of_circles(drafts, names)


def _has_circle(names: Mapping[str, Draft]) -> bool:
    """Whether any endpoint depends on itself. Most configs have no circle; a long chain takes linear time."""
    try:
        TopologicalSorter({name: one.needed for name, one in names.items()}).prepare()
    except CycleError:
        return True
    return False


def _complain_of_circles(drafts: Iterable[Draft], names: Mapping[str, Draft]) -> None:
    for one in drafts:
        if circle := _circle(one, names):
            said = " -> ".join(plain(shown(name)) for name in circle)
            one.complain("depends_on", f"goes in a circle: {said}")


def _circle(start: Draft, names: Mapping[str, Draft]) -> list[str]:
    """The chain of dependencies from ``start`` back to itself; empty if there is none."""
    ways = [[start.name or "", name] for name in start.needed]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        if way[-1] == start.name:
            return way
        if way[-1] in names and way[-1] not in seen:
            seen.add(way[-1])
            ways += [[*way, name] for name in names[way[-1]].needed]
    return []
