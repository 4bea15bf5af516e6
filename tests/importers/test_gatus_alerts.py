"""Gatus's alerts as [[alerts]]: whether this version takes them or they are comments."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

FULL = Path(__file__).parent / "files" / "gatus.yaml"
Convert = Callable[..., Any]

WRITTEN = {
    "slack": 'url = "slack://${SLACK_WEBHOOK}"',
    "slack with the settings of a group": 'url = "slack://${SLACK_CORE_WEBHOOK}"',
    "discord": 'url = "discord://${DISCORD_WEBHOOK}"',
    "telegram": 'url = "tgram://${TELEGRAM_TOKEN}/42?topic=7"',
    "email": 'url = "mailtos://a%40mail.example:${EMAIL_PASSWORD}@mail.example:587?from=a@mail.example&to=b',
    "pagerduty": 'url = "pagerduty://${PAGERDUTY_INTEGRATION_KEY}@${PAGERDUTY_API_KEY}"',
    "ntfy": 'url = "ntfys://${NTFY_TOKEN}@ntfy.example/alarm?priority=4"',
    "gotify": 'url = "gotifys://gotify.example/${GOTIFY_TOKEN}"',
    "teams": 'url = "workflows://prod-1.westeurope.logic.azure.com:443/643e69f8/${TEAMS_WORKFLOWS_SIGNATURE}"',
    "rocketchat": 'url = "rockets://${ROCKETCHAT_WEBHOOK}@rocket.example"',
    "mattermost": 'url = "mmosts://chat.example/${MATTERMOST_WEBHOOK}"',
    "googlechat": 'url = "gchat://S/${GOOGLECHAT_KEY}/${GOOGLECHAT_TOKEN}"',
    "opsgenie": 'url = "opsgenie://${OPSGENIE_API_KEY}"',
    "pushover": 'url = "pover://${PUSHOVER_USER_KEY}@${PUSHOVER_TOKEN}"',
    "matrix": 'url = "matrixs://${MATRIX_TOKEN}@matrix.example/!a:matrix.example"',
    "twilio": 'url = "twilio://AC1:${TWILIO_TOKEN}@+1555/+1666"',
    "a webhook": 'url = "https://hook.example/[ALERT_DESCRIPTION]"',
    "a reminder": 'remind = "1h"',
    "the endpoints": 'select = ["name:port", "group:jobs"]',
    "the end as well": 'on = ["down", "up"]',
}


@pytest.mark.parametrize("line", WRITTEN.values(), ids=WRITTEN)
def test_an_alert_is_written(line: str, convert: Convert):
    assert line in convert("gatus", FULL).text


def test_thresholds_come_from_the_default_alert(convert: Convert):
    endpoints = {one.name: one for one in convert("gatus", FULL).config().endpoints}
    assert (endpoints["nightly"].down_after, endpoints["nightly"].up_after) == (5, 3)
    assert endpoints["front"].down_after == 2  # the lower of two


PACES = {
    "three failures": ({"failure-threshold": 3}, "1m30s"),
    "two successes": ({"failure-threshold": 1, "success-threshold": 2}, "1m30s"),
    "one of each": ({"failure-threshold": 1, "success-threshold": 1}, None),
}


@pytest.mark.parametrize(("alert", "retry"), PACES.values(), ids=PACES)
def test_failures_in_a_row_are_as_far_apart_as_they_were(
    alert: dict[str, Any], retry: str | None, convert: Convert
):
    endpoint = {"name": "a", "url": "icmp://a", "interval": "90s", "alerts": [{"type": "slack", **alert}]}
    assert convert("gatus", {"endpoints": [endpoint]}).only().get("retry_interval") == retry


def test_an_override_for_a_group_without_such_an_alert_is_noted(convert: Convert):
    slack = {"webhook-url": "https://hooks.slack.com/services/T/B/C", "overrides": [{"group": "g"}]}
    endpoint = {"name": "a", "url": "icmp://a", "alerts": [{"type": "slack"}]}
    said = convert("gatus", {"alerting": {"slack": slack}, "endpoints": [endpoint]}).said
    assert "alerting.slack.overrides[0]: no endpoint of the group 'g' uses slack" in said


def test_thresholds_that_differ_are_noted(convert: Convert):
    assert "front: failure-threshold: alerts had different ones (5, 2)" in convert("gatus", FULL).said


def test_what_has_no_apprise_url_is_a_comment(convert: Convert):
    given = {
        "alerting": {"signl4": {"team-secret": "clientsecret"}},
        "endpoints": [{"name": "a", "url": "icmp://a", "conditions": [], "alerts": [{"type": "signl4"}]}],
    }
    result = convert("gatus", given)
    assert "write an Apprise URL for signl4 yourself" in result.text
    assert "clientsecret" not in result.text + result.said
