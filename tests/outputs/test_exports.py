"""Raw results as CSV and JSON Lines."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence

import pytest

from monitor.model import Reason, Status
from monitor.outputs.exports import FIELDS, FORMATS
from monitor.store.raw import Exported
from monitor.store.reader import StoredEndpoint, StoredResult

SHOP = StoredEndpoint(
    key=1,
    id="shop",
    name='Shop, "front"',
    group="",
    tags=(),
    kind="http",
    target="https://shop.example/",
    interval=10.0,
    timeout=10.0,
    slo=None,
    first_seen=0.0,
    removed_at=None,
    rolled_until=0,
)
RESULTS = [
    Exported(SHOP, StoredResult(1769860800.123, Status.UP, None, 41.7, "200 OK")),
    Exported(
        SHOP, StoredResult(1769860810.0, Status.DOWN, Reason.CONNECTION_REFUSED, None, "refused: Größe, 1")
    ),
]


def written(
    format: str, encoding: str = "utf-8", results: Sequence[Exported] = RESULTS, *, located: bool = False
) -> str:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding, errors="replace", newline="")
    FORMATS[format](iter(results), out, located)
    out.flush()
    return raw.getvalue().decode(encoding)


def test_csv_has_a_header_and_empty_fields_for_nothing():
    rows = list(csv.DictReader(io.StringIO(written("csv"))))
    assert tuple(rows[0]) == FIELDS
    assert list(rows[0].values()) == [
        "2026-01-31T12:00:00.123Z",
        "shop",
        'Shop, "front"',
        "up",
        "",
        "41.7",
        "200 OK",
    ]
    assert (rows[1]["reason"], rows[1]["latency_ms"]) == ("connection_refused", "")
    assert rows[1]["message"] == "refused: Größe, 1"


def test_json_lines_have_null_for_nothing():
    first, second = map(json.loads, written("jsonl").splitlines())
    assert tuple(first) == FIELDS
    assert (first["checked_at"], first["reason"], first["latency_ms"]) == (
        "2026-01-31T12:00:00.123Z",
        None,
        41.7,
    )
    assert (second["status"], second["reason"]) == ("down", "connection_refused")
    assert (second["latency_ms"], second["message"]) == (None, "refused: Größe, 1")


@pytest.mark.parametrize("format", FORMATS)
def test_any_encoding_will_do(format: str):
    assert len(written(format, "ascii").splitlines()) >= len(RESULTS)


LOCATED = [RESULTS[0], Exported(SHOP, RESULTS[1].result, "eu")]


def test_a_location_is_the_last_column_of_a_cluster_and_empty_for_a_verdict():
    rows = list(csv.DictReader(io.StringIO(written("csv", results=LOCATED, located=True))))
    assert tuple(rows[0]) == (*FIELDS, "location")
    assert [row["location"] for row in rows] == ["", "eu"]


def test_only_a_location_s_result_has_the_key():
    verdict, eu = map(json.loads, written("jsonl", results=LOCATED, located=True).splitlines())
    assert tuple(verdict) == FIELDS
    assert tuple(eu) == (*FIELDS, "location")
    assert eu["location"] == "eu"
