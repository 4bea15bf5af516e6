"""A batch: the rows of one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from monitor.judge.availability import Edge
from monitor.model.events import Checked, DomainEvent, LocationChecked

Statement = tuple[str, Sequence[Any]]
"""SQL and its parameters."""
RESULTS = Checked | LocationChecked
"""The events with a result."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of the event log; ``endpoint`` is an id."""

    at: float
    level: str
    text: str
    endpoint: str | None = None


@dataclass(slots=True)
class Batch:
    """The events of about a second; ``saved`` and ``documents`` have encoded values."""

    events: list[DomainEvent] = field(default_factory=list)
    edges: dict[str, tuple[float, list[Edge]]] = field(default_factory=dict)
    """Endpoint id -> edges that replace the stored ones from a moment on."""
    saved: dict[str, bytes] = field(default_factory=dict)
    lines: list[LogLine] = field(default_factory=list)
    documents: dict[str, bytes] = field(default_factory=dict)
    statements: list[Statement] = field(default_factory=list)
    """Further rows for the same transaction, such as the alerts' outbox."""
    submitted: float = 0.0
    """When it was given to the writer, by its timer."""

    def __bool__(self) -> bool:
        parts = (self.events, self.edges, self.saved, self.lines, self.documents, self.statements)
        return any(parts)

    @property
    def results(self) -> int:
        """Number of results."""
        return sum(isinstance(event, RESULTS) for event in self.events)

    def without_results(self) -> Batch:
        """The batch without its results, to save memory; states are kept."""
        rest: list[DomainEvent] = [event for event in self.events if not isinstance(event, RESULTS)]
        return replace(self, events=rest)
