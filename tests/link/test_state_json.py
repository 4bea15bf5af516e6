"""States, incidents and silences as JSON."""

from __future__ import annotations

from typing import Any

import jsonschema
import msgspec
import pytest

from monitor.link.certificates import CertificateInfo
from monitor.link.messages import EndpointInfo, EndpointStatus
from monitor.link.state_json import endpoint_state, incident_json, silence, status_document
from monitor.model import (
    Acknowledgement,
    Incident,
    LocationResult,
    Notification,
    Reason,
    Silence,
    Slowdown,
    State,
    Status,
)
from monitor.web.openapi import document

NOW = 1769860800.0
CARD = EndpointInfo(
    handle=1,
    id="shop",
    name="Shop",
    kind="http",
    target="https://shop.test/",
    group="g",
    tags=("web", "eu"),
)
ROW = EndpointStatus(
    handle=1,
    state=State.DOWN,
    since=NOW - 60,
    reason=Reason.CONNECTION_REFUSED,
    message="refused",
    latency_ms=1.23456,
    checked_at=NOW - 1,
    next_due=NOW + 9,
    not_after=NOW + 10 * 86400,
    flapping=True,
    acknowledged=Acknowledgement(at=NOW - 5, by="ann", note="on it"),
    silenced=Silence(id="s1", select=("Shop",), at=NOW - 5, until=NOW + 5, by="bob", note="deploy"),
    maintenance=True,
    slower=Slowdown(phase="tls", since=NOW - 3600, ms=68.0, usual_ms=17.0),
)
PRESENTED = CertificateInfo(
    handle=1, fingerprint="f", subject="CN=shop", issuer="CN=ca", not_before=1.0, expires=NOW + 10 * 86400
)


def test_a_state_has_every_key_of_the_interface():
    uptimes = (0.5, 0.25, None, None)
    assert endpoint_state(CARD, ROW, uptimes=uptimes, certificate=PRESENTED, now=NOW) == {
        "id": "shop",
        "name": "Shop",
        "group": "g",
        "tags": ["web", "eu"],
        "type": "http",
        "target": "https://shop.test/",
        "state": "down",
        "since": "2026-01-31T11:59:00.000Z",
        "reason": "connection_refused",
        "message": "refused",
        "latency_ms": 1.235,
        "checked_at": "2026-01-31T11:59:59.000Z",
        "next_check_at": "2026-01-31T12:00:09.000Z",
        "certificate": {
            "subject": "CN=shop",
            "issuer": "CN=ca",
            "not_after": "2026-02-10T12:00:00Z",
            "days_left": 10.0,
        },
        "uptime": {"1h": 0.5, "24h": 0.25, "7d": None, "30d": None},
        "flapping": True,
        "acknowledged": {"by": "ann", "at": "2026-01-31T11:59:55.000Z", "note": "on it"},
        "silenced": {
            "id": "s1",
            "select": ["Shop"],
            "at": "2026-01-31T11:59:55.000Z",
            "until": "2026-01-31T12:00:05.000Z",
            "until_up": False,
            "by": "bob",
            "note": "deploy",
        },
        "maintenance": True,
        "slower": {
            "phase": "tls",
            "factor": 4.0,
            "since": "2026-01-31T11:00:00.000Z",
            "ms": 68.0,
            "usual_ms": 17.0,
        },
    }


def test_what_is_not_known_is_null():
    info = EndpointInfo(handle=1, id="a", name="a", kind="tcp", target="tcp://a:1")
    state = endpoint_state(info, EndpointStatus(handle=1, state=State.PENDING, since=NOW), now=NOW)
    unknown = ("group", "reason", "latency_ms", "checked_at", "next_check_at", "certificate")
    assert [state[key] for key in unknown] == [None] * 6
    assert (state["acknowledged"], state["silenced"], state["flapping"]) == (None, None, False)


def test_what_is_up_has_no_reason():
    row = EndpointStatus(handle=1, state=State.UP, since=NOW, reason=Reason.READ_TIMEOUT)
    assert endpoint_state(CARD, row, now=NOW)["reason"] is None


def test_a_status_counts_every_state():
    states: list[dict[str, Any]] = [{"state": "up"}, {"state": "up"}, {"state": "down"}]
    document = status_document(states, NOW)
    assert document["checked_at"] == "2026-01-31T12:00:00.000Z"
    assert document["summary"] == {state.value: {"up": 2, "down": 1}.get(state.value, 0) for state in State}
    assert document["endpoints"] == states


@pytest.mark.parametrize(("ended", "duration"), [(None, 60.0), (NOW - 30, 30.0)])
def test_an_incident_lasts_until_it_ended_or_until_now(ended: float | None, duration: float):
    one = Incident(
        id="i", endpoint="shop", handle=1, name="Shop", began=NOW - 60, ended=ended, cause="refused", failed=3
    )
    told = incident_json(one, NOW)
    assert told["duration_s"] == duration
    assert (told["ended"] is None) is (ended is None)
    assert (told["id"], told["endpoint"], told["name"], told["cause"]) == ("i", "shop", "Shop", "refused")
    assert (told["reason"], told["failed"], told["acknowledged"]) == (None, 3, None)


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (
            {"message": "m", "state": "retrying", "tries": 2, "detail": "refused", "fallback_for": "Chat"},
            {"message": "m", "failed_tries": 2, "error": "refused", "fallback_for": "Chat"},
        ),
        ({"state": "suppressed", "detail": "silence"}, {"suppressed_by": "silence"}),
        (
            {"message": "m", "state": "delivered", "ended_at": NOW},
            {"message": "m", "ended_at": "2026-01-31T12:00:00.000Z"},
        ),
    ],
)
def test_an_incident_has_its_notifications(keys: dict[str, Any], expected: dict[str, Any]):
    sent = {"alert": "Mail", "channel": "mail", "kind": "down", "at": NOW - 50}
    one = msgspec.convert({**sent, **keys}, Notification)
    incident = Incident(id="i", endpoint="a", handle=1, name="A", began=NOW - 60, notifications=(one,))
    empty = dict.fromkeys(("message", "ended_at", "error", "suppressed_by", "fallback_for"))
    sent["at"] = "2026-01-31T11:59:10.000Z"
    assert incident_json(incident, NOW)["notifications"] == [
        {**sent, "state": keys["state"], "failed_tries": 0, **empty, **expected}
    ]


def test_a_silence_without_end_says_so():
    assert silence(Silence(id="s", select=("a",), at=NOW))["until"] is None


def test_only_an_endpoint_of_a_cluster_has_locations():
    seen = LocationResult(
        location="eu",
        status=Status.DOWN,
        checked_at=NOW,
        latency_ms=1.23456,
        reason=Reason.CONNECTION_REFUSED,
        message="refused",
    )
    located = endpoint_state(CARD, msgspec.structs.replace(ROW, locations=(seen,)), now=NOW)
    assert "locations" not in endpoint_state(CARD, ROW, now=NOW)
    assert located["locations"] == [
        {
            "location": "eu",
            "status": "down",
            "reason": "connection_refused",
            "message": "refused",
            "latency_ms": 1.235,
            "checked_at": "2026-01-31T12:00:00.000Z",
        }
    ]
    described = {**document()["components"]["schemas"]["Endpoint"], "components": document()["components"]}
    jsonschema.validate(located, described)
