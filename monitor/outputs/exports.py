"""Output formats of `monitor export`: one result a line."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TextIO

from monitor.duration import iso_time
from monitor.store.raw import Exported

FIELDS = ("checked_at", "id", "name", "status", "reason", "latency_ms", "message")

Writer = Callable[[Iterable[Exported], TextIO], None]


def write_csv(results: Iterable[Exported], out: TextIO) -> None:
    """CSV with a header; empty where there is no reason or latency."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(FIELDS)
    writer.writerows(map(_values, results))


def write_jsonl(results: Iterable[Exported], out: TextIO) -> None:
    """JSON Lines: one object a result."""
    # Text that the stream's encoding lacks must not end the program.
    unicode = (out.encoding or "utf-8").lower().startswith("utf")
    encode = json.JSONEncoder(ensure_ascii=not unicode).encode
    out.writelines(encode(dict(zip(FIELDS, _values(one), strict=True))) + "\n" for one in results)


def _values(one: Exported) -> tuple[Any, ...]:
    endpoint, result = one
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
