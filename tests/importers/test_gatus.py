"""Gatus's config: endpoints, suites, external endpoints and what belongs to all of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from monitor.errors import UsageError

FULL = Path(__file__).parent / "files" / "gatus.yaml"
Convert = Callable[..., Any]


def endpoint(**given: Any) -> dict[str, Any]:
    return {
        "endpoints": [{"name": "a", "url": "https://a.example", "conditions": ["[STATUS] == 200"], **given}]
    }


KEYS = {
    "a group": ({"group": "g"}, {"group": "g"}),
    "not enabled": ({"enabled": False}, {"enabled": False}),
    "a method": ({"method": "head"}, {"method": "HEAD"}),
    "the usual method": ({"method": "GET"}, {"method": None}),
    "a body": ({"body": "x"}, {"body": "x"}),
    "a body with the endpoint's name": (
        {"body": "[ENDPOINT_NAME] at [ENDPOINT_URL]"},
        {"body": "a at https://a.example"},
    ),
    "GraphQL": ({"body": "{ a }", "graphql": True}, {"json": {"query": "{ a }"}, "body": None}),
    "headers": ({"headers": {"X-A": 1}}, {"headers": {"X-A": "1"}}),
    "labels": ({"extra-labels": {"env": "prod"}}, {"tags": ["env:prod"]}),
    "redirects": ({"client": {"ignore-redirect": True}}, {"follow_redirects": False}),
    "no verification": ({"client": {"insecure": True}}, {"tls": {"verify": False}}),
    "a proxy": ({"client": {"proxy-url": "http://p:3128"}}, {"proxy": "http://p:3128"}),
    "thresholds": (
        {"alerts": [{"type": "slack", "failure-threshold": 4, "success-threshold": 7}]},
        {"down_after": 4, "up_after": 7},
    ),
    "the thresholds of Gatus": ({"alerts": [{"type": "slack"}]}, {"down_after": None, "up_after": None}),
    "TLS": ({"url": "tls://a.example:8443"}, {"url": "tls://a.example:8443", "expect": None}),
    "STARTTLS": ({"url": "starttls://a.example:587"}, {"url": "tls://a.example:587", "starttls": "smtp"}),
    "a name server": (
        {"url": "9.9.9.9", "dns": {"query-name": "a.example.", "query-type": "MX"}},
        {"url": "dns://a.example?type=MX&server=9.9.9.9"},
    ),
    "ICMP over IPv6": ({"url": "icmp://a.example", "client": {"network": "ip6"}}, {"ip_version": 6}),
}


@pytest.mark.parametrize(("given", "wanted"), KEYS.values(), ids=KEYS)
def test_a_setting_becomes_a_key(given: dict[str, Any], wanted: dict[str, Any], convert: Convert):
    (made,) = convert("gatus", endpoint(**given)).toml["endpoints"]
    assert {key: made.get(key) for key in wanted} == wanted


def test_an_interval_is_a_minute_unless_it_says_so(convert: Convert):
    assert convert("gatus", endpoint()).config().endpoints[0].interval == 60
    assert convert("gatus", endpoint(interval="1h30m")).config().endpoints[0].interval == 5400


def test_a_time_without_quotes_is_no_number(convert: Convert):
    given = (
        "endpoints: [{name: a, url: 'icmp://a', conditions: []}]\nmaintenance: {start: 23:00, duration: 1h}\n"
    )
    assert 'cron = "0 23 * * *"' in convert("gatus", given).text


def test_variables_of_the_environment_stay_variables(convert: Convert):
    result = convert("gatus", endpoint(url="https://$HOST/${PATH_A}?cost=$$5", headers={"X-A": "$${b}"}))
    (made,) = result.toml["endpoints"]
    assert made["url"] == "https://${HOST}/${PATH_A}?cost=$5"
    assert made["headers"] == {"X-A": "$${b}"}
    assert set(result.made.needed) == {"HOST", "PATH_A"}


def test_the_same_name_in_two_groups_is_told_apart(convert: Convert):
    given = endpoint(group="one")
    given["endpoints"] += endpoint(group="two")["endpoints"]
    assert set(convert("gatus", given).endpoints) == {"a", "a (two)"}


def test_steps_of_a_suite_depend_on_the_one_before(convert: Convert):
    endpoints = convert("gatus", FULL).endpoints
    assert endpoints["cart"]["depends_on"] == ["catalogue"]
    assert "depends_on" not in endpoints["tidy"]  # always-run
    assert "item" not in endpoints  # needs what another step answered


def test_what_others_push_becomes_a_heartbeat(convert: Convert):
    result = convert("gatus", FULL)
    assert result.endpoints["nightly"]["url"] == "push:jobs-nightly"
    assert result.endpoints["nightly"]["interval"] == "1d2h"
    assert result.endpoints["nightly"]["token"] == "${NIGHTLY_TOKEN}"
    assert result.toml["monitor"]["listen"] == "127.0.0.1:9090"


def test_the_files_of_a_folder_are_put_together(convert: Convert, tmp_path: Path):
    folder = tmp_path / "config"
    (folder / "more").mkdir(parents=True)
    (folder / "a.yaml").write_text(
        "alerting: {gotify: {}}\nendpoints: [{name: a, url: 'icmp://a', conditions: []}]\n"
    )
    (folder / "more" / "b.yml").write_text(
        "alerting: {ntfy: {}}\nendpoints: [{name: b, url: 'icmp://b', conditions: []}]\n"
    )
    result = convert("gatus", folder)
    assert list(result.endpoints) == ["a", "b"]
    assert "alerting.gotify: " in result.said
    assert "alerting.ntfy: " in result.said
    (folder / "c.yaml").write_text("metrics: true\n")
    (folder / "d.yaml").write_text("metrics: false\n")
    with pytest.raises(UsageError, match="metrics is set in another file"):
        convert("gatus", folder)


NOT_CARRIED = (
    "stream: not carried over: there is no sctp:// check",
    "[DOMAIN_EXPIRATION] > 720h: the registration",
    "[IP] == 127.0.0.1: which address",
    "client.dns-resolver:",
    "client.tunnel:",
    "client.identity-aware-proxy:",
    "client.store-cookies:",
    "client.tls.renegotiation:",
    "ssh: username, password, private-key:",
    "storage:",
    "security:",
    "announcements:",
    "remote:",
    "tunneling:",
    "alerting.signal: no endpoint uses it",
    "alerts.discord.provider-override:",
    "store: what it answers",
)


@pytest.mark.parametrize("note", NOT_CARRIED)
def test_what_has_no_counterpart_is_noted(note: str, convert: Convert):
    assert note in convert("gatus", FULL).said
