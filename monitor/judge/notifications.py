"""The notifications of one incident: the newest state of each, bounded. Pure."""

from __future__ import annotations

from monitor.model import Kind, Notification, NotificationState

KEPT = 40
"""Notifications of one incident; beyond it, the oldest reminders are dropped, then the oldest others."""

Notifications = tuple[Notification, ...]


def with_notification(known: Notifications, new: Notification) -> Notifications:
    """``known`` with ``new`` in the place of its older state, or at the end."""
    kept = [new if _is_same(one, new) else one for one in known if not _is_refuted(one, new)]
    return _bounded(kept if new in kept else [*kept, new])


def without_suppression(known: Notifications, alert: str) -> Notifications:
    """``known`` once nothing keeps ``alert`` from sending."""
    return tuple(one for one in known if one.alert != alert or not _is_suppressed(one))


def _is_refuted(suppressed: Notification, new: Notification) -> bool:
    """Whether an alert that was said to send nothing now does."""
    other = not _is_same(suppressed, new)
    return other and _is_suppressed(suppressed) and suppressed.alert in (new.alert, new.fallback_for)


def _is_same(one: Notification, other: Notification) -> bool:
    return (one.message, one.alert, one.kind) == (other.message, other.alert, other.kind)


def _is_suppressed(one: Notification) -> bool:
    return one.state is NotificationState.SUPPRESSED


def _bounded(notifications: list[Notification]) -> Notifications:
    while len(notifications) > KEPT:
        reminders = (at for at, one in enumerate(notifications) if one.kind is Kind.REMINDER)
        del notifications[next(reminders, 0)]
    return tuple(notifications)
