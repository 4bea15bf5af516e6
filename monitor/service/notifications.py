"""Adds notifications to incidents: which alerts reported them, which failed, and why others sent nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from monitor.alerts.outbox import Item, Stage
from monitor.alerts.services import service_name
from monitor.engine import Engine
from monitor.model import Alert, Entry, Kind, Notification, NotificationState, Suppression
from monitor.redact import shown

_STATES = {
    Stage.WAITING: NotificationState.WAITING,
    Stage.SENT: NotificationState.DELIVERED,
    Stage.GIVEN_UP: NotificationState.FAILED,
    Stage.REPLACED: NotificationState.REPLACED,
}

KEPT = 40
"""Notifications of one incident; beyond it, the oldest reminders are dropped, then the oldest others."""

Suppressions = Mapping[str, Mapping[str, Suppression | None]]
Notifications = tuple[Notification, ...]


def note_items(engine: Engine, items: Iterable[Item]) -> None:
    """Note the present state of messages on the incidents that they are about."""
    urls = {alert.name: alert.url for alert in engine.config.alerts}
    for item in items:
        for entry in item.message.entries:
            incident = engine.incidents.get(entry.incident)
            if incident:
                new = notification(item, entry, service_name(str(urls.get(item.alert, ""))))
                engine.annotate(incident.id, notifications=with_notification(incident.notifications, new))


def note_suppressions(engine: Engine, suppressions: Suppressions) -> None:
    """Note the reasons why alerts send nothing about incidents; remove those that no longer hold."""
    alerts = {alert.name: alert for alert in engine.config.alerts}
    for id, reasons in suppressions.items():
        incident = engine.incidents.get(id)
        if incident is None or incident.ended is not None:
            continue
        known = incident.notifications
        for name, why in reasons.items():
            alert = alerts.get(name)
            if why is None or alert is None:
                known = without_suppression(known, shown(name))
            elif not any(one.alert == shown(name) and one.detail == why for one in known):
                known = with_notification(known, suppressed(alert, why, engine.clock()))
        engine.annotate(id, notifications=known)


def with_notification(known: Notifications, new: Notification) -> Notifications:
    """``known`` with ``new`` in the place of its older state, or at the end."""
    kept = [new if _is_same(one, new) else one for one in known if not _is_refuted(one, new)]
    return _bounded(kept if new in kept else [*kept, new])


def without_suppression(known: Notifications, alert: str) -> Notifications:
    """``known`` after ``alert`` is no longer kept from sending."""
    return tuple(one for one in known if one.alert != alert or not _is_suppressed(one))


def _is_refuted(suppressed: Notification, new: Notification) -> bool:
    """Whether ``new`` shows that an alert noted as suppressed does send."""
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


def earlier_messages(engine: Engine, item: Item) -> tuple[str, ...]:
    """The ids of the messages about the same incidents that the alert has delivered before, oldest first."""
    incidents = filter(None, (engine.incidents.get(entry.incident) for entry in item.message.entries))
    found = {
        one.message: one.at
        for incident in incidents
        for one in incident.notifications
        if one.state is NotificationState.DELIVERED and one.alert == shown(item.alert)
    }
    found.pop(item.message.id, None)
    return tuple(sorted(found, key=found.__getitem__))


def notification(item: Item, entry: Entry, channel: str) -> Notification:
    """One endpoint's part of a message, as its incident shows it."""
    state = _STATES[item.stage]
    return Notification(
        message=item.message.id,
        alert=shown(item.alert),
        channel=channel,
        kind=entry.kind,
        at=item.message.at,
        state=NotificationState.RETRYING if item.stage is Stage.WAITING and item.tries else state,
        ended_at=item.ended_at,
        tries=item.tries,
        detail=_detail(item),
        fallback_for=shown(item.message.alert) if item.path else "",
    )


def _detail(item: Item) -> str:
    if item.stage is Stage.REPLACED:
        by = f"the alert {shown(item.delivered_by)!r} delivered it"
        return by if item.delivered_by else "a later message says the same"
    return "" if item.stage is Stage.SENT else item.error


def suppressed(alert: Alert, why: Suppression, at: float) -> Notification:
    """An alert that sends nothing about an incident."""
    return Notification(
        alert=shown(alert.name),
        channel=service_name(str(alert.url)),
        kind=Kind.DOWN,
        at=at,
        state=NotificationState.SUPPRESSED,
        detail=why.value,
    )
