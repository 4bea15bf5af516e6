"""`/api/v1` on a real engine."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from starlette.requests import Request

from monitor.web.api import Api
from monitor.web.errors import ApiError
from monitor.web.past import Past

WRITING = {"Authorization": "Bearer write-token"}
API = "/api/v1"


async def test_endpoints_are_counted_and_selected(site: Any, http: httpx.AsyncClient):
    await site.down()
    document = (await http.get(f"{API}/endpoints")).json()
    assert document["summary"]["down"] == 1
    assert [one["id"] for one in document["endpoints"]] == ["nobody", "off", "backup"]
    assert document["endpoints"][0]["uptime"]["1h"] == 0.0
    chosen = await http.get(f"{API}/endpoints", params=[("select", "tag:eu"), ("select", "Off")])
    assert [one["id"] for one in chosen.json()["endpoints"]] == ["nobody", "off"]
    assert (await http.get(f"{API}/endpoints", params={"select": "nope"})).json()["endpoints"] == []


async def test_one_endpoint_is_as_in_the_list(site: Any, http: httpx.AsyncClient):
    await site.down()
    (listed, *_) = (await http.get(f"{API}/endpoints")).json()["endpoints"]
    one = (await http.get(f"{API}/endpoints/nobody")).json()
    assert {**one, "uptime": None} == {**listed, "uptime": None}
    assert one["reason"] == "connection_refused"


async def test_history_gathers_checks_into_steps(site: Any, http: httpx.AsyncClient):
    await site.down()
    answer = (await http.get(f"{API}/endpoints/nobody/history?since=1m&step=20s")).json()
    assert (answer["id"], answer["step_s"], len(answer["points"])) == ("nobody", 20.0, 3)
    assert sum(point["failed"] for point in answer["points"]) >= 1


async def test_incidents_are_filtered(site: Any, http: httpx.AsyncClient):
    assert (await http.get(f"{API}/incidents")).json() == {"incidents": []}
    await site.down()
    for query, count in (("", 1), ("?open=true", 1), ("?open=false", 0), ("?since=1h", 1)):
        incidents = (await http.get(f"{API}/incidents{query}")).json()["incidents"]
        assert len(incidents) == count
    (incident,) = (await http.get(f"{API}/incidents")).json()["incidents"]
    assert (incident["endpoint"], incident["ended"]) == ("nobody", None)


async def test_a_report_is_as_that_of_the_command(site: Any, http: httpx.AsyncClient):
    await site.down()
    report = (await http.get(f"{API}/report?since=1h")).json()
    assert [one["id"] for one in report["entries"]] == ["nobody", "off", "backup"]
    nobody = report["entries"][0]
    assert (nobody["uptime"], nobody["incidents"]) == (0.0, 1)
    assert nobody["failed"] == nobody["checks"] >= 1
    assert nobody["known_s"] + nobody["unknown_s"] == pytest.approx(3600, abs=5)
    assert [one["endpoint"] for one in report["incidents"]] == ["nobody"]
    groups = (await http.get(f"{API}/report?since=1h&by=group&select=group:shop")).json()
    assert [one["name"] for one in groups["entries"]] == ["shop"]


async def test_an_endpoint_is_checked_paused_resumed_and_acknowledged(site: Any, http: httpx.AsyncClient):
    await site.down()
    for act, state in (("check", "down"), ("pause", "paused"), ("pause", "paused"), ("resume", "down")):
        answer = await http.post(f"{API}/endpoints/nobody/{act}", headers=WRITING)
        assert (answer.status_code, answer.json()["id"]) == (200, "nobody")
        assert answer.json()["state"] in (state, "pending", "failing", "down")
    for note in ("on it", "on it"):
        answer = await http.post(f"{API}/endpoints/nobody/acknowledge", headers=WRITING, json={"note": note})
        assert answer.status_code == 200
    assert answer.json()["acknowledged"]["note"] == "on it"


async def test_the_log_names_the_api_as_the_author(site: Any, http: httpx.AsyncClient):
    for act in ("pause", "resume"):
        await http.post(f"{API}/endpoints/nobody/{act}", headers=WRITING)
    logged = [event.text for event in site.service.engine.event_log.since(0)]
    assert {"paused by API", "resumed by API"} <= set(logged)


async def test_an_acknowledgement_for_a_while_says_when_it_ends(site: Any, http: httpx.AsyncClient):
    await site.down()
    url = f"{API}/endpoints/nobody/acknowledge"
    mark = (await http.post(url, headers=WRITING, json={"for": "2h"})).json()["acknowledged"]
    assert datetime.fromisoformat(mark["until"]) - datetime.fromisoformat(mark["at"]) == timedelta(hours=2)
    for wrong in ("soon", "0s", 0):
        assert (await http.post(url, headers=WRITING, json={"for": wrong})).status_code == 422


async def test_what_is_well_cannot_be_acknowledged(http: httpx.AsyncClient, site: Any):
    await http.post("/push/backup?token=pushtoken")
    backup = list(site.service.engine.endpoints.values())[2]
    while backup.state.value != "up":
        site.service.engine.check_now([backup.handle])
        await asyncio.sleep(0.01)
    answer = await http.post(f"{API}/endpoints/backup/acknowledge", headers=WRITING)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "conflict")


async def test_a_silence_is_started_listed_and_ended(http: httpx.AsyncClient):
    body = {"select": ["group:shop"], "for": "2h", "note": "deploy"}
    started = await http.post(f"{API}/silences", headers=WRITING, json=body)
    assert started.status_code == 201
    silence = started.json()
    assert (silence["select"], silence["note"]) == (["group:shop"], "deploy")
    assert silence["until"]
    assert (await http.get(f"{API}/silences")).json() == {"silences": [silence]}
    assert (await http.get(f"{API}/endpoints/nobody")).json()["silenced"] == silence
    ended = await http.delete(f"{API}/silences/{silence['id']}", headers=WRITING)
    assert (ended.status_code, ended.content) == (204, b"")
    assert (await http.delete(f"{API}/silences/{silence['id']}", headers=WRITING)).status_code == 404
    endless = await http.post(f"{API}/silences", headers=WRITING, json={"select": ["*"], "for": None})
    assert endless.json()["until"] is None


async def test_a_change_that_is_only_in_memory_comes_with_a_warning(
    site: Any, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
):
    await site.down()
    one, silences = f"{API}/endpoints/nobody", f"{API}/silences"
    acts = [f"{one}/acknowledge", f"{one}/pause", f"{one}/resume"]
    for act in acts:
        assert "warning" not in (await http.post(act, headers=WRITING)).json()
    monkeypatch.setattr("monitor.engine.engine._STATS_EVERY", 0.0)
    site.service.engine.history_trouble = lambda: "the disk is full: “h.db”"
    warning = "a restart would lose it: the disk is full: “h.db”"
    await site.down()
    for act in acts:
        assert (await http.post(act, headers=WRITING)).json()["warning"] == warning
    assert "warning" not in (await http.post(f"{one}/check", headers=WRITING)).json()
    started = (await http.post(silences, headers=WRITING, json={"select": ["*"]})).json()
    assert started["warning"] == warning
    ended = await http.delete(f"{silences}/{started['id']}", headers=WRITING)
    assert ended.status_code == 204
    assert ended.headers["monitor-warning"] == "a restart would lose it: the disk is full: ?h.db?"


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/endpoints/nope", None, 404),
        ("GET", "/nope", None, 404),
        ("POST", "/endpoints/nope/check", None, 404),
        ("DELETE", "/endpoints", None, 405),
        ("PUT", "/silences", None, 405),
        ("GET", "/endpoints?select=grup:x", None, 422),
        ("GET", "/endpoints?select=", None, 422),
        ("GET", "/endpoints/nobody/history?since=soon", None, 422),
        ("GET", "/endpoints/nobody/history?since=1h&until=2h", None, 422),
        ("GET", "/endpoints/nobody/history?step=0", None, 422),
        ("GET", "/endpoints/nobody/history?since=1d&step=1s", None, 422),
        ("GET", "/incidents?open=perhaps", None, 422),
        ("GET", "/report?by=colour", None, 422),
        ("GET", "/report?since=1h&until=2h", None, 422),
        ("GET", "/report?select=grup:x", None, 422),
        ("GET", "/incidents?since=1h&open=2", None, 422),
        ("POST", "/silences", b"{", 422),
        ("POST", "/silences", b"\xff", 422),
        ("POST", "/silences", b"[" * 60000, 422),
        ("POST", "/silences", b"", 422),
        ("POST", "/silences", b'{"select": []}', 422),
        ("POST", "/silences", b'{"select": "shop"}', 422),
        ("POST", "/silences", b'{"select": ["nope"]}', 422),
        ("POST", "/silences", b'{"select": ["*"], "for": "soon"}', 422),
        ("POST", "/silences", b'{"select": ["*"], "for": -1}', 422),
        ("POST", "/silences", b'{"select": ["*"], "until": "x"}', 422),
        ("POST", "/endpoints/nobody/acknowledge", b'{"note": 3}', 422),
        ("POST", "/silences", b'{"note": "' + b"x" * 70000 + b'"}', 413),
    ],
)
async def test_what_is_wrong_is_told_with_a_code(
    http: httpx.AsyncClient, method: str, path: str, body: bytes | None, status: int
):
    answer = await http.request(method, API + path, headers=WRITING, content=body)
    assert answer.status_code == status
    error = answer.json()["error"]
    assert error["code"] != "internal_error"
    assert error["message"]


async def test_too_many_streams_are_refused(site: Any, http: httpx.AsyncClient, monkeypatch: Any):
    monkeypatch.setattr("monitor.web.api._STREAMS", 0)
    answer = await http.get(f"{API}/events")
    assert answer.status_code == 429
    assert answer.headers["retry-after"]


async def test_the_head_of_the_events_is_no_stream(http: httpx.AsyncClient):
    answer = await asyncio.wait_for(http.head(f"{API}/events"), 10)
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (
        200,
        "text/event-stream",
    )


async def test_streams_that_begin_at_once_are_counted_until_they_end(site: Any, monkeypatch: Any):
    monkeypatch.setattr("monitor.web.api._STREAMS", 2)
    api = Api(await site.source(), Past(None))
    request = Request({"type": "http", "method": "GET", "path": "/events", "headers": []})
    streams = [await api.events(request), await api.events(request)]
    with pytest.raises(ApiError) as refused:
        await api.events(request)
    assert refused.value.status == 429

    async def gone() -> Any:
        return {"type": "http.disconnect"}

    async def send(_message: Any) -> None:
        raise OSError

    with suppress(Exception):
        await streams[0]({"type": "http", "asgi": {"spec_version": "2.4"}}, gone, send)
    assert await api.events(request)
