"""What goes into the history in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from monitor.judge.availability import Edge
from monitor.model.events import Checked, DomainEvent

Statement = tuple[str, Sequence[Any]]
"""SQL and its parameters."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of the event log; ``endpoint`` is an id."""

    at: float
    level: str
    text: str
    endpoint: str | None = None


@dataclass(slots=True)
class Batch:
    """A second's worth of news. ``saved`` and ``documents`` hold encoded values by endpoint id and name."""

    events: list[DomainEvent] = field(default_factory=list)
    edges: dict[str, tuple[float, list[Edge]]] = field(default_factory=dict)
    """Endpoint id -> edges that replace those from a moment on."""
    saved: dict[str, bytes] = field(default_factory=dict)
    lines: list[LogLine] = field(default_factory=list)
    documents: dict[str, bytes] = field(default_factory=dict)
    statements: list[Statement] = field(default_factory=list)
    """Others' rows that must land in the same transaction, such as the alerts' outbox."""

    def __bool__(self) -> bool:
        parts = (self.events, self.edges, self.saved, self.lines, self.documents, self.statements)
        return any(parts)

    @property
    def results(self) -> int:
        """How many results it holds."""
        return sum(isinstance(event, Checked) for event in self.events)

    def without_results(self) -> Batch:
        """Everything but the results: states are kept when memory gets short."""
        rest: list[DomainEvent] = [event for event in self.events if not isinstance(event, Checked)]
        return Batch(rest, self.edges, self.saved, self.lines, self.documents, self.statements)
