"""States, incidents, log and changes at past moments, from a real file."""

from __future__ import annotations

from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from monitor.judge.availability import Edge, Kind
from monitor.model import Ending, Explanation, Incident, Reason, Result, State, Status
from monitor.model.events import Checked, EndpointAdded, IncidentOpened, StateChanged
from monitor.store.batch import Batch, LogLine
from monitor.store.files import connect
from monitor.store.past import Unanswered, answer, decode_answer, decode_question, encode
from monitor.store.recording import Recording
from monitor.store.travel import (
    NOT_CHECKED,
    PAGE,
    GetPastDetail,
    GetPastIncidents,
    GetPastLog,
    GetPastStates,
    GetStateChange,
    PastDetail,
)

START = 1_800_000_000.0


def added(id: str) -> EndpointAdded:
    return EndpointAdded(at=START, endpoint=id, name=id, kind="http", target="", interval=10, timeout=5)


def changed(at: float, after: State, id: str = "a", reason: Reason | None = None) -> StateChanged:
    return StateChanged(at=START + at, endpoint=id, before=State.UP, after=after, reason=reason, message="m")


def checked(at: float, status: Status = Status.UP, latency: float | None = 12.5) -> Checked:
    result = Result(
        endpoint="a",
        status=status,
        reason=None,
        message="",
        checked_at=START + at,
        latency_ms=latency,
    )
    return Checked(at=START + at, endpoint="a", result=result)


def incident(id: str, began: float, ended: float | None) -> IncidentOpened:
    made = Incident(
        id=id,
        endpoint="a",
        handle=7,
        name="A",
        began=START + began,
        ended=None if ended is None else START + ended,
        ending=None if ended is None else Ending.RECOVERED,
    )
    return IncidentOpened(at=START + began, incident=made)


@pytest.fixture
def ask(tmp_path: Path):
    """Writes a batch, and answers a question about it, both as sent over ssh."""
    database = connect(tmp_path / "history.db")
    recording = Recording(database)

    def asking(question, *events, **more):
        database.execute("BEGIN")
        recording.write(Batch(list(events), **more))
        database.execute("COMMIT")
        return decode_answer(encode(answer(tmp_path / "history.db", decode_question(encode(question)))))

    with closing(database):
        yield asking


def at(moment: float, **more: object) -> GetPastStates:
    return GetPastStates(moment=START + moment, **more)


# ── states ──────────────────────────────────────────────────────────────────────────────────────

_DAY = (
    added("a"),
    changed(0, State.UP),
    changed(100, State.DOWN, reason=Reason.READ_TIMEOUT),
    changed(160, State.UP),
)
_EDGES = {
    "a": (
        START,
        [
            Edge(START, Kind.UP),
            Edge(START + 95, Kind.DOWN),
            Edge(START + 155, Kind.UP),
            Edge(START + 300, Kind.UNKNOWN),
            Edge(START + 900, Kind.UP),
            Edge(START + 1000, Kind.MAINTENANCE),
        ],
    )
}


@pytest.mark.parametrize(
    ("moment", "state", "since", "maintenance"),
    [
        (-1, State.PENDING, -1, False),
        (0, State.UP, 0, False),
        (99, State.UP, 0, False),
        (100, State.DOWN, 100, False),
        (159.5, State.DOWN, 100, False),
        (200, State.UP, 160, False),
        (600, State.PENDING, 600, False),
        (950, State.UP, 160, False),
        (1200, State.UP, 160, True),
    ],
)
def test_each_moment_has_its_state_and_a_gap_is_neither_up_nor_down(ask, moment, state, since, maintenance):
    answer = ask(at(moment), *_DAY, edges=_EDGES)
    (found,) = answer.states
    assert (found.endpoint, found.state, found.since - START) == ("a", state, since)
    assert found.maintenance is maintenance
    assert answer.began == START
    assert (found.message == NOT_CHECKED) is (state is State.PENDING)
    assert found.reason is (Reason.READ_TIMEOUT if state is State.DOWN else None)


def test_the_newest_samples_before_the_moment_come_with_the_state(ask):
    checks = [checked(10 * number) for number in range(20)]
    checks[9] = checked(90, Status.DOWN, None)
    (found,) = ask(at(95, samples=4), *_DAY, *checks, edges=_EDGES).states
    assert found.outcomes == "uuud"
    assert found.latencies_ms == (12.5, 12.5, 12.5, -1.0)
    assert found.checked_at == START + 90


def test_a_few_endpoints_can_be_chosen_by_id(ask):
    others = [added(id) for id in ("b", "c")]
    found = ask(at(95, samples=1, endpoints=("c", "nobody", "a")), *_DAY, *others, checked(90), edges=_EDGES)
    assert [(one.endpoint, one.outcomes) for one in found.states] == [("c", ""), ("a", "u")]
    assert (found.began, found.after) == (None, None)


