"""Uptime Kuma's types, each as a check."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from monitor.demo.http import application
from monitor.demo.server import serve
from monitor.importers._kuma_checks import TYPES
from monitor.model import Status
from monitor.service.once import check_all

FULL = Path(__file__).parent / "files" / "kuma.json"
Convert = Callable[..., Any]

URLS = {
    "shop": "https://shop.example/?key=${SHOP_KEY}",
    "queue": "https://queue.example",
    "port": "tcp://db.example:5432",
    "ping": "icmp://db.example",
    "name": "dns://a.example?type=MX&server=1.1.1.1:5353",
    "Nightly job": "push:nightly-job",
    "broker": "mqtts://u:${BROKER_PASSWORD}@mq.example:8883",
    "pg": "postgres://u:${PG_PASSWORD}@db.example/x",
    "my": "mysql://u:${PG_PASSWORD}@db.example/x",
    "cache": "redis://:${PG_PASSWORD}@db.example:6379",
    "rpc": "grpcs://rpc.example:50051/a.B",
    "mail": "tls://mail.example:587",
    "socket": "wss://a.example/ws",
    "rabbit": "https://mq.example:15672/api/health/checks/alarms",
    "browser": "https://a.example",
}


@pytest.mark.parametrize(("name", "url"), URLS.items(), ids=URLS)
def test_a_monitor_has_its_url(name: str, url: str, convert: Convert):
    assert convert("uptime-kuma", FULL).endpoints[name]["url"] == url


KEYS: dict[str, dict[str, Any]] = {
    "shop": {
        "method": "POST",
        "body": '{"password": "${SHOP_PASSWORD}"}',
        "headers": {
            "X-A": "b",
            "Authorization": "Bearer ${SHOP_AUTHORIZATION}",
            "Content-Type": "application/json",
        },
        "auth": {"basic": ["u", "${SHOP_PASSWORD_2}"]},
        "tls": {"verify": False},
        "max_redirects": 3,
        "expect": {"status": ["2xx", 301], "body": {"contains": "ok"}},
        "warn": {"certificate": "21d"},
    },
    "queue": {"expect": {"json": {"$.depth": {"lt": 100}}}},
    "name": {"expect": {"records": ["10 mail.example."]}},
    "ping": {"count": 2},
    "mail": {"starttls": "smtp"},
    "pg": {"query": "SELECT count(*) FROM a"},
    "my": {"query": None},
    "socket": {"headers": {"Sec-WebSocket-Protocol": "chat"}},
    "token": {"auth": {"bearer": "${TOKEN_TOKEN}"}},
    "mtls": {"ip_version": 4},
}


@pytest.mark.parametrize(("name", "wanted"), KEYS.items(), ids=KEYS)
def test_a_monitor_has_its_keys(name: str, wanted: dict[str, Any], convert: Convert):
    made = convert("uptime-kuma", FULL).endpoints[name]
    assert {key: made.get(key) for key in wanted} == wanted


@pytest.mark.parametrize("kind", sorted(TYPES - {"group"}))
def test_every_type_is_converted_or_says_why_not(kind: str, convert: Convert):
    result = convert(
        "uptime-kuma", {"monitorList": [{"id": 1, "name": "a", "type": kind, "hostname": "a.example"}]}
    )
    assert result.toml.get("endpoints") or "a: not carried over: " in result.said


ANSWERS: list[tuple[dict[str, Any], int, str, bool]] = [
    ({"type": "http"}, 200, "", True),
    ({"type": "http"}, 301, "", False),
    ({"type": "http", "accepted_statuscodes": ["200-299", "404"]}, 404, "", True),
    ({"type": "http", "accepted_statuscodes": ["300-399"], "maxredirects": 0}, 304, "", True),
    ({"type": "keyword", "keyword": "fine"}, 200, "all fine", True),
    ({"type": "keyword", "keyword": "fine"}, 200, "broken", False),
    ({"type": "keyword", "keyword": "fine", "invertKeyword": True}, 200, "broken", True),
    ({"type": "json-query", "jsonPath": "a.b", "expectedValue": "5"}, 200, '{"a": {"b": 5}}', True),
    (
        {"type": "json-query", "jsonPath": "$.a", "jsonPathOperator": ">", "expectedValue": "4"},
        200,
        '{"a": 5}',
        True,
    ),
    (
        {"type": "json-query", "jsonPath": "$.a", "jsonPathOperator": "<", "expectedValue": "4"},
        200,
        '{"a": 5}',
        False,
    ),
    (
        {"type": "json-query", "jsonPath": "a", "jsonPathOperator": "contains", "expectedValue": "x"},
        200,
        '{"a": "xy"}',
        True,
    ),
]


@pytest.mark.parametrize(("monitor", "status", "body", "passes"), ANSWERS)
async def test_a_monitor_passes_as_it_did_there(
    monitor: dict[str, Any], status: int, body: str, passes: bool, convert: Convert
):
    async def route(exchange: Any) -> None:
        await exchange.send(status, body.encode())

    async with serve(application({"/": route})) as port:
        row = {"id": 1, "name": "a", "url": f"http://127.0.0.1:{port}/", **monitor}
        result = await asyncio.to_thread(convert, "uptime-kuma", {"monitorList": [row]})
        assert not result.notes
        config = result.config()
        (checked,) = await check_all(config.endpoints, config.settings, config.redact)
    assert (checked.status is Status.UP) is passes, checked.message
