"""A report as JSON, key by key."""

from __future__ import annotations

import io
import json

import pytest

from monitor.model.report import Report
from monitor.outputs.reports.json import document, write


def test_the_document_is_as_the_interface_has_it(month: Report):
    shown = document(month)
    assert list(shown) == ["since", "until", "generated_at", "by", "entries", "incidents"]
    assert (shown["since"], shown["until"]) == ("2026-01-01T00:00:00.000Z", "2026-01-31T00:00:00.000Z")
    assert shown["by"] == "endpoint"
    assert shown["entries"][0] == {
        "id": "shop",
        "name": "Shop front",
        "group": "shop",
        "tags": ["web", "eu"],
        "checks": 259200,
        "failed": 360,
        "uptime": 0.99860724,
        "known_s": 2584800.0,
        "down_s": 3600.0,
        "maintenance_s": 7200.0,
        "unknown_s": 0.0,
        "incidents": 1,
        "longest_s": 3600.0,
        "mttr_s": 3600.0,
        "mtbf_s": 2581200.0,
        "latency_ms": {
            "p50": pytest.approx(10, rel=0.01),
            "p90": pytest.approx(10, rel=0.01),
            "p95": pytest.approx(250, rel=0.01),
            "p99": pytest.approx(250, rel=0.01),
            "max": 2130.0,
        },
        "slo": {"objective": 99.9, "budget_s": 2592.0, "left_s": -1008.0, "burn": 0.0},
    }


def test_an_incident_is_as_the_interface_has_it(month: Report):
    closed, still_open = document(month)["incidents"]
    assert closed == {
        "id": "1",
        "endpoint": "shop",
        "name": "SHOP",
        "began": "2026-01-04T12:00:00.000Z",
        "ended": "2026-01-04T13:00:00.000Z",
        "duration_s": 3600.0,
        "reason": "status_mismatch",
        "cause": "503 Service Unavailable",
        "failed": 12,
        "acknowledged": {"by": "ann", "at": "2026-01-04T12:14:24.000Z", "note": "on it"},
        "common_cause": None,
        "notifications": [],
    }
    assert (still_open["ended"], still_open["duration_s"], still_open["acknowledged"]) == (
        None,
        2 * 86400,
        None,
    )


def test_figures_without_data_are_null(month: Report):
    quiet = document(month)["entries"][1]
    assert (quiet["uptime"], quiet["longest_s"], quiet["mttr_s"], quiet["mtbf_s"]) == (None,) * 4
    assert set(quiet["latency_ms"].values()) == set(quiet["slo"].values()) == {None}
    assert (quiet["group"], quiet["tags"], quiet["known_s"]) == (None, [], 0.0)


def test_it_is_one_document(month: Report):
    out = io.StringIO()
    write(month, out)
    assert json.loads(out.getvalue()) == document(month)


def test_only_an_endpoint_of_a_cluster_has_locations(clustered: Report, month: Report):
    shop, here = document(clustered)["entries"]
    assert "locations" not in here
    assert list(here) == list(document(month)["entries"][0])
    ap, eu, us = shop["locations"]
    assert (ap["location"], ap["checks"], ap["failed"], ap["success_rate"]) == ("ap", 100, 10, 0.9)
    assert ap["latency_ms"]["p50"] == pytest.approx(250, rel=0.01)
    assert (eu["success_rate"], us["success_rate"], us["inconclusive"]) == (1.0, None, 4)
    assert set(us["latency_ms"].values()) == {None}
