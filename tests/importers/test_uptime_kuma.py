"""Uptime Kuma's monitors."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

FULL = Path(__file__).parent / "files" / "kuma.json"
Convert = Callable[..., Any]


def test_a_group_is_named_with_those_around_it(convert: Convert):
    groups = [
        {"id": 1, "name": "core", "type": "group"},
        {"id": 2, "name": "web", "type": "group", "parent": 1},
    ]
    monitor = {"id": 3, "name": "a", "type": "http", "url": "https://a.example", "parent": 2}
    assert convert("uptime-kuma", {"monitorList": [*groups, monitor]}).only()["group"] == "core / web"


def test_groups_that_hold_each_other_end(convert: Convert):
    groups = [
        {"id": 1, "name": "a", "type": "group", "parent": 2},
        {"id": 2, "name": "b", "type": "group", "parent": 1},
    ]
    monitor = {"id": 3, "name": "a", "type": "http", "url": "https://a.example", "parent": 2}
    assert convert("uptime-kuma", {"monitorList": [*groups, monitor]}).only()["group"] == "a / b"


def test_retries_are_failures_before_it_is_down(convert: Convert):
    shop = {one.name: one for one in convert("uptime-kuma", FULL).config().endpoints}["shop"]
    assert (shop.down_after, shop.up_after, shop.retry_interval, shop.interval) == (3, 1, 30, 60)


def test_what_is_paused_or_upside_down_is_not_enabled(convert: Convert):
    endpoints = convert("uptime-kuma", FULL).endpoints
    assert [name for name, one in endpoints.items() if one.get("enabled") is False] == ["queue", "ping"]


def test_tags_description_and_proxy_are_carried_over(convert: Convert):
    shop = convert("uptime-kuma", FULL).endpoints["shop"]
    assert shop["tags"] == ["env:prod"]
    assert shop["description"] == "The shop"
    assert shop["proxy"] == "http://u:${PROXY_PASSWORD}@proxy.example:3128"


NOT_CARRIED = (
    "container: not carried over: the state of containers",
    "radius: not carried over: RADIUS is not spoken",
    "shop: cachebust:",
    "odd query: jsonpath:",
    "odd query: oauthaudience:",
    "ping: packetsize:",
    "ping: upsidedown:",
    "name: conditions:",
    "name: dnsresolveserver:",
    "broker: mqtttopic:",
    "rpc: grpcmethod:",
    "socket: wsignoresecwebsocketacceptheader:",
    "rabbit: rabbitmqnodes:",
    "mtls: authmethod:",
    "ntlm: authmethod:",
    "token: domainexpirynotification:",
    "notification Unused: no monitor uses it",
    "Odd: not carried over:",
)


@pytest.mark.parametrize("note", NOT_CARRIED)
def test_what_has_no_counterpart_is_noted(note: str, convert: Convert):
    assert note in convert("uptime-kuma", FULL).said
