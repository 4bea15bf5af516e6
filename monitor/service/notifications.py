"""Notes on each incident which alerts reported it, whether the messages arrived, and why others sent none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from monitor.alerts.outbox import Item, Stage
from monitor.alerts.services import service_name
from monitor.engine import Engine
from monitor.judge.notifications import with_notification, without_suppression
from monitor.model import Alert, Entry, Kind, Notification, NotificationState, Suppression
from monitor.redact import shown

_STATES = {
    Stage.WAITING: NotificationState.WAITING,
    Stage.SENT: NotificationState.DELIVERED,
    Stage.GIVEN_UP: NotificationState.FAILED,
    Stage.REPLACED: NotificationState.REPLACED,
}

Suppressions = Mapping[str, Mapping[str, Suppression | None]]


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
    """Note why alerts send nothing about incidents, or that nothing keeps them from it any more."""
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
