"""Uptime Kuma's notifications and maintenance windows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from monitor.importers._draft import Block, Draft
from monitor.importers._fields import Fields
from monitor.importers._kuma_source import Row, Source, by_second, listed, normal
from monitor.importers._services import SERVICES
from monitor.syntax.duration import format_duration

_SETTINGS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "slack": ("slack", {"url": "slackwebhookurl"}),
    "discord": ("discord", {"url": "discordwebhookurl"}),
    "telegram": (
        "telegram",
        {"token": "telegrambottoken", "chat": "telegramchatid", "topic": "telegrammessagethreadid"},
    ),
    "smtp": (
        "email",
        {
            "host": "smtphost",
            "port": "smtpport",
            "user": "smtpusername",
            "password": "smtppassword",
            "from": "smtpfrom",
            "to": "smtpto",
        },
    ),
    "pushover": ("pushover", {"user": "pushoveruserkey", "token": "pushoverapptoken"}),
    "ntfy": (
        "ntfy",
        {
            "server": "ntfyserverurl",
            "topic": "ntfytopic",
            "token": "ntfyaccesstoken",
            "user": "ntfyusername",
            "password": "ntfypassword",
            "priority": "ntfypriority",
        },
    ),
    "gotify": ("gotify", {"server": "gotifyserverurl", "token": "gotifyapplicationtoken"}),
    "webhook": ("webhook", {"url": "webhookurl"}),
    "apprise": ("apprise", {"url": "appriseurl"}),
    "mattermost": ("mattermost", {"url": "mattermostwebhookurl"}),
    "teams": ("teams", {"url": "webhookurl"}),
    "matrix": ("matrix", {"server": "homeserverurl", "token": "accesstoken", "room": "internalroomid"}),
    "Opsgenie": ("opsgenie", {"key": "opsgenieapikey"}),
    "PagerDuty": ("pagerduty", {"key": "pagerdutyintegrationkey"}),
    "twilio": (
        "twilio",
        {
            "sid": "twilioaccountsid",
            "token": "twilioauthtoken",
            "from": "twiliofromnumber",
            "to": "twiliotonumber",
        },
    ),
    "rocket.chat": ("rocketchat", {"url": "rocketwebhookurl"}),
    "GoogleChat": ("googlechat", {"url": "googlechatwebhookurl"}),
}
"""Kuma's type -> our service, and Kuma's names of its settings."""
_GENERAL = ("name", "type", "isdefault", "applyexisting", "active", "id", "userid")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::[0-9]{2})?")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2})?")


def take_notifications(
    source: Source, blocks: Mapping[str, Block], resend: Mapping[str, float], draft: Draft
) -> None:
    """An alert for each notification that some monitor uses."""
    receivers = by_second(source.sent_to)
    for row in source.notifications:
        own = Fields(row, draft.top.note, f"notification {row.get('name') or row.get('id')}")
        ids = [one for one in receivers.get(str(row.get("id")), ()) if one in blocks]
        if ids:
            again = [resend[id] for id in ids if id in resend]
            _take_alert(own, [blocks[id] for id in ids], again, draft)
        else:
            own.note("", "no monitor uses it")


def _take_alert(own: Fields, chosen: list[Block], again: Sequence[float], draft: Draft) -> None:
    config = listed(own.raw("config"), "config")
    settings = normal(config) if isinstance(config, dict) else normal(own.all)
    name = own.text("name") or str(settings.get("name") or "alert")
    made = draft.alert(name)
    made.about = chosen
    given = Fields(settings, made.note)
    kind = given.text("type")
    service, names = _SETTINGS.get(kind, ("", {}))
    given.skip(*_GENERAL)
    found = {ours: given.text(theirs) for ours, theirs in names.items()}
    if kind == "smtp" and not given.flag("smtpsecure") and found.get("port") == "25":
        found["plain"] = "true"
    url = SERVICES[service](found, draft.secrets, name) if service else ""
    made.keys |= {"url": url or f"{kind or 'unknown'}://", "on": ["down", "up", "certificate"]}
    if again:
        made.keys["remind"] = format_duration(min(again))
    if not url:
        made.refuse(f"write an Apprise URL for {kind or 'it'} yourself (https://appriseit.com/services/)")
        given.skip(*settings)
    if not own.flag("active", True):
        made.refuse("it was not active")
    given.leftovers()


# ── maintenance ─────────────────────────────────────────────────────────────────────────────────


def take_maintenance(source: Source, blocks: Mapping[str, Block], draft: Draft) -> None:
    """A window for each maintenance whose times can be written as cron."""
    concerned = by_second(source.maintained)
    for row in source.maintenance:
        chosen = [blocks[one] for one in concerned.get(str(row.get("id")), ()) if one in blocks]
        made = Block("maintenance", about=chosen)
        own = Fields(row, made.note)
        made.keys["name"] = own.text("title", "maintenance") or "maintenance"
        _when(own, made)
        if not own.flag("active", True):
            made.refuse("it was not active")
        own.lose("a window has none", "description")
        _bounds(own)
        if not chosen:
            made.refuse("it was about no monitor")
        draft.maintenance.append(made)


def _when(own: Fields, made: Block) -> None:
    strategy = own.text("strategy", "single")
    cron, seconds = _plan(own, strategy)
    zone = own.text("timezoneoption") or own.text("timezone")
    if zone and zone != "SAME_AS_SERVER":
        made.keys["timezone"] = zone
    if strategy == "single":
        _single(own, made)
    elif cron and seconds:
        made.keys |= {"cron": cron, "duration": format_duration(seconds)}
    else:
        made.keys |= {"cron": "0 0 * * *", "duration": "1h"}
        made.refuse(
            f"the strategy {strategy!r} cannot be expressed with cron; its own times are not kept here"
        )


def _bounds(own: Fields) -> None:
    """Note the limits of a recurring window: it recurs for ever here."""
    span = listed(own.raw("daterange"), "daterange")
    dates = span if isinstance(span, list) else [own.text("startdate"), own.text("enddate")]
    if own.text("strategy", "single") != "single" and any(dates):
        shown = " to ".join(str(one)[:19] if one else "…" for one in dates[:2])
        own.note("daterange", f"it recurred only within {shown}; here it goes on for ever")


def _single(own: Fields, made: Block) -> None:
    from datetime import datetime

    span = listed(own.raw("daterange"), "daterange")
    start, end = (
        [*span, None, None][:2] if isinstance(span, list) else (own.text("startdate"), own.text("enddate"))
    )
    if not all(isinstance(one, str) and _MOMENT.match(one) for one in (start, end)):
        made.refuse("it has no beginning and end")
        return
    try:
        begins, ends = (datetime.fromisoformat(str(one)[:19].replace(" ", "T")) for one in (start, end))
    except ValueError:
        made.refuse("its beginning or end is no time")
        return
    made.keys |= {"start": begins, "duration": format_duration(max((ends - begins).total_seconds(), 60.0))}


def _plan(own: Fields, strategy: str) -> tuple[str, float]:
    """Cron's five fields, and the duration; empty if cron cannot express it."""
    start, end = _times(own)
    weekdays, days = _numbers(own, "weekdays"), _numbers(own, "daysofmonth")
    if strategy == "cron":
        return own.text("cron"), (own.number("duration") or own.number("durationminutes") or 0) * 60.0
    if start is None or end is None:
        return "", 0
    seconds = float((end - start) % 86400) or 86400.0
    at = f"{start % 3600 // 60} {start // 3600}"
    if strategy == "recurring-weekday" and weekdays:
        return f"{at} * * {','.join(_WEEKDAYS[day % 7] for day in weekdays)}", seconds
    if strategy == "recurring-day-of-month" and days:
        return f"{at} {','.join(str(day) for day in days if 1 <= day <= 31)} * *", seconds
    every = own.count("intervalday")
    return (f"{at} * * *", seconds) if strategy == "recurring-interval" and every == 1 else ("", 0)


