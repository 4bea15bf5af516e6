"""The alerts that reported an incident, in a few words and in full. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich.style import Style

from monitor.model import Notification, NotificationState, Suppression
from monitor.tui.data.moments import clock
from monitor.tui.drawing.text_layout import Segments, TextLayout
from monitor.tui.terminal.theme import Palette

_SHOWN = 8
"""Limit of notifications of one incident in full; the newest are shown."""
_TROUBLE = (NotificationState.FAILED, NotificationState.RETRYING)
_BRIEF = {
    NotificationState.FAILED: " failed",
    NotificationState.RETRYING: " retrying",
    NotificationState.WAITING: " sending",
    NotificationState.DELIVERED: "",
}
_REASONS: Mapping[str, str] = {
    Suppression.SILENCE: "silenced",
    Suppression.MAINTENANCE: "in maintenance",
    Suppression.ACKNOWLEDGED: "acknowledged",
    Suppression.DEPENDENCY: "a dependency is down",
    Suppression.FLAPPING: "flapping",
    Suppression.DELAY: "the alert's `after` is not over yet",
    Suppression.HOURS: "outside the alert's hours",
    Suppression.LIMIT: "the alert's limit is reached",
}


def brief(notifications: Iterable[Notification]) -> str:
    """Each alert with the state of its newest message, and why others sent none.

    For example ``Mail retrying, Chat, delay``.
    """
    newest = {one.alert: one for one in notifications if one.state is not NotificationState.REPLACED}
    trouble_first = sorted(newest.values(), key=lambda one: (one.state not in _TROUBLE, _is_suppressed(one)))
    return ", ".join(dict.fromkeys(map(_brief, trouble_first)))


def _brief(one: Notification) -> str:
    return one.detail if _is_suppressed(one) else one.alert + _BRIEF[one.state]


def _is_suppressed(one: Notification) -> bool:
    return one.state is NotificationState.SUPPRESSED


def style(notifications: Iterable[Notification], palette: Palette) -> Style:
    """A colour that shows whether a message could not be delivered."""
    newest = {one.alert: one for one in notifications}
    return palette.warn if any(one.state in _TROUBLE for one in newest.values()) else palette.dim


def lines(notifications: tuple[Notification, ...], width: int, layout: TextLayout) -> list[Segments]:
    """Each message on lines of its own, the newest last."""
    drawn = [
        line
        for one in notifications[-_SHOWN:]
        for line in layout.wrapped(in_full(one), width, style((one,), layout.palette))
    ]
    more = len(notifications) - _SHOWN
    return [layout.line((f"{more} earlier messages", layout.palette.dim)), *drawn] if more > 0 else drawn


def in_full(one: Notification) -> str:
    """One message, its alert and channel, and its delivery."""
    by = f"{one.alert} ({one.channel})"
    if _is_suppressed(one):
        return f"{by}: nothing sent since {clock(one.at)}: {_REASONS.get(one.detail, one.detail)}"
    instead = f" instead of {one.fallback_for}" if one.fallback_for else ""
    return f"{by}{instead}: {one.kind} {_outcome(one)}"


def _outcome(one: Notification) -> str:
    ended = clock(one.at if one.ended_at is None else one.ended_at)
    times = f"{one.tries} failed tr{'y' if one.tries == 1 else 'ies'}"
    match one.state:
        case NotificationState.DELIVERED:
            return f"delivered {ended}" + (f" after {times}" if one.tries else "")
        case NotificationState.WAITING:
            return f"being sent since {clock(one.at)}"
        case NotificationState.RETRYING:
            return f"not delivered since {clock(one.at)}, {times}: {one.detail}"
        case NotificationState.FAILED:
            return f"given up {ended} after {times}: {one.detail}"
    return f"not needed {ended}: {one.detail}"
