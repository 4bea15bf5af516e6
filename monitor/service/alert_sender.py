"""Alert delivery: events become messages, messages wait in the outbox, the notifier process sends them."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable
from contextlib import suppress

import msgspec

from monitor.alerts.delivery import Delivery, Outcome
from monitor.alerts.notifier import LONGEST
from monitor.alerts.outbox import Item, Outbox
from monitor.alerts.services import listed_endpoints
from monitor.engine import Engine
from monitor.engine.name_servers import resolver_of
from monitor.engine.queries import presented
from monitor.engine.tracked import Tracked
from monitor.engine.views import subjects
from monitor.judge.alerting.alerting import Alerting, AlertingState
from monitor.judge.alerting.wording import write
from monitor.link.figures import AlertCount
from monitor.link.state_json import cause, endpoint_state, incident_json
from monitor.model import Alert, Config, Message
from monitor.model.events import DomainEvent
from monitor.redact import shown
from monitor.service.notifications import earlier_messages, note_items, note_suppressions
from monitor.service.shared_values import Deliveries
from monitor.store.history import History
from monitor.syntax.duration import iso_time

STATE = "alerting"
"""The name of the alerting state in the history."""
TICK = 0.25
"""Seconds between two checks for due messages."""
_SET_BACK = 5.0
"""Seconds backwards from which the clock counts as set back; smaller steps are waited out."""


class AlertSender:
    """The alerts of one engine. Without ``[[alerts]]`` it does nothing and starts no process."""

    def __init__(self, engine: Engine, history: History | None, deliveries: Deliveries | None = None) -> None:
        self._engine = engine
        self._history = history
        self._deliveries = deliveries
        self._events: list[DomainEvent] = []
        self._alerting = self._made(None)
        self._outbox = Outbox()
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._following: asyncio.Task[None] | None = None
        self._trouble: dict[str, str] = {}
        """Alert -> the reason why its last delivery failed."""
        self._last = 0.0
        """When due messages were last checked for."""
        self._stored = 0
        """The revision of the alerts' state that the history has."""
        self._counts: dict[tuple[str, str], int] = {}
        """Number of deliveries by alert and result (``sent``, ``failed``)."""
        engine.alert_trouble = self._trouble_in_words
        engine.alert_figures = lambda: tuple(AlertCount(*key, count) for key, count in self._counts.items())

    # ── the start ───────────────────────────────────────────────────────────────────────────────

    def begin(self) -> None:
        """Restore the state of an earlier run and start, if the config has alerts. The engine must run."""
        if self._following or not self._engine.config.alerts:
            return
        self._restore()
        self._following = asyncio.create_task(self._follow())

    def _made(self, saved: AlertingState | None) -> Alerting:
        engine = self._engine
        return Alerting(
            engine.config, saved, describe=self._describe, resolver=lambda: resolver_of(engine.config)
        )

    def _restore(self) -> None:
        engine, at = self._engine, self._engine.clock()
        if self._history:
            self._alerting = self._made(self._saved(self._history))
            self._outbox = Outbox(self._history.waiting(Item))
            self._history.unsent = lambda: map(_row, self._outbox)
        ended = [one for one in engine.incidents.values() if one.ended is not None]
        self._alerting.resume(subjects(engine.tracker), engine.tracker.silences.values(), ended, at)
        engine.publisher.subscribe(self._events.append)

    def _describe(self, text: str) -> str:
        return self._engine.config.redact(shown(text))

    def _saved(self, history: History) -> AlertingState | None:
        data = history.document(STATE)
        with suppress(msgspec.MsgspecError):
            return msgspec.msgpack.decode(data, type=AlertingState) if data else None
        return None

    def use(self, config: Config) -> None:
        """Apply a new config."""
        if self._following:
            self._accept_events()
            self._alerting.use(config, self._engine.clock())
        self.begin()

    # ── at work ─────────────────────────────────────────────────────────────────────────────────

    async def _follow(self) -> None:
        while True:
            await self._step()
            await asyncio.sleep(TICK)

    async def _step(self) -> None:
        at = self._engine.clock()
        if at < self._last - _SET_BACK:
            self._alerting.catch_up(at)
        self._last = at
        self._accept_events()
        self._queue(self._alerting.tick(at))
        self._fall_back(at)
        self._store()
        if self._deliveries:
            self._end_delivered_elsewhere(self._deliveries, at)
        if self._deliveries is None or self._deliveries.may_send:
            due = self._outbox.due(at)
            if due:
                await self._send(due)

    def _end_delivered_elsewhere(self, deliveries: Deliveries, at: float) -> None:
        """End the items that another daemon of the cluster has sent."""
        for key in [item.key for item in self._outbox if deliveries.covers(item)]:
            self._outbox.delivered(key, at)

    def _accept_events(self) -> None:
        events, self._events[:] = self._events.copy(), []
        if events:
            self._queue(self._alerting.accept(events))

    @property
    def _alerts(self) -> dict[str, Alert]:
        return {alert.name: alert for alert in self._engine.config.alerts}

    def _queue(self, messages: Iterable[Message]) -> None:
        for message in messages:
            alert = self._alerts.get(message.alert)
            if alert:
                self._outbox.add(self._item(message, alert), self._engine.clock())

    def _item(self, message: Message, alert: Alert) -> Item:
        title, text = self._written(message, alert)
        body = webhook_document(self._engine, message, title, text)
        return Item(message=message, title=title, text=text, body=body, alert=alert.name)

    def _written(self, message: Message, alert: Alert) -> tuple[str, str]:
        """Title and text of a message through ``alert``."""
        config = self._engine.config
        endpoints = {endpoint.id: endpoint for endpoint in config.endpoints}
        ids, known = (entry.incident for entry in message.entries), self._engine.incidents
        paths = {id: known[id].path for id in ids if id in known}
        listed = listed_endpoints(str(alert.url))
        return write(message, alert, endpoints, config.redact, listed=listed, paths=paths)

    def _fall_back(self, at: float) -> None:
        fallbacks = {alert.name: alert.fallback for alert in self._engine.config.alerts if alert.fallback}
        alerts = self._alerts
        for copy in self._outbox.fall_back(fallbacks, at):
            if copy.alert in alerts:
                copy.title, copy.text = self._written(copy.message, alerts[copy.alert])
                copy.body = with_words(copy.body, copy.title, copy.text)
            text = f"alert {copy.path[-1]!r} fails; {copy.alert!r} is used instead"
            self._engine.event_log.note("warn", text)

    def _store(self) -> None:
        """Store the outbox and the alerts' state together with the events that caused them."""
        changed, self._outbox.changed = self._outbox.changed, {}
        note_items(self._engine, changed.values())
        note_suppressions(self._engine, self._alerting.suppressions())
        if self._history and self._engine.config.alerts:
            self._history.add(_row(item) for item in changed.values())
            if self._alerting.revision != self._stored:
                self._stored = self._alerting.revision
                self._history.put(STATE, msgspec.msgpack.encode(self._alerting.save()))

    # ── sending ─────────────────────────────────────────────────────────────────────────────────

    async def _send(self, items: list[Item]) -> None:
        if self._history:
            await self._history.flush()  # the outbox must be on disk before anything is sent
        alerts = self._alerts
        for item in items:
            alert = alerts.get(item.alert)
            if alert is None:
                self._outbox.failed(item.key, "the alert is no longer in the config", self._engine.clock())
                continue
            delivery = Delivery(
                id=item.key,
                message=item.message.id,
                url=str(alert.url),
                secret=str(alert.secret),
                kind=item.message.kind.value,
                at=item.message.at,
                earlier=earlier_messages(self._engine, item),
                incidents=tuple(dict.fromkeys(one.incident for one in item.message.entries if one.incident)),
                title=item.title,
                text=item.text,
                body=item.body,
            )
            await self._write(delivery)

    async def _write(self, delivery: Delivery) -> None:
        process = await self._running()
        assert process.stdin
        process.stdin.write(msgspec.json.encode(delivery) + b"\n")
        with suppress(ConnectionError):
            await process.stdin.drain()

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",
                "-m",
                "monitor",
                "notifier",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                start_new_session=True,
                limit=LONGEST,
            )
            self._reading = asyncio.create_task(self._read(self._process))
        return self._process

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout
        while line := await process.stdout.readline():
            self._landed(msgspec.json.decode(line, type=Outcome))
        await process.wait()
        self._outbox.lost_all()

    def _landed(self, outcome: Outcome) -> None:
        at = self._engine.clock()
        if outcome.error:
            item = self._outbox.failed(outcome.id, outcome.error, at)
        else:
            item = self._outbox.delivered(outcome.id, at)
            self._note_delivered(item)
        if item:
            self._count(item.alert, outcome.error)

    def _note_delivered(self, item: Item | None) -> None:
        """Note it at once: a kill before that makes the next run send the message again."""
        if item and self._deliveries:
            self._deliveries.note(item)
        self._store()
        if self._history:
            self._history.write_soon()

    def _count(self, alert: str, error: str) -> None:
        key = alert, "failed" if error else "sent"
        self._counts[key] = self._counts.get(key, 0) + 1
        before = self._trouble.pop(alert, "")
        if error:
            self._trouble[alert] = error
        if error and not before:
            self._engine.event_log.note("bad", f"alert {alert!r} cannot be delivered: {error}")
        elif before and not error:
            self._engine.event_log.note("good", f"alert {alert!r} is delivered again")

    def _trouble_in_words(self) -> str:
        return ", ".join(self._trouble)

    async def close(self) -> None:
        """End the notifier. Pending messages are sent after the next start."""
        if self._following is None:
            return
        self._following.cancel()
        self._accept_events()
        self._store()
        if self._reading:
            self._reading.cancel()
        if self._process and self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()


