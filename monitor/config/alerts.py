"""The ``[[alerts]]`` tables."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Literal
from urllib.parse import urlsplit

from monitor.config.convert import INVALID, Place, converter, nearest
from monitor.config.maintenance import check_selection, complained
from monitor.fields import Seconds, Url, key
from monitor.judge.hours import parse_hours
from monitor.judge.templates import check_template
from monitor.judge.zones import zone
from monitor.model import Alert, Limit
from monitor.redact import shown
from monitor.syntax.command_line import joined, words
from monitor.syntax.duration import parse_duration

_USUAL = ("down", "up", "flapping", "certificate")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://.", re.DOTALL)
_LIMIT = re.compile(r"\s*([0-9]{1,6})\s*/\s*([0-9.]*)\s*(s|m|h|d)\s*")
_HIDDEN = "must be an Apprise URL, https://… or http://… for a webhook, or exec:COMMAND"


@dataclass(frozen=True, kw_only=True)
class AlertTable:
    """One ``[[alerts]]`` table."""

    name: str | None = key('Its name; unique. Default: "alert 1", …', default=None, example="On call")
    url: Url = key(
        "Receiver: any Apprise URL, https://… or http://… for a webhook, or exec:COMMAND.",
        example="slack://token/#ops",
    )
    secret: str | None = key("Signs the messages of a webhook.", default=None, example="${HOOK_SECRET}")
    select: tuple[str, ...] = key(
        "Endpoints, as in --select. Default: all.", default=(), example=["group:shop"]
    )
    on: tuple[Literal["down", "up", "degraded", "flapping", "certificate", "slower"], ...] = key(
        "Kinds of messages to send.", default=_USUAL
    )
    after: Seconds = key(
        "Delay: send only if the problem persists, and is neither acknowledged nor silenced.", default=0.0
    )
    remind: Seconds | None = key(
        "Interval of reminders while it stays down and unacknowledged.", default=None, example="1h"
    )
    digest: Seconds = key("Failures within this time are one message.", default=10.0)
    hours: str | None = key("When to send. Default: always.", default=None, example="mon-fri 08:00-18:00")
    timezone: str | None = key(
        "Time zone of `hours`. Default: this machine's.", default=None, example="Europe/Berlin"
    )
    limit: str | None = key(
        "Limit of messages per time; beyond it, one message gives their number.",
        default=None,
        example="20/h",
    )
    fallback: str | None = key(
        "Alert to use if a message could not be delivered for 2 minutes.", default=None, example="Mail"
    )
    title: str | None = key("Template of the title.", default=None, example="{state}: {name}")
    body: str | None = key("Template of the text.", default=None, example="{message}")


@dataclass(frozen=True)
class Draft:
    """An alert, and its place in the config."""

    alert: Alert
    place: Place


def alerts(value: Any, place: Place, first: int = 0) -> list[Draft]:
    """The alerts that ``[[alerts]]`` describes; complains of everything wrong in it.

    ``first`` is how many alerts other files have described before.
    """
    tables = converter(tuple[AlertTable, ...])(value, place)
    if tables is INVALID:
        return []
    return [
        Draft(alert, place.below(at))
        for at, table in enumerate(tables)
        if (alert := _alert(table, place.below(at), first + at + 1)) is not None
    ]


def _alert(table: AlertTable, place: Place, number: int) -> Alert | None:
    limit = _limit(table.limit, place.below("limit"))
    good = [
        _check_url(table, place),
        check_selection(table.select, place),
        complained(parse_hours, table.hours, place.below("hours")),
        complained(zone, table.timezone, place.below("timezone")),
        complained(check_template, table.title, place.below("title")),
        complained(check_template, table.body, place.below("body")),
        limit is not INVALID,
    ]
    if table.remind is not None and table.remind < 1:
        good.append(place.below("remind").complain("must be 1s or more") is not INVALID)
    if not table.on:
        good.append(place.below("on").complain("names nothing to send messages about") is not INVALID)
    if not all(good):
        return None
    return Alert(
        name=shown(table.name or f"alert {number}"),  # it goes into the history and into messages
        url=joined(table.url, "exec:") if table.url.startswith("exec:") else table.url,
        secret=table.secret or "",
        select=table.select,
        on=frozenset(table.on),
        after=table.after,
        remind=table.remind,
        digest=table.digest,
        hours=parse_hours(table.hours) if table.hours else (),
        timezone=table.timezone or "",
        limit=limit,
        fallback=shown(table.fallback or ""),
        title=table.title or "",
        body=table.body or "",
    )


# ── where to ────────────────────────────────────────────────────────────────────────────────────


def _check_url(table: AlertTable, place: Place) -> bool:
    complaint = url_complaint(table.url)
    if complaint:
        place.below("url").complain(complaint)
    if table.secret is not None and not is_webhook(table.url):
        place.below("secret").complain("signs webhooks only; this url is none")
        return False
    if table.secret == "":
        place.below("secret").complain("is empty, so that it would sign nothing; leave it out")
        return False
    return not complaint


def is_webhook(url: str) -> bool:
    """Whether messages for ``url`` go through our own webhook."""
    return url.lower().startswith(("https://", "http://"))


def url_complaint(url: str) -> str:
    """Why messages cannot be sent to ``url``; empty if they can. No secret is quoted."""
    if url.startswith("exec:"):
        return _command_complaint(url)
    if not _SCHEME.match(url):
        return _HIDDEN
    if is_webhook(url):
        return _webhook_complaint(url)
    if find_spec("apprise") is None:
        return "needs the extra 'alerts': pip install 'monitor[alerts]'; webhooks and exec: work without it"
    return ""


def _command_complaint(url: str) -> str:
    try:
        return "" if words(url, "exec:") else "names no command; write exec:COMMAND"
    except ValueError as error:
        return f"is no command line: {str(error).lower()}"


def _webhook_complaint(url: str) -> str:
    try:
        parts = urlsplit(url)
        good = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        good = False
    return "" if good else "is no URL of a webhook; write https://HOST/PATH"


def _limit(text: str | None, place: Place) -> Any:
    if text is None:
        return None
    found = _LIMIT.fullmatch(text)
    if found and int(found[1]) > 0:
        with suppress(ValueError):
            seconds = parse_duration((found[2] or "1") + found[3])
            if seconds > 0:
                return Limit(int(found[1]), seconds)
    return place.complain(f'{shown(text)!r} is no limit; write one such as "20/h" or "5/10m"')


# ── among one another ───────────────────────────────────────────────────────────────────────────


def together(drafts: Sequence[Draft]) -> tuple[Alert, ...]:
    """The alerts of all files; complains of duplicate names and of unknown fallbacks."""
    counts = Counter(draft.alert.name for draft in drafts)
    by_name = {draft.alert.name: draft.alert for draft in drafts}
    for draft in drafts:
        if counts[draft.alert.name] > 1:
            draft.place.below("name").complain(
                f"{shown(draft.alert.name)!r} is the name of another alert too"
            )
        _check_fallback(draft, by_name)
    return tuple(draft.alert for draft in drafts)


def _check_fallback(draft: Draft, by_name: dict[str, Alert]) -> None:
    name, place = draft.alert.fallback, draft.place.below("fallback")
    if not name:
        return
    if name not in by_name:
        near = nearest(name, list(by_name))
        place.complain(f"{shown(name)!r} is no alert's name{f'; did you mean {near!r}?' if near else ''}")
        return
    seen = {draft.alert.name}
    while name:
        if name in seen:
            place.complain("leads back to this alert; the last of several must have no fallback")
            return
        seen.add(name)
        name = by_name[name].fallback if name in by_name else ""
