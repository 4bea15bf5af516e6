"""Tables of endpoint keys: ``[defaults]``, ``[groups.NAME]`` and ``[[endpoints]]``.

A value is converted once, where it is written, however many endpoints inherit it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, get_args, get_origin

from monitor.config.common import EXPECTATIONS, LIMITS, OWN, Common
from monitor.config.convert import INVALID, Place, converter, hints, nearest, table_fields, unknown
from monitor.config.document import Document
from monitor.config.editing.positions import Path
from monitor.config.interpolate import Unresolved
from monitor.errors import FieldError
from monitor.judge.expectations import Expectation
from monitor.probe import BaseProbe
from monitor.probes import kinds, probe_class


@dataclass
class Layer:
    """One table of endpoint keys, and its converted values."""

    document: Document
    path: Path
    table: Mapping[str, Any]
    _converted: dict[tuple[Any, ...], Any] = field(default_factory=dict)

    def place(self, *path: str) -> Place:
        return Place(self.document, (*self.path, *path))

    def value(self, key: str, annotation: Any) -> Any:
        """The value of ``key``, converted for ``annotation``, or INVALID."""
        memo = (key, annotation)
        if memo not in self._converted:
            self._converted[memo] = self._convert(key, annotation)
        return self._converted[memo]

    def _convert(self, key: str, annotation: Any) -> Any:
        place = self.place(key)
        value = converter(annotation)(self.table[key], place)
        complaint = LIMITS[key](value) if key in LIMITS and value is not INVALID else None
        return value if complaint is None else place.complain(complaint)

    def assertions(self, severity: str, key: str, expectation: Expectation) -> Any:
        """The compiled assertions of ``expect.KEY`` or ``warn.KEY``, or INVALID."""
        memo = (severity, key, id(expectation))
        if memo not in self._converted:
            self._converted[memo] = self._compile(severity, key, expectation)
        return self._converted[memo]

    def _compile(self, severity: str, key: str, expectation: Expectation) -> Any:
        place = self.place(severity, key)
        value = _ANYTHING(self.table[severity][key], place)
        if value is INVALID:
            return INVALID
        try:
            return expectation.compile(f"{severity}.{key}", value)
        except FieldError as error:
            self.document.complain_of(self.path, error)
            return INVALID

    def asked(self, severity: str) -> Mapping[str, Any]:
        """The table ``expect`` or ``warn``; empty when there is none or it is no table."""
        table = self.table.get(severity, {})
        return table if isinstance(table, dict) else {}

    def check_tables(self) -> bool:
        """Complain of ``expect`` and ``warn`` that are no tables. Return whether both are valid."""
        wrong = [one for one in EXPECTATIONS if not isinstance(self.table.get(one, {}), dict)]
        for severity in wrong:
            if not isinstance(self.table[severity], Unresolved):
                self.place(severity).complain('must be a table, as in { status = 200, latency = "2s" }')
        return not wrong


_ANYTHING = converter(Any)
SETTINGS = frozenset({"tls"})
"""Tables of independent settings. A table such as ``auth`` is one choice, and is replaced as a whole."""


def merged(layers: Sequence[Layer], keys: Mapping[str, Any], types: Mapping[str, Any]) -> dict[str, Any]:
    """The values of ``keys`` that the layers give, later layers before earlier ones.

    Tables of free keys, such as headers, and those of :data:`SETTINGS` are merged key by key; everything else
    is replaced.
    """
    values: dict[str, Any] = {}
    for layer in layers:
        for key in layer.table:
            if key not in keys:
                continue
            value = layer.value(key, types[key])
            if key in values and INVALID not in (value, values[key]):
                value = _joined(values[key], value, layer, key, types[key])
            values[key] = value
    return values


def _joined(below: Any, value: Any, layer: Layer, key: str, annotation: Any) -> Any:
    """The value of ``key`` in ``layer`` over the value ``below``."""
    if _merges(annotation):
        return {**below, **value}
    if key not in SETTINGS or below is None or value is None:
        return value
    written = {name: getattr(value, name) for name in layer.table[key]}
    try:
        return replace(below, **written)
    except FieldError as error:
        layer.document.complain_of(layer.path, error)
        return INVALID


def overlaid(tables: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Tables of endpoint keys, as written, merged into one; later ones win."""
    whole: dict[str, Any] = {}
    for table in tables:
        for key, value in table.items():
            below = whole.get(key)
            if isinstance(below, dict) and isinstance(value, dict) and _merges_in_any_kind(key):
                whole[key] = {**below, **value}
            else:
                whole[key] = value
    return whole


