"""An endpoint as text for the clipboard. Pure."""

from __future__ import annotations

import json
import shlex
from urllib.parse import urlsplit

import msgspec

from monitor.link.messages import Detail
from monitor.link.state_json import slowdown
from monitor.tui.data.board import Entry

_OWN = frozenset({"user-agent", "accept", "accept-encoding", "connection", "content-length", "host"})
"""Headers that curl sets itself."""


def summary(entry: Entry) -> str:
    """Name, target and state, to paste into a message."""
    info, now = entry.info, entry.status
    return " ".join(filter(None, (info.name, info.target, now.state.value, now.reason, now.message)))


def error(entry: Entry, detail: Detail) -> str:
    """Why it last failed; empty if it has not."""
    failure = detail.last_failure
    if failure is None:
        return ""
    reason = failure.reason.value if failure.reason else failure.status.value
    return f"{entry.info.name}: {reason}: {failure.message}"


def curl(entry: Entry, detail: Detail) -> str:
    """The request as a curl command, secrets masked, without its body; empty for other kinds of check."""
    if entry.info.kind != "http":
        return ""
    explanation = detail.last.explanation if detail.last else None
    first, *lines = (explanation.asked if explanation else "").split("\n")
    words = ["curl", "-v", *_method(first.partition(" ")[0])]
    for line in lines:
        words += _header(line, entry.info.target)
    return shlex.join([*words, entry.info.target])


def _method(method: str) -> list[str]:
    if method in ("", "GET"):
        return []
    return ["--head"] if method == "HEAD" else ["-X", method]


def _header(line: str, target: str) -> list[str]:
    name, _, value = line.partition(": ")
    ordinary = name.lower() != "host" or value == urlsplit(target).netloc.rpartition("@")[2]
    return [] if not value or (name.lower() in _OWN and ordinary) else ["-H", line]


def row(entry: Entry) -> str:
    """A row's data as one line of JSON."""
    info, now = entry.info, entry.status
    data = {
        "endpoint": info.name,
        "id": info.id,
        "group": info.group or None,
        "tags": info.tags,
        "type": info.kind,
        "target": info.target,
        "state": now.state.value,
        "since": now.since,
        "reason": now.reason,
        "message": now.message,
        "latency_ms": now.latency_ms,
        "uptime": now.uptime,
        "checked_at": now.checked_at,
        "certificate_not_after": now.not_after,
        "flapping": now.flapping,
        "acknowledged": msgspec.to_builtins(now.acknowledged),
        "silenced": msgspec.to_builtins(now.silenced),
        "slower": slowdown(now.slower) if now.slower else None,
    }
    return json.dumps(data, ensure_ascii=False)
