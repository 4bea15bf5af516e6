"""What stands outside of the API: health, metrics, heartbeats, and logging in."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse

from monitor.link.figures import Report, Reported
from monitor.model import Tokens
from monitor.web.app import heartbeat_app


async def test_health_is_ok_while_the_engine_lives_and_503_when_it_does_not(
    site: Any, http: httpx.AsyncClient
):
    answer = await http.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")
    assert (await http.head("/healthz")).status_code == 200
    await site.service._server.close()
    answer = await http.get("/healthz")
    assert answer.status_code == 503
    assert "engine" in answer.text
    api = await http.get("/api/v1/endpoints")
    assert (api.status_code, api.json()["error"]["code"]) == (503, "unavailable")
    assert api.headers["retry-after"]


async def test_an_engine_that_is_back_is_found(site: Any, http: httpx.AsyncClient):
    await http.get("/healthz")
    await site.service._server.close()
    assert (await http.get("/healthz")).status_code == 503
    await site.service._server.listen(site.socket)
    assert (await http.get("/healthz")).status_code == 200


OPENMETRICS = {"Accept": "application/openmetrics-text; version=1.0.0"}


async def test_metrics_are_read_by_prometheus_own_parsers(site: Any, http: httpx.AsyncClient):
    await site.down()
    answer = await http.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    plain = {one.name: one for one in parse(answer.text)}
    answer = await http.get("/metrics", headers=OPENMETRICS)
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    assert {one.name for one in parse_openmetrics(answer.text)} >= {"monitor_endpoint_checks"}
    labels = {"endpoint": "nobody", "name": "Nobody <b>", "group": "shop", "type": "tcp"}

    def value(name: str, **more: str) -> float:
        family = plain[name.removesuffix("_total")]
        (sample,) = [one for one in family.samples if one.name == name and one.labels == labels | more]
        return float(sample.value)

    assert value("monitor_probe_success") == 0.0
    assert value("monitor_probe_duration_seconds") > 0
    assert value("monitor_endpoint_state", state="down") == 1.0
    assert value("monitor_endpoint_state", state="up") == 0.0
    assert value("monitor_endpoint_checks_total", status="down") >= 1
    assert value("monitor_endpoint_incidents_total") == 1
    for name in ("monitor_check_lateness_seconds", "monitor_checks_in_flight", "monitor_history_bytes"):
        assert plain[name].samples


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/push/backup?token=pushtoken&msg=42+files", 200),
        ("POST", "/push/backup/fail?token=pushtoken", 200),
        ("PUT", "/push/backup?token=pushtoken&status=down", 200),
        ("GET", "/push/backup/3?token=pushtoken", 200),
        ("GET", "/push/backup/start?token=pushtoken", 200),
        ("GET", "/push/backup/nonsense?token=pushtoken", 422),
        ("GET", "/push/backup", 401),
        ("GET", "/push/backup?token=wrong", 403),
        ("GET", "/push/nobody", 404),
        ("GET", "/push/", 404),
        ("HEAD", "/push/backup?token=pushtoken", 405),
        ("DELETE", "/push/backup?token=pushtoken", 405),
    ],
)
async def test_heartbeats_reach_the_engine(
    site: Any, http: httpx.AsyncClient, method: str, path: str, status: int
):
    heard: list[str] = []
    site.service._heartbeats.heard = heard.append
    assert (await http.request(method, path)).status_code == status
    assert heard == ["backup"] * (status == 200)


async def test_a_heartbeat_may_bring_its_token_as_a_bearer(site: Any):
    http = await site.caller(Tokens(read="read-token"))
    for scheme in ("Bearer", "bearer", "Bearer "):
        bearer = {"Authorization": f"{scheme} pushtoken"}
        assert (await http.get("/push/backup", headers=bearer)).status_code == 200


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/push/backup", 401, "unauthorized"),
        ("/push/backup?token=wrong", 403, "forbidden"),
        ("/push/nobody", 404, "not_found"),
        ("/push/backup/nonsense?token=pushtoken", 422, "invalid"),
    ],
)
async def test_a_refused_heartbeat_is_answered_with_an_error_object(
    http: httpx.AsyncClient, path: str, status: int, code: str
):
    answer = await http.get(path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert ("www-authenticate" in answer.headers) == (status == 401)


def heartbeat_caller(reports: list[Report]) -> httpx.AsyncClient:
    """A caller of the web address of `monitor check`, which adds heartbeats to ``reports``."""

    def take(report: Report) -> Reported:
        reports.append(report)
        return Reported(status=200, text="ok")

    return httpx.AsyncClient(transport=httpx.ASGITransport(app=heartbeat_app(take)), base_url="http://x")


async def test_while_one_check_waits_only_heartbeats_are_answered():
    reports: list[Report] = []
    async with heartbeat_caller(reports) as http:
        assert (await http.get("/push/a/b?msg=hi&status=up&token=t")).text == "ok\n"
        assert (await http.get("/healthz")).status_code == 200
        assert (await http.get("/metrics")).status_code == 404
    assert reports == [Report(path="a/b", status="up", note="hi", token="t")]


@pytest.mark.parametrize(
    ("method", "query", "body", "note"),
    [
        ("POST", "", b"42 files\ndone", "42 files\ndone"),
        ("PUT", "", b"42 files", "42 files"),
        ("POST", "?msg=short", b"the whole log", "short"),
        ("POST", "?msg=", b"the log", "the log"),
        ("POST", "", b"\xff\xfe", "\ufffd\ufffd"),
        ("POST", "", b"x" * 60_000, "x" * 1000),
        ("POST", "", b"", ""),
    ],
)
async def test_the_body_of_a_heartbeat_is_its_message(method: str, query: str, body: bytes, note: str):
    reports: list[Report] = []
    async with heartbeat_caller(reports) as http:
        assert (await http.request(method, f"/push/a{query}", content=body)).status_code == 200
    assert [report.note for report in reports] == [note]


async def test_a_browser_gets_a_form_for_the_token_and_a_cookie_that_reads(site: Any):
    http = await site.caller(Tokens(read="read-token", write="write-token"))
    refused = await http.get("/")
    assert (refused.status_code, "<form" in refused.text) == (401, True)
    assert refused.headers["content-type"].startswith("text/html")
    wrong = await http.post("/login", data={"token": "nope"})
    assert wrong.status_code == 401
    right = await http.post("/login", data={"token": "read-token"})
    assert right.status_code == 303
    assert {"HttpOnly", "SameSite=strict"} <= set(right.headers["set-cookie"].split("; "))
    assert (await http.get("/")).status_code == 200
    assert (await http.get("/api/v1/endpoints")).status_code == 200
    assert (await http.post("/api/v1/endpoints/nobody/check")).status_code == 401


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/endpoints/", 200),
        ("/api/v1/endpoints/nobody/", 200),
        ("/api/v1/endpoints/nobody%2F", 404),
        ("/api/v1/endpoints/nobody%2F/", 404),
        ("/metrics/", 200),
        ("/healthz/", 200),
        ("/nope/", 404),
    ],
)
async def test_a_final_slash_is_no_redirect(http: httpx.AsyncClient, path: str, status: int):
    assert (await http.get(f"http://monitor.test{path}")).status_code == status


async def test_guessing_the_token_of_a_heartbeat_is_slowed_down_and_the_right_one_always_works(site: Any):
    http = await site.caller()
    statuses = [(await http.get(f"/push/backup?token=guess{number}")).status_code for number in range(12)]
    assert statuses == [403] * 10 + [429] * 2
    assert (await http.get("/push/backup?token=pushtoken")).status_code == 200


async def test_guessing_the_token_in_the_form_is_slowed_down(site: Any):
    http = await site.caller(Tokens(read="read-token"))
    statuses = [(await http.post("/login", data={"token": str(guess)})).status_code for guess in range(15)]
    assert statuses[0] == 401
    assert statuses[-1] == 429
    assert (await http.post("/login", data={"token": "read-token"})).status_code == 303


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("POST", "/api/v1/endpoints", 405, {"GET", "HEAD"}),
        ("DELETE", "/api/v1/endpoints/nobody/check", 405, {"POST"}),
        ("PATCH", "/api/v1/silences", 405, {"GET", "HEAD", "POST"}),
        ("POST", "/metrics", 405, {"GET", "HEAD"}),
        ("PUT", "/", 405, {"GET", "HEAD"}),
        ("POST", "/nowhere", 404, None),
        ("POST", "/api/v1/nowhere", 404, None),
        ("POST", "/api/v1/silences", 403, None),
        ("DELETE", "/api/v1/silences/x", 403, None),
        ("POST", "/api/v1/endpoints/nobody/pause", 403, None),
    ],
)
async def test_what_has_no_handler_is_not_forbidden(
    site: Any, method: str, path: str, status: int, allow: set[str] | None
):
    answer = await (await site.caller(Tokens())).request(method, path)
    assert answer.status_code == status
    if allow:
        assert set(answer.headers["allow"].split(", ")) == allow


@pytest.mark.parametrize("path", ["/nowhere", "/api/v1/endpoints", "/api/v1/silences"])
async def test_who_may_not_read_does_not_learn_what_has_a_handler(site: Any, path: str):
    caller = await site.caller(Tokens(read="reader", write="writer"))
    assert (await caller.post(path)).status_code == 401


@pytest.mark.parametrize("slash", ["%2F", "%2f"])
async def test_an_id_may_have_a_slash(site: Any, http: httpx.AsyncClient, slash: str):
    (first, *_) = site.service.engine.endpoints.values()
    first.endpoint = replace(first.endpoint, id="shop/front ü")
    path = f"/api/v1/endpoints/shop{slash}front%20%C3%BC"
    assert (await http.get(path)).json()["id"] == "shop/front ü"
    assert (await http.get(f"{path}/history?since=1h")).json()["id"] == "shop/front ü"
    assert (await http.get("/api/v1/endpoints/shop/front%20%C3%BC")).status_code == 404
    assert (await http.get(f"/api{slash}v1/endpoints")).status_code == 404
