"""A history file for the endpoints of ``fake_source.mixed``, as an engine leaves it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fake_source import NOW

from monitor.judge.availability import Edge, Kind
from monitor.model import Ending, Incident, Reason, Result, State, Status
from monitor.model.events import Checked, DomainEvent, EndpointAdded, IncidentOpened, StateChanged
from monitor.store.batch import Batch, LogLine
from monitor.store.files import connect
from monitor.store.recording import Recording

DAY = 86400.0
BEGAN = NOW - 30 * DAY
"""The oldest known moment."""
OUTAGE = NOW - 10 * DAY, NOW - 10 * DAY + 600
"""When endpoint 1 was down."""
GAP = NOW - 5 * DAY, NOW - 5 * DAY + 3600
"""When no checks ran."""


def incident(number: int, began: float, ended: float | None, endpoint: str = "id-1") -> Incident:
    return Incident(
        id=f"{number:05}",
        endpoint=endpoint,
        handle=4321,
        name="old name",
        began=began,
        ended=ended,
        ending=None if ended is None else Ending.RECOVERED,
        cause=f"cause {number}",
        latest="the last \x1b[31mmessage",
        failed=20,
    )


def write(path: Path, incidents: list[Incident], lines: Sequence[tuple[float, str]] = ()) -> Path:
    """Write the file; endpoint 1 was down during :data:`OUTAGE`."""
    database = connect(path)
    recording = Recording(database)
    database.execute("BEGIN")
    recording.write(
        Batch(
            [*_states(), *_checks(), *(IncidentOpened(at=one.began, incident=one) for one in incidents)],
            edges={f"id-{number}": (BEGAN, _edges()) for number in range(7)},
            lines=[
                LogLine(OUTAGE[0], "bad", "api-eu is down\x1b[2J", "id-1"),
                LogLine(BEGAN, "info", "start"),
                *(LogLine(at, "info", text) for at, text in lines),
            ],
        )
    )
    database.execute("COMMIT")
    database.close()
    return path


def _states() -> list[DomainEvent]:
    events: list[DomainEvent] = []
    for number in range(7):
        id = f"id-{number}"
        events.append(
            EndpointAdded(at=BEGAN, endpoint=id, name=id, kind="http", target="", interval=60, timeout=10)
        )
        events.append(StateChanged(at=BEGAN, endpoint=id, before=State.PENDING, after=State.UP))
    why = {"reason": Reason.CONNECTION_REFUSED, "message": "refused \x1b[31mby id-1"}
    down, up = OUTAGE
    events.append(StateChanged(at=down, endpoint="id-1", before=State.UP, after=State.DOWN, **why))
    events.append(StateChanged(at=up, endpoint="id-1", before=State.DOWN, after=State.UP))
    return events


def _checks() -> list[DomainEvent]:
    return [_check(OUTAGE[0] - 60 * number, Status.UP, 40.0 + number) for number in range(1, 6)] + [
        _check(OUTAGE[0] + 60 * number, Status.DOWN, None) for number in range(6)
    ]


def _check(at: float, status: Status, latency: float | None) -> Checked:
    reason = Reason.CONNECTION_REFUSED if status is Status.DOWN else None
    result = Result(
        endpoint="id-1", status=status, reason=reason, message="", checked_at=at, latency_ms=latency
    )
    return Checked(at=at, endpoint="id-1", result=result)


def _edges() -> list[Edge]:
    return [Edge(BEGAN, Kind.UP), Edge(GAP[0], Kind.UNKNOWN), Edge(GAP[1], Kind.UP)]
