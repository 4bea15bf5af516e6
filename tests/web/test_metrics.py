"""Metrics of endpoints whose names are not ours to choose."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse

from monitor.link.figures import AlertCount, Counted
from monitor.link.messages import EndpointInfo, EndpointStatus, EngineStats
from monitor.link.picture import Picture
from monitor.model import LocationResult, State, Status
from monitor.web.metrics import render


def picture(name: str) -> Picture:
    made = Picture()
    made.version = "1.2.3"
    made.infos = {1: EndpointInfo(handle=1, id="a", name=name, kind="http", target="http://a/")}
    made.statuses = {1: EndpointStatus(handle=1, state=State.UP, since=0.0, not_after=2e9)}
    return made


def rendered(name: str, counted: Counted) -> dict[str, list[object]]:
    body, _ = render(picture(name), [counted], "")
    return {one.name: one.samples for one in parse(body.decode())}


@given(st.text(max_size=30))
def test_any_name_can_be_read_back(name: str):
    (success,) = rendered(name, Counted(handle=1, status=Status.UP))["monitor_probe_success"]
    assert success.labels["name"] == name  # type: ignore[attr-defined]


OPENMETRICS, TEXT = "application/openmetrics-text", "text/plain"


@pytest.mark.parametrize(
    ("accept", "type"),
    [
        ("", TEXT),
        ("*/*", TEXT),
        ("text/html", TEXT),
        (TEXT, TEXT),
        (OPENMETRICS, OPENMETRICS),
        ("Application/OpenMetrics-Text; Version=1.0.0; charset=utf-8", OPENMETRICS),
        (f"{OPENMETRICS};version=1.0.0;q=0.5,{TEXT};version=0.0.4;q=0.3,*/*;q=0.1", OPENMETRICS),
        (f"{OPENMETRICS};version=1.0.0;q=0.5,{TEXT};version=0.0.4;q=0.9", TEXT),
        (f"{TEXT};q=0.2, {OPENMETRICS}; q=0.1, text/*;q=0.3", TEXT),
        (f"{OPENMETRICS};q=0, {TEXT};q=0.1", TEXT),
        (f"{OPENMETRICS};version=0.0.1,{TEXT};version=0.0.4;q=0.5", TEXT),
        (f"{OPENMETRICS};version=2.0.0,{OPENMETRICS};version=1.0.0;q=0.7,{TEXT};q=0.5", OPENMETRICS),
        (f"{OPENMETRICS};q=nan", TEXT),
        (f"{OPENMETRICS};q", TEXT),
        (",;=,;q=", TEXT),
    ],
)
def test_the_format_is_the_one_that_is_preferred(accept: str, type: str):
    body, content_type = render(picture("a"), [], accept)
    assert content_type.partition(";")[0] == type
    assert body.endswith(b"# EOF\n") is (type == OPENMETRICS)
    read = parse_openmetrics if type == OPENMETRICS else parse
    assert "monitor_build_info" in {one.name for one in read(body.decode())}


def test_what_is_not_known_has_no_sample():
    metrics = rendered("a", Counted(handle=1, status=Status.INCONCLUSIVE))
    for name in ("success", "duration_seconds", "phase_duration_seconds", "http_status_code"):
        assert metrics.get(f"monitor_probe_{name}", []) == []
    (expiry,) = metrics["monitor_certificate_expiry_timestamp_seconds"]
    assert expiry.value == 2e9  # type: ignore[attr-defined]


def test_an_endpoint_that_was_never_counted_has_zeroes():
    body, _ = render(picture("a"), [], "")
    assert b'monitor_endpoint_incidents_total{endpoint="a"' in body


def test_deliveries_of_messages_are_counted_by_alert_and_result():
    made = picture("a")
    made.stats = EngineStats(alerts_sent=(AlertCount("mail", "sent", 3), AlertCount("mail", "failed", 1)))
    body, _ = render(made, [Counted(handle=1)], "")
    (sent,) = (one for one in parse(body.decode()) if one.name == "monitor_alerts_sent")
    found = {(sample.labels["alert"], sample.labels["result"]): sample.value for sample in sent.samples}
    assert found == {("mail", "sent"): 3.0, ("mail", "failed"): 1.0}


def test_in_a_cluster_each_location_has_its_own_samples():
    made = picture("a")
    found = (
        LocationResult(location="eu", status=Status.UP, checked_at=1.0, latency_ms=40.0, http_status=200),
        LocationResult(location="us", status=Status.DOWN, checked_at=1.0, phases_ms={"connect": 5.0}),
    )
    made.infos[2] = EndpointInfo(handle=2, id="b", name="b", kind="push", target="push:b")
    made.statuses = {
        1: msgspec.structs.replace(made.statuses[1], locations=found),
        2: EndpointStatus(handle=2, state=State.UP, since=0.0),
    }
    body, _ = render(made, [Counted(handle=1), Counted(handle=2, status=Status.UP)], "")
    metrics = {one.name: one.samples for one in parse(body.decode())}
    success = metrics["monitor_probe_success"]
    assert {(one.labels["endpoint"], one.labels["location"]): one.value for one in success} == {
        ("a", "eu"): 1.0,
        ("a", "us"): 0.0,
        ("b", ""): 1.0,
    }
    (duration,) = metrics["monitor_probe_duration_seconds"]
    assert (duration.labels["location"], duration.value) == ("eu", 0.04)
    (phase,) = metrics["monitor_probe_phase_duration_seconds"]
    assert (phase.labels["location"], phase.labels["phase"]) == ("us", "connect")
