"""What an engine says, kept up to date by whoever needs it without a screen. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from monitor.link.messages import Card, Changes, Honesty, Row, Snapshot
from monitor.model import Incident, State

_INCIDENTS = 1000
"""Incidents kept of those that have ended, as many as an engine keeps."""


class Picture:
    """All endpoints with their present states, and the incidents, from a snapshot and changes."""

    def __init__(self) -> None:
        self.cards: dict[int, Card] = {}
        """By handle, in config order."""
        self.rows: dict[int, Row] = {}
        self.incidents: dict[str, Incident] = {}
        """By id; the newest that have ended, and those that are open."""
        self.honesty = Honesty()
        self.version = self.title = ""
        self.started_at = self.now = 0.0

    def begin(self, snapshot: Snapshot) -> None:
        """Forget everything and take ``snapshot``."""
        self.version, self.title = snapshot.version, snapshot.title
        self.started_at, self.now, self.honesty = snapshot.started_at, snapshot.now, snapshot.honesty
        self.cards, self.rows, self.incidents = {}, {}, {}
        self._take(snapshot.cards, snapshot.rows, snapshot.incidents)

    def apply(self, changes: Changes) -> list[tuple[Card, Row, State]]:
        """Take ``changes``; the endpoints whose state is another one, each with the state before."""
        self.now, self.honesty = changes.now, changes.honesty
        before = {row.handle: self.rows[row.handle].state for row in changes.rows if row.handle in self.rows}
        self._take(changes.cards, changes.rows, changes.incidents)
        for id in changes.forgotten:
            self.incidents.pop(id, None)
        if changes.order is not None:
            self.cards = {handle: self.cards[handle] for handle in changes.order if handle in self.cards}
            self.rows = {handle: self.rows[handle] for handle in self.cards if handle in self.rows}
        return [
            (self.cards[row.handle], row, before[row.handle])
            for row in changes.rows
            if row.handle in self.cards and before.get(row.handle, row.state) is not row.state
        ]

    def _take(self, cards: Iterable[Card], rows: Iterable[Row], incidents: Iterable[Incident]) -> None:
        self.cards |= {card.handle: card for card in cards}
        self.rows |= {row.handle: row for row in rows}
        self.incidents |= {incident.id: incident for incident in incidents}
        ended = [incident.id for incident in self.incidents.values() if incident.ended is not None]
        for id in ended[:-_INCIDENTS]:
            del self.incidents[id]

    def endpoints(self) -> Iterator[tuple[Card, Row]]:
        """Every endpoint, in config order."""
        for handle, card in self.cards.items():
            if handle in self.rows:
                yield card, self.rows[handle]


class Engine(Protocol):
    """An engine to be asked, as a :class:`~monitor.link.client.Client` is."""

    async def hello(self) -> Snapshot:
        """The whole picture, or its beginning."""

    async def pull(self) -> Changes:
        """What changed since the last answer."""


async def whole_picture(engine: Engine) -> Picture:
    """Everything that ``engine`` says now. LinkError if it does not answer."""
    picture = Picture()
    snapshot = await engine.hello()
    picture.begin(snapshot)
    more = snapshot.more
    while more:
        changes = await engine.pull()
        picture.apply(changes)
        more = changes.more
    return picture