def _numbers(own: Fields, key: str) -> list[int]:
    found = listed(own.raw(key), key)
    if not isinstance(found, list):
        return []
    if others := [str(one) for one in found if not isinstance(one, int)]:
        own.note(key, f"cron cannot express {', '.join(others)}")
    return [int(one) for one in found if isinstance(one, int)]


def _times(own: Fields) -> tuple[int | None, int | None]:
    """Seconds after midnight of beginning and end."""
    span: Any = listed(own.raw("timerange"), "timerange")
    if isinstance(span, list) and len(span) == 2 and all(isinstance(one, dict) for one in span):
        texts = [
            f"{one.get('hours')}:{int(one.get('minutes') or 0):02d}"
            for one in span
            if _is_number(one.get("minutes"))
        ]
    else:
        texts = [own.text("starttime"), own.text("endtime")]
    found = [_CLOCK.fullmatch(text) for text in (*texts, "", "")[:2]]
    clock = [int(one[1]) * 3600 + int(one[2]) * 60 if one else None for one in found]
    return clock[0], clock[1]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | None)


def proxy_url(row: Row, draft: Draft) -> str:
    """The URL of a proxy."""
    own = Fields(row, draft.top.note, "proxy")
    login = ""
    if own.flag("auth"):
        password = draft.secrets.hide(own.text("password"), "the proxy's user", "proxy", "password")
        login = f"{own.text('username')}:{password}@"
    return f"{own.text('protocol', 'http')}://{login}{own.text('host')}:{own.count('port') or 3128}"
