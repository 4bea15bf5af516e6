"""Warnings for settings that are valid but probably a mistake; they fail no validation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from monitor.config.convert import Place, nearest
from monitor.config.document import Document
from monitor.config.endpoints import Draft
from monitor.config.layers import Layer
from monitor.errors import UsageError
from monitor.judge.assertions import MinValidity, latency_limit
from monitor.model import Assertion, Endpoint
from monitor.redact import shown
from monitor.syntax.duration import format_duration
from monitor.syntax.selection import Selection, compile_selection
from monitor.text import plain


def doubt_endpoints(drafts: Sequence[Draft], endpoints: Sequence[Endpoint]) -> None:
    """Warn of keys of one endpoint that contradict each other; ``endpoints`` are those of ``drafts``."""
    for one, endpoint in zip((one for one in drafts if one.probe), endpoints, strict=True):
        _doubt_timeout(one, endpoint)
        _doubt_warn(one)


def _doubt_timeout(one: Draft, endpoint: Endpoint) -> None:
    timeout = format_duration(endpoint.timeout)
    written = _written(one, "timeout")
    if written and endpoint.timeout > endpoint.interval:
        interval = format_duration(endpoint.interval)
        written.doubt(f"is longer than the interval ({interval}): a slow check delays the next one")
    limit = latency_limit(one.expect)
    expected = _written(one, "expect", "latency")
    if expected and written and limit is not None and limit > endpoint.timeout * 1000:
        expected.doubt(f"is longer than the timeout ({timeout}), which ends the check before")


def _doubt_warn(one: Draft) -> None:
    place = _written(one, "warn", "latency")
    warned, expected = latency_limit(one.warn), latency_limit(one.expect)
    if place and warned is not None and expected is not None and warned >= expected:
        place.doubt("never warns: expect.latency fails the check before")
    place = _written(one, "warn", "certificate")
    early, late = _validity(one.warn), _validity(one.expect)
    if place and early is not None and late is not None and early <= late:
        place.doubt("never warns: expect.certificate fails the check before")


def _validity(assertions: Iterable[Assertion]) -> float | None:
    return next((each.days for each in assertions if isinstance(each, MinValidity)), None)


def _written(one: Draft, *path: str) -> Place | None:
    """The place of the key that applies to ``one``; None for a built-in default."""
    return next(
        (layer.place(*path) for layer in (one.layer, *reversed(one.shared)) if _has(layer, path)), None
    )


def _has(layer: Layer, path: Sequence[str]) -> bool:
    top, *below = path
    return top in layer.table and all(key in layer.asked(top) for key in below)


def doubt_groups(drafts: Iterable[Draft], groups: Mapping[str, Layer]) -> None:
    """Warn of groups that are named almost like a table, and of tables that no endpoint uses."""
    members: dict[str, Draft] = {}
    for one in drafts:
        members.setdefault(one.common.get("group") or "", one)
    for group in members.keys() - groups.keys() - {""}:
        near, place = nearest(shown(group), groups), _written(members[group], "group")
        if near and place:
            said = plain(shown(group))
            place.doubt(f'there is no [groups.{said}] to inherit keys from; did you mean "{near}"?')
    for name in groups.keys() - members.keys():
        groups[name].place().doubt("no endpoint is in this group, so that its keys apply to nothing")


def doubt_selections(documents: Iterable[Document], endpoints: Sequence[Endpoint]) -> None:
    """Warn of terms in ``select`` of alerts and maintenance windows that select no endpoint."""
    for document in documents:
        for key in ("alerts", "maintenance"):
            for at, table in enumerate(_tables(document, key)):
                place = Place(document, (key, at, "select"))
                for number, term in enumerate(_terms(table.get("select"))):
                    if not any(map(_selection(term), endpoints)):
                        place.below(number).doubt("selects no endpoint")


def _tables(document: Document, key: str) -> Iterable[Mapping[str, Any]]:
    tables = document.table.get(key)
    return (one for one in tables if isinstance(one, dict)) if isinstance(tables, list) else ()


def _terms(select: Any) -> Iterable[str]:
    if isinstance(select, str):
        return (select,)
    return (one for one in select if isinstance(one, str)) if isinstance(select, list) else ()


def _selection(term: str) -> Selection:
    """All endpoints for an invalid term, which has a complaint already."""
    try:
        return compile_selection([term])
    except UsageError:
        return lambda _: True