def test_one_endpoint_has_its_checks_of_then_and_the_failure_in_full(ask):
    bad = Result(
        endpoint="a",
        status=Status.DOWN,
        reason=Reason.READ_TIMEOUT,
        message="no answer",
        checked_at=START + 100,
        explanation=Explanation(asked="GET /"),
    )
    events = [checked(90), Checked(at=START + 100, endpoint="a", result=bad), checked(110, Status.DOWN, None)]
    found = ask(GetPastDetail(endpoint="a", moment=START + 105), *_DAY, *events, checked(120), edges=_EDGES)
    assert found.samples == ((START + 90, "u", 12.5), (START + 100, "d", -1.0))
    assert (found.last.message, found.last.reason) == ("no answer", Reason.READ_TIMEOUT)
    assert found.last_failure == bad
    assert found.last_good.latency_ms == 12.5
    assert ask(GetPastDetail(endpoint="gone", moment=START)) == PastDetail()


def test_many_endpoints_come_in_pages(ask):
    names = [f"e{number:04}" for number in range(PAGE * 2 + 3)]
    answer = ask(at(5), *map(added, names), *(changed(0, State.PAUSED, name) for name in names))
    found = [one.endpoint for one in answer.states]
    while answer.after is not None:
        assert len(answer.states) == PAGE
        answer = ask(at(5, after=answer.after))
        found += [one.endpoint for one in answer.states]
    assert found == names


def test_an_empty_history_begins_nowhere(ask):
    answer = ask(at(0))
    assert (answer.began, answer.states, answer.after) == (None, (), None)


@pytest.mark.parametrize("moment", [float("nan"), float("inf"), -1e300, 1e300])
def test_a_moment_that_does_not_exist_harms_nobody(ask, moment):
    answer = ask(GetPastStates(moment=moment, samples=-5, after=-1), *_DAY, edges=_EDGES)
    assert [one.endpoint for one in answer.states] == ["a"]
    assert ask(GetStateChange(moment=moment, later=False)).at in (None, START + 160)


# ── changes ─────────────────────────────────────────────────────────────────────────────────────


def test_changes_are_found_one_by_one_in_both_directions(ask):
    ask(at(0), *_DAY, added("b"), changed(120, State.DOWN, "b"))
    times = [0, 100, 120, 160]
    for earlier, later in pairwise(times):
        assert ask(GetStateChange(moment=START + later, later=False)).at == START + earlier
        assert ask(GetStateChange(moment=START + earlier, later=True)).at == START + later
    assert ask(GetStateChange(moment=START, later=False)).at is None
    assert ask(GetStateChange(moment=START + 160, later=True)).at is None


# ── incidents and log ───────────────────────────────────────────────────────────────────────────


def test_incidents_come_in_pages_newest_first_each_once(ask):
    count = PAGE + 40
    # Several begin at the same moment: their ids decide.
    events = [incident(f"{number:04}", number // 3, number // 3 + 1) for number in range(count)]
    first = ask(GetPastIncidents(moment=START + 9999), *events)
    second = ask(GetPastIncidents(moment=START + 9999, older_than=first.oldest))
    assert (len(first.incidents), first.more) == (PAGE, True)
    assert (len(second.incidents), second.more) == (count - PAGE, False)
    found = [one.id for one in (*first.incidents, *second.incidents)]
    assert found == [f"{number:04}" for number in reversed(range(count))]


def test_an_old_incident_that_was_open_comes_with_the_first_page(ask):
    events = [incident(f"{number:04}", number, number + 0.5) for number in range(1, PAGE + 20)]
    answer = ask(GetPastIncidents(moment=START + 300), incident("0000", 0, None), *events)
    assert "0000" in {one.id for one in answer.incidents}
    assert answer.incidents[-1].id == "0000"
    assert answer.oldest != "0000"


def test_incidents_of_a_moment_had_begun_by_then(ask):
    answer = ask(GetPastIncidents(moment=START + 25), incident("1", 10, 20), incident("2", 30, None))
    assert [one.id for one in answer.incidents] == ["1"]


def test_an_incident_that_is_gone_ends_the_list(ask):
    answer = ask(GetPastIncidents(moment=START + 25, older_than="gone"), incident("1", 10, 20))
    assert (answer.incidents, answer.more) == ((), False)


def test_the_log_ends_at_the_moment(ask):
    lines = [LogLine(START + at, "bad", f"{at}", "a") for at in (1, 2, 3)]
    answer = ask(GetPastLog(moment=START + 2), added("a"), lines=lines)
    assert [(one.text, one.endpoint) for one in answer.lines] == [("1", "a"), ("2", "a")]


def test_a_file_of_a_newer_version_is_refused_in_words(ask, tmp_path):
    ask(at(0), *_DAY)
    with closing(connect(tmp_path / "history.db")) as database:
        database.execute("PRAGMA user_version = 99")
    found = answer(tmp_path / "history.db", at(0))
    assert isinstance(found, Unanswered)
    assert "it is of version 99" in found.text