def _row(item: Item) -> tuple[str, tuple[object, ...]]:
    moment = round(item.message.at * 1000)
    values = (item.key, item.alert, moment, item.stage.value, msgspec.msgpack.encode(item))
    return "INSERT OR REPLACE INTO outbox VALUES (?, ?, ?, ?, ?)", values


def webhook_document(engine: Engine, message: Message, title: str, text: str) -> bytes:
    """The body of the webhook, version 1."""
    now = engine.clock()
    concerned = (engine.tracker.by_id(entry.endpoint) for entry in message.entries)
    tracked = [one for one in concerned if one]
    incidents = (engine.incidents.get(entry.incident) for entry in message.entries)
    return msgspec.json.encode(
        {
            "version": 1,
            "id": message.id,
            "kind": message.kind.value,
            "at": iso_time(message.at),
            "alert": shown(message.alert),
            "title": title,
            "text": text,
            "endpoints": [_state(engine, one, now) for one in tracked],
            "incidents": [incident_json(one, now) for one in incidents if one],
            "cause": cause(message.cause),
        }
    )


def with_words(document: bytes, title: str, text: str) -> bytes:
    """A webhook's document with the title and text for another alert."""
    return msgspec.json.encode({**msgspec.json.decode(document), "title": title, "text": text})


def _state(engine: Engine, tracked: Tracked, now: float) -> dict[str, object]:
    return endpoint_state(
        engine.info(tracked),
        engine.status(tracked, 0),
        uptimes=engine.uptimes.of(tracked.id, now),
        certificate=presented(tracked),
        now=now,
    )