@cache
def _merges_in_any_kind(key: str) -> bool:
    return key in (*EXPECTATIONS, *SETTINGS) or any(
        _merges(hints(cls)[key]) for cls in classes() if key in hints(cls)
    )


@cache
def _merges(annotation: Any) -> bool:
    candidates = (annotation, *get_args(annotation))
    return any(get_origin(one) is not None and _is_mapping(get_origin(one)) for one in candidates)


def _is_mapping(origin: Any) -> bool:
    return isinstance(origin, type) and issubclass(origin, Mapping)


# ── which keys there are ────────────────────────────────────────────────────────────────────────


@cache
def common_keys() -> Mapping[str, Any]:
    return table_fields(Common)


def classes() -> Iterator[type[BaseProbe]]:
    """The probe classes of all kinds."""
    return map(probe_class, kinds())


def check_shared(layer: Layer) -> None:
    """Complain of everything wrong in a table that several endpoints inherit, used or not."""
    for key in (key for key in layer.table if key in OWN):
        layer.place(key).complain("belongs to one endpoint; it cannot be inherited")
    check_any(layer, OWN)


def check_any(layer: Layer, never_meant: frozenset[str] = frozenset()) -> None:
    """Complain of everything in a table that is wrong for every kind of check.

    ``never_meant`` are the keys that are no suggestion for an unknown one.
    """
    layer.check_tables()
    for key in layer.table:
        if key not in OWN and key not in EXPECTATIONS:
            _check_any_key(layer, key, never_meant)
    for severity in EXPECTATIONS:
        for key in layer.asked(severity):
            _check_any_expectation(layer, severity, key)


def _check_any_key(layer: Layer, key: str, never_meant: frozenset[str]) -> None:
    if key in common_keys():  # no need to import every kind of check
        layer.value(key, hints(Common)[key])
        return
    having = [cls for cls in classes() if key in table_fields(cls)]
    if not having:
        layer.place(key).complain(misplaced(key) or unknown(key, sorted(all_keys() - never_meant)))
    for annotation in {repr(hints(cls)[key]): hints(cls)[key] for cls in having}.values():
        layer.value(key, annotation)


def _check_any_expectation(layer: Layer, severity: str, key: str) -> None:
    having = [cls.expectations[key] for cls in classes() if key in cls.expectations]
    if not having:
        text = misplaced(key, severity) or unknown(key, sorted(_all_expectations()), "expectation")
        layer.place(severity, key).complain(text)
    for expectation in {id(one): one for one in having}.values():
        layer.assertions(severity, key, expectation)


def all_keys() -> frozenset[str]:
    own = {key for cls in classes() for key in table_fields(cls)}
    return frozenset({*own, *common_keys(), *EXPECTATIONS})


@cache
def _all_expectations() -> frozenset[str]:
    return frozenset(name for cls in classes() for name in cls.expectations)


def misplaced(key: str, severity: str = "") -> str | None:
    """Advice on ``key``, which is unknown in an endpoint or in its table ``severity``; None without any."""
    if severity:
        return f"belongs to the endpoint itself; write it above {severity}" if key in all_keys() else None
    return f"is an expectation; write expect.{key} or warn.{key}" if key in _all_expectations() else None


def check_own(layer: Layer, cls: type[BaseProbe]) -> None:
    """Complain of the keys of one endpoint that its kind does not have."""
    known = [*common_keys(), *table_fields(cls), *EXPECTATIONS]
    for key in layer.table:
        if key not in known:
            layer.place(key).complain(_unknown_own(key, known, cls, _kinds_with_key(key)))
    for severity in EXPECTATIONS:
        for key in layer.asked(severity):
            if key not in cls.expectations:
                having = [other.kind for other in classes() if key in other.expectations]
                text = _unknown_own(key, list(cls.expectations), cls, having, severity)
                layer.place(severity, key).complain(text)


def _kinds_with_key(key: str) -> list[str]:
    return [cls.kind for cls in classes() if key in table_fields(cls)]


def _unknown_own(
    key: str, known: Sequence[str], cls: type[BaseProbe], having: Iterable[str], severity: str = ""
) -> str:
    what = "expectation" if severity else "key"
    others = list(having)
    if others and nearest(key, known) != key:
        return f"is {_article(what)} of {_listed(others)} checks, not of {cls.kind} ones"
    return misplaced(key, severity) or unknown(key, known, what)


def _listed(words: Sequence[str]) -> str:
    """``tcp, udp and websocket``"""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def _article(what: str) -> str:
    return f"an {what}" if what[0] in "aeiou" else f"a {what}"
