"""What an engine reads of the history when it starts."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from monitor.engine.saved import EndpointState, LastCheck
from monitor.judge.availability import Edge, Kind
from monitor.judge.health import Health
from monitor.model import Ending, Heartbeat, Incident, Reason, Result, Retention, State, Status
from monitor.model.events import Checked, EndpointAdded, IncidentOpened
from monitor.store.batch import Batch
from monitor.store.files import connect
from monitor.store.recording import Recording, milliseconds
from monitor.store.restoring import NEWEST_EDGES, NEWEST_RESULTS, Past, read_past, readable
from monitor.store.rolling import Rolling

START = 1_800_000_000.0
HEARTBEAT = Heartbeat(heard_at=START, due_at=START + 60, grace_s=5.0)


def added(id: str) -> EndpointAdded:
    return EndpointAdded(at=START, endpoint=id, name=id, kind="tcp", target="", interval=10, timeout=5)


def checked(id: str, at: float, status: Status = Status.UP) -> Checked:
    reason = None if status is Status.UP else Reason.CONNECTION_REFUSED
    result = Result(
        endpoint=id, status=status, reason=reason, message=f"at {at}", checked_at=START + at, latency_ms=1.5
    )
    return Checked(at=START + at, endpoint=id, result=result)


def saved(id: str, last: float | None) -> dict[str, bytes]:
    check = None if last is None else LastCheck(at=START + last, status=Status.UP, heartbeat=HEARTBEAT)
    state = EndpointState(
        id=id, checks="", health=Health(hard=State.UP), state=State.UP, since=START, last=check
    )
    return {id: msgspec.msgpack.encode(state)}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "h.db"


def write(path: Path, *batches: Batch, rolled_at: float | None = None) -> None:
    database = connect(path)
    recording = Recording(database)
    for batch in batches:
        database.execute("BEGIN")
        recording.write(batch)
        database.execute("COMMIT")
    if rolled_at is not None:
        while Rolling(database, Retention()).step(milliseconds(rolled_at), 5):
            pass
    database.close()


def past(path: Path, since: float = 0.0) -> Past:
    return read_past(path, since)


@pytest.mark.parametrize(
    ("last", "newest", "at", "message"),
    [
        (5.0, 25.0, 25.0, "at 25.0"),
        (None, 25.0, 25.0, "at 25.0"),
        (25.0, 25.0, 25.0, ""),
        (5.0, None, 5.0, ""),
    ],
    ids=["a newer result", "no result saved", "the same one", "no result in the file"],
)
def test_the_last_check_is_the_newest_result(
    path: Path, last: float | None, newest: float | None, at: float, message: str
) -> None:
    results = [] if newest is None else [checked("a", 15.0), checked("a", newest)]
    write(path, Batch([added("a"), *results], saved=saved("a", last)))
    (state,) = past(path).tracker.endpoints
    assert state.last is not None
    assert (state.last.at, state.last.message) == (START + at, message)
    assert state.last.heartbeat == (HEARTBEAT if last is not None else None)


def test_the_time_that_was_checked_without_a_change_stays_known(path: Path) -> None:
    edges = {"a": (START, [Edge(START, Kind.UP)])}
    results = [checked("a", at) for at in range(0, 3000, 10)]
    write(path, Batch([added("a"), *results], edges=edges, saved=saved("a", 0.0)))
    availability = past(path).availabilities["a"]
    availability.accept(checked("a", 4000.0))
    assert availability.edges() == [
        Edge(START, Kind.UP), Edge(START + 2990, Kind.UNKNOWN), Edge(START + 4000, Kind.UP)
    ]  # fmt: skip


def test_the_last_check_of_an_endpoint_is_found_when_all_its_results_are_packed(path: Path) -> None:
    edges = {"a": (START, [Edge(START, Kind.UP)])}
    batch = Batch([added("a"), checked("a", 0.0), checked("a", 10.0)], edges=edges, saved=saved("a", 0.0))
    write(path, batch, rolled_at=START + 2 * 3600)
    assert past(path).availabilities["a"].checked == START + 10


def test_only_the_edges_since_a_moment_are_read_and_the_one_in_force_then(path: Path) -> None:
    kinds = [Kind.UP, Kind.DOWN, Kind.UP, Kind.DOWN]
    edges = [Edge(START + at * 10, kind) for at, kind in enumerate(kinds)]
    write(path, Batch([added("a"), added("b")], edges={"a": (START, edges)}))
    found = past(path, START + 15).availabilities
    assert found["a"].edges() == edges[1:]
    assert found["b"].edges() == []


@pytest.mark.parametrize(("sql", "values"), [(NEWEST_RESULTS, {}), (NEWEST_EDGES, {"since": 5})])
def test_a_start_does_not_read_through_a_year(path: Path, sql: str, values: dict[str, int]) -> None:
    database = connect(path)
    plan = [row[3] for row in database.execute(f"EXPLAIN QUERY PLAN {sql}", values)]
    assert [step.split()[1] for step in plan if step.startswith("SCAN")] == ["endpoints"]
    database.close()


def test_open_incidents_and_the_newest_that_ended_are_read(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.store.restoring.KEPT", 1)
    spans = [(0.0, None), (5.0, 10.0), (6.0, 9.0)]
    incidents = [
        Incident(
            id=str(number),
            endpoint="a",
            handle=1,
            name="a",
            began=START + began,
            ended=None if ended is None else START + ended,
            ending=None if ended is None else Ending.RECOVERED,
            reason=None,
            cause="",
        )
        for number, (began, ended) in enumerate(spans)
    ]
    write(path, Batch([added("a"), *(IncidentOpened(at=START, incident=one) for one in incidents)]))
    assert [one.id for one in past(path).tracker.incidents] == ["0", "1"]


def test_what_cannot_be_decoded_is_left_out() -> None:
    good = saved("a", None)["a"]
    assert [state.id for state in readable([b"\xff", good, b""], EndpointState)] == ["a"]


def test_without_a_file_there_is_no_past(path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        past(path)
