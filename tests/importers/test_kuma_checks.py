"""Uptime Kuma's types, each as a check."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from monitor.importers._kuma_checks import TYPES

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
