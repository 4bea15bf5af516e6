"""The JSON document, exactly as the interface has it."""

import io
import json
from dataclasses import replace
from typing import Any

from msgspec import structs

from monitor.model import Heartbeat
from monitor.outputs import Run
from monitor.outputs.json import document, write


def written(run: Run) -> Any:
    out = io.StringIO()
    write(run, out)
    return json.loads(out.getvalue())


def test_a_healthy_endpoint_is_told_in_full(healthy: Run) -> None:
    assert written(healthy) == {
        "checked_at": "2026-01-31T12:00:00.123Z",
        "summary": {"total": 1, "up": 1, "degraded": 0, "down": 0, "inconclusive": 0},
        "results": [
            {
                "endpoint": "Shop front",
                "group": "shop",
                "tags": ["web", "eu"],
                "type": "http",
                "target": "https://shop.example.com/health",
                "address": "203.0.113.7:443",
                "status": "up",
                "reason": None,
                "message": "200 OK",
                "checked_at": "2026-01-31T12:00:00.123Z",
                "latency_ms": 41.7,
                "delayed_ms": None,
                "phases_ms": {"dns": 1.2, "connect": 8.0, "wait": 32.5},
                "http": {"status": 200, "version": "HTTP/1.1", "redirects": 1, "bytes": 512},
                "certificate": {
                    "subject": "CN=shop.example.com",
                    "issuer": "CN=Test CA",
                    "not_before": "2026-01-30T12:00:00Z",
                    "not_after": "2026-04-01T22:33:36Z",
                    "days_left": 60.4,
                    "names": [],
                    "fingerprint": "",
                    "issuers": [],
                    "unneeded": [],
                },
                "failed": [],
            }
        ],
    }


def test_what_there_is_no_value_for_is_null(mixed: Run) -> None:
    far = document(mixed)["results"][3]
    assert (far["status"], far["reason"]) == ("inconclusive", "local_error")
    for key in ("group", "address", "latency_ms", "http", "certificate"):
        assert far[key] is None
    assert (far["tags"], far["phases_ms"], far["failed"]) == ([], {}, [])


def test_what_failed_is_listed_with_its_reason(mixed: Run) -> None:
    down = written(mixed)["results"][2]
    assert down["reason"] == "status_mismatch"
    assert down["failed"][1] == {
        "check": "body",
        "severity": "expect",
        "expected": "ok",
        "actual": "a | b <&>",
        "reason": "body_mismatch",
    }


def test_results_stay_in_order_and_are_counted(mixed: Run) -> None:
    told = written(mixed)
    assert told["summary"] == {"total": 4, "up": 1, "degraded": 1, "down": 1, "inconclusive": 1}
    assert [one["status"] for one in told["results"]] == ["up", "degraded", "down", "inconclusive"]


def test_an_explanation_comes_only_when_asked_for(mixed: Run) -> None:
    assert "explanation" not in written(mixed)["results"][0]
    told = written(replace(mixed, explain=True))["results"]
    assert told[0]["explanation"]["hops"][0]["answered"] == "302 Found"
    assert told[3]["explanation"] is None


def test_a_heartbeat_is_told_in_moments(healthy: Run) -> None:
    ((endpoint, result),) = healthy.checks
    beat = Heartbeat(heard_at=1769860800.0, due_at=1769864400.0, grace_s=60.0, run_s=7.5, note="3 files")
    run = replace(healthy, checks=((endpoint, structs.replace(result, heartbeat=beat)),))
    assert written(run)["results"][0]["heartbeat"] == {
        "heard_at": "2026-01-31T12:00:00.000Z",
        "due_at": "2026-01-31T13:00:00.000Z",
        "grace_s": 60.0,
        "started_at": None,
        "run_s": 7.5,
        "failed": False,
        "message": "3 files",
    }
