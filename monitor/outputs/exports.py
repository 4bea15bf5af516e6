"""Output formats of `monitor export`: one result a line."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TextIO

from monitor.outputs.documents import is_narrow
from monitor.store.raw import Exported
from monitor.syntax.duration import iso_time

FIELDS = ("checked_at", "id", "name", "status", "reason", "latency_ms", "message")
LOCATION = "location"
"""The last column, only in clusters: the location of a result. It is empty for a verdict."""

Writer = Callable[[Iterable[Exported], TextIO, bool], None]
"""Writes results; the flag says whether there are results of locations."""


def write_csv(results: Iterable[Exported], out: TextIO, located: bool) -> None:
    """CSV with a header; empty where there is no reason or latency."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow((*FIELDS, LOCATION) if located else FIELDS)
    writer.writerows((*_values(one), one.location) if located else _values(one) for one in results)


def write_jsonl(results: Iterable[Exported], out: TextIO, _located: bool) -> None:
    """JSON Lines: one object a result; only results of a location have the key ``location``."""
    encode = json.JSONEncoder(ensure_ascii=is_narrow(out)).encode
    out.writelines(encode(_document(one)) + "\n" for one in results)


def _document(one: Exported) -> dict[str, Any]:
    document = dict(zip(FIELDS, _values(one), strict=True))
    return {**document, LOCATION: one.location} if one.location else document


def _values(one: Exported) -> tuple[Any, ...]:
    endpoint, result, _ = one
    reason = result.reason and result.reason.value
    latency = None if result.latency_ms is None else round(result.latency_ms, 3)
    return (
        iso_time(result.checked_at),
        endpoint.id,
        endpoint.name,
        result.status.value,
        reason,
        latency,
        result.message,
    )


FORMATS: Mapping[str, Writer] = {"csv": write_csv, "jsonl": write_jsonl}
"""Format -> the function that writes it."""
