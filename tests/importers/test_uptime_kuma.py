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


@pytest.mark.parametrize(
    ("given", "retry"),
    [
        ({"maxretries": 2, "retryInterval": 20}, "20s"),
        ({"maxretries": 2}, "1m30s"),
        ({"maxretries": 2, "retryInterval": 0}, "1m30s"),
        ({"maxretries": 0}, None),
    ],
)
def test_retries_are_as_far_apart_as_they_were(given: dict[str, Any], retry: str | None, convert: Convert):
    monitor = {"id": 1, "name": "a", "type": "ping", "hostname": "a.example", "interval": 90, **given}
    assert convert("uptime-kuma", {"monitorList": [monitor]}).only().get("retry_interval") == retry


NESTED = [
    {"id": 1, "name": "outer", "type": "group", "active": False, "description": "ours"},
    {"id": 2, "name": "inner", "type": "group", "parent": 1, "notificationIDList": {"7": True}},
    {"id": 3, "name": "a", "type": "ping", "hostname": "a.example", "parent": 2},
    {"id": 4, "name": "b", "type": "ping", "hostname": "b.example"},
    {
        "id": 5,
        "name": "c",
        "type": "ping",
        "hostname": "c.example",
        "parent": 2,
        "notificationIDList": {"7": True},
    },
    {"id": 6, "name": "empty", "type": "group"},
]
MAIL = {"id": 7, "name": "n", "config": '{"type": "ntfy", "ntfytopic": "t"}', "active": True}
WINDOW = {
    "id": 8,
    "title": "w",
    "strategy": "cron",
    "cron": "0 0 * * *",
    "duration": 60,
    "active": True,
    "monitors": [{"id": 1}],
}


class TestGroups:
    @pytest.fixture
    def result(self, convert: Convert) -> Any:
        given = {"monitorList": NESTED, "notificationList": [MAIL], "maintenanceList": [WINDOW]}
        return convert("uptime-kuma", given)

    def test_a_paused_group_pauses_what_it_holds(self, result: Any):
        assert {name: one.get("enabled", True) for name, one in result.endpoints.items()} == {
            "a": False,
            "b": True,
            "c": False,
        }

    def test_notifications_and_maintenance_of_a_group_are_those_of_its_endpoints(self, result: Any):
        assert result.toml["alerts"][0]["select"] == ["group:outer / inner"]
        assert result.toml["maintenance"][0]["select"] == ["group:outer / inner"]

    @pytest.mark.parametrize(
        "note",
        [
            "group outer.active: the group was paused",
            "group outer.description: a group has none",
            "group inner.notificationidlist: each endpoint of the group sends its own message",
            "group empty: holds no monitor",
        ],
    )
    def test_what_a_group_has_of_its_own_is_noted(self, note: str, result: Any):
        assert note in result.said


def test_what_is_paused_or_upside_down_is_not_enabled(convert: Convert):
    endpoints = convert("uptime-kuma", FULL).endpoints
    assert [name for name, one in endpoints.items() if one.get("enabled") is False] == ["queue", "ping"]


def test_tags_description_and_proxy_are_carried_over(convert: Convert):
    shop = convert("uptime-kuma", FULL).endpoints["shop"]
    assert shop["tags"] == ["env:prod"]
    assert shop["description"] == "The shop"
    assert shop["proxy"] == "http://u:${PROXY_PASSWORD}@proxy.example:3128"


LOST: dict[str, tuple[dict[str, Any], str]] = {
    "a limit for each echo": (
        {"type": "ping", "hostname": "a", "ping_per_request_timeout": 5},
        "pingperrequesttimeout: the timeout is of the whole check",
    ),
    "answers to keep": (
        {"type": "http", "url": "https://a.example", "saveResponse": True},
        "saveresponse: answers are not kept",
    ),
    "a query on a message": (
        {
            "type": "mqtt",
            "hostname": "a",
            "mqttCheckType": "json-query",
            "jsonPath": "s",
            "expectedValue": "1",
        },
        "jsonpath: s == 1: the check waits for no message",
    ),
    "codes of a close": (
        {"type": "websocket-upgrade", "url": "wss://a.example", "accepted_statuscodes": ["1001"]},
        "acceptedstatuscodes: the check ends with the upgrade",
    ),
}


@pytest.mark.parametrize(("monitor", "note"), LOST.values(), ids=LOST)
def test_a_setting_of_one_type_is_noted(monitor: dict[str, Any], note: str, convert: Convert):
    assert note in convert("uptime-kuma", {"monitorList": [{"id": 1, "name": "a", **monitor}]}).said


@pytest.mark.parametrize("codes", [["1000"], ["200-299"], None])
def test_codes_of_a_close_that_are_usual_are_not_noted(codes: list[str] | None, convert: Convert):
    monitor = {"id": 1, "name": "a", "type": "websocket-upgrade", "url": "wss://a.example"}
    given = {"monitorList": [{**monitor, "accepted_statuscodes": codes}]}
    assert not convert("uptime-kuma", given).notes


NOT_CARRIED = (
    "container: not carried over: the state of containers",
    "radius: not carried over: RADIUS is not supported",
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
