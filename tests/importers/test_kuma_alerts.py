"""Uptime Kuma's notifications and maintenance windows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

FULL = Path(__file__).parent / "files" / "kuma.json"
Convert = Callable[..., Any]

WRITTEN = {
    "telegram": 'url = "tgram://${CHAT_TOKEN}/55"',
    "mail": 'url = "mailto://u:${MAIL_PASSWORD}@mail.example:25?from=a@mail.example&to=b@mail.example"',
    "what it tells": 'on = ["down", "up", "certificate"]',
    "a reminder": 'remind = "5m"',
    "a weekly window": 'cron = "0 2 * * mon,thu"',
    "how long": 'duration = "1h30m"',
    "a single window": "start = 2026-03-01",
    "its zone": 'timezone = "Europe/Paris"',
}


@pytest.mark.parametrize("line", WRITTEN.values(), ids=WRITTEN)
def test_it_is_written(line: str, convert: Convert):
    assert line in convert("uptime-kuma", FULL).text


PLANS: dict[str, tuple[dict[str, Any], str]] = {
    "cron": ({"strategy": "cron", "cron": "30 3 * * *", "duration": 60}, 'cron = "30 3 * * *"'),
    "days of the month": (
        {
            "strategy": "recurring-day-of-month",
            "days_of_month": "[1, 15]",
            "start_time": "02:00:00",
            "end_time": "03:00:00",
        },
        'cron = "0 2 1,15 * *"',
    ),
    "every day": (
        {"strategy": "recurring-interval", "interval_day": 1, "start_time": "23:30", "end_time": "00:30"},
        'duration = "1h"',
    ),
    "every third day": (
        {"strategy": "recurring-interval", "interval_day": 3, "start_time": "23:30", "end_time": "00:30"},
        "cannot be expressed with cron",
    ),
    "by hand": ({"strategy": "manual"}, "cannot be expressed with cron"),
    "without an end": ({"strategy": "single", "dateRange": ["2026-01-01 00:00"]}, "no beginning and end"),
    "not active": (
        {"strategy": "cron", "cron": "0 0 * * *", "duration": 60, "active": False},
        "was not active",
    ),
}


@pytest.mark.parametrize(("window", "line"), PLANS.values(), ids=PLANS)
def test_a_window_is_cron_or_says_why_not(window: dict[str, Any], line: str, convert: Convert):
    given = {
        "monitorList": [{"id": 1, "name": "a", "type": "http", "url": "https://a.example"}],
        "maintenanceList": [{"id": 1, "title": "w", "active": True, "monitors": [{"id": 1}], **window}],
    }
    assert line in convert("uptime-kuma", given).text


def test_a_window_that_recurs_only_for_a_time_is_noted(convert: Convert):
    window = {
        "id": 1,
        "title": "w",
        "active": True,
        "monitors": [{"id": 1}],
        "description": "why",
        "strategy": "recurring-day-of-month",
        "days_of_month": '[1, "lastDay1"]',
        "start_time": "02:00",
        "end_time": "03:00",
        "start_date": "2026-01-01 00:00:00",
    }
    monitor = {"id": 1, "name": "a", "type": "http", "url": "https://a.example"}
    result = convert("uptime-kuma", {"monitorList": [monitor], "maintenanceList": [window]})
    assert 'cron = "0 2 1 * *"' in result.text
    for note in (
        "description: a window has none",
        "cron cannot express lastDay1",
        "only within 2026-01-01 00:00:00 to …",
    ):
        assert note in result.said


def test_a_window_about_no_monitor_is_a_comment(convert: Convert):
    given = {
        "monitorList": [{"id": 1, "name": "a", "type": "http", "url": "https://a.example"}],
        "maintenanceList": [{"id": 1, "title": "w", "strategy": "cron", "cron": "0 0 * * *", "duration": 60}],
    }
    assert "w: not carried over: it was about no monitor" in convert("uptime-kuma", given).said
