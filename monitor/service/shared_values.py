"""Values that the daemons of a cluster share: acknowledgements, pauses, silences, and delivered alerts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import blake2b

import msgspec

from monitor.alerts.outbox import Item
from monitor.cluster.protocol import InvalidMessageError, decode, encode, token
from monitor.engine import Engine
from monitor.engine.tracked import Tracked
from monitor.errors import UsageError
from monitor.model import Acknowledgement, Entry, Kind, Silence
from monitor.model.events import Acknowledged, DomainEvent, PauseChanged, SilenceEnded, SilenceStarted

Put = Callable[[str, bytes], object]
"""Shares a value under a key with the other daemons."""
_APART = 120.0
"""Seconds by which two daemons may differ about the time of the same event."""


class _Pause(msgspec.Struct, frozen=True):
    by: str = ""


class SharedMarks:
    """Writes what this daemon's operators do, and applies what others did."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def share(self, put: Put) -> None:
        """Write every change from now on. The marks of an earlier run may have been taken back since."""
        self._put = put
        self._engine.publisher.subscribe(self._accept)

    # ── ours ────────────────────────────────────────────────────────────────────────────────────

    def _accept(self, event: DomainEvent) -> None:
        match event:
            case Acknowledged(endpoint=id, acknowledgement=None):
                self._put(_key("ack", id), b"")
            case Acknowledged(endpoint=id, acknowledgement=mark) if mark:
                self._put(_key("ack", id), encode(mark))
            case PauseChanged(endpoint=id, paused=paused, by=by):
                self._put(_key("pause", id), encode(_Pause(by)) if paused else b"")
            case SilenceStarted(silence=silence):
                self._put(_key("silence", silence.id), encode(silence))
            case SilenceEnded(silence=silence):
                self._put(_key("silence", silence.id), b"")

    # ── the others' ─────────────────────────────────────────────────────────────────────────────

    def changed(self, key: str, value: bytes) -> None:
        """Apply a value that another daemon wrote or removed."""
        try:
            match key.partition(".")[0]:
                case "ack":
                    self._acknowledge(self._endpoint(key), value)
                case "pause":
                    self._pause(self._endpoint(key), value)
                case "silence":
                    self._silence(key, value)
        except (InvalidMessageError, UsageError) as error:
            self._engine.event_log.note("warn", f"ignored an invalid mark of another daemon: {error}")

    def _endpoint(self, key: str) -> Tracked | None:
        """The endpoint that a key is about; its id is in the key, or a digest of it is."""
        named = key.partition(".")[2]
        if found := self._engine.tracker.by_id(named):
            return found
        every = self._engine.endpoints.values()
        return next((one for one in every if token(one.id) == named), None) if named[:1] == "=" else None

    def _acknowledge(self, tracked: Tracked | None, value: bytes) -> None:
        mark = decode(value, Acknowledgement) if value else None
        if tracked and tracked.acknowledged != mark:
            at = self._engine.clock()
            self._engine.publisher.publish(self._engine.tracker.acknowledge(tracked, mark, at))

    def _pause(self, tracked: Tracked | None, value: bytes) -> None:
        if tracked and value:
            self._engine.pause([tracked.handle], decode(value, _Pause).by)
        elif tracked:
            self._engine.resume([tracked.handle])

    def _silence(self, key: str, value: bytes) -> None:
        tracker = self._engine.tracker
        if not value:
            for id in [id for id in tracker.silences if _key("silence", id) == key]:
                self._engine.end_silence(id)
            return
        silence = decode(value, Silence)
        if tracker.silences.get(silence.id) != silence:
            self._engine.publisher.publish(tracker.silence(silence))


def _key(kind: str, id: str) -> str:
    return f"{kind}.{token(id)}"


class Deliveries:
    """The entries that were delivered, by any daemon; they decide which one sends an alert.

    The leader sends it, unless another daemon has sent it already. ``leads`` says whether this one leads.
    """

    def __init__(self, leads: Callable[[], bool]) -> None:
        self._leads = leads
        self._put: Put | None = None
        self._delivered: dict[str, float] = {}
        """Entry -> the time of its message."""

    def share(self, put: Put) -> None:
        """Share each delivery from now on."""
        self._put = put

    def changed(self, key: str, value: bytes) -> None:
        """Note an entry that another daemon delivered."""
        try:
            self._delivered[key] = msgspec.json.decode(value, type=float)
        except msgspec.MsgspecError:
            self._delivered.pop(key, None)

    @property
    def may_send(self) -> bool:
        return self._leads()

    def note(self, item: Item) -> None:
        """Note and share that this daemon delivered ``item``."""
        for key, _ in _keys(item):
            self._delivered[key] = item.message.at
            if self._put:
                self._put(key, msgspec.json.encode(item.message.at))

    def covers(self, item: Item) -> bool:
        """Whether every entry of ``item`` was delivered already."""
        keys = list(_keys(item))
        return bool(keys) and all(self._has(key, entry, item.message.at) for key, entry in keys)

    def _has(self, key: str, entry: Entry, at: float) -> bool:
        delivered = self._delivered.get(key)
        if delivered is None:
            return False
        once = entry.incident and entry.kind is not Kind.REMINDER
        return bool(once) or delivered >= at - _APART


def _keys(item: Item) -> Iterator[tuple[str, Entry]]:
    for entry in item.message.entries:
        which = entry.text[:5] if entry.kind in (Kind.FLAPPING, Kind.SLOWER) else ""  # it began, or ended
        parts = (item.message.alert, entry.endpoint, entry.kind, entry.incident, which)
        yield blake2b("\0".join(parts).encode(), digest_size=16).hexdigest(), entry
