"""Windows of a scripted history, held against a count over the raw results."""

from __future__ import annotations

import math
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from monitor.judge.availability import Edge, Kind
from monitor.model import (
    Ending,
    Incident,
    NetworkPath,
    PathProtocol,
    Reason,
    Result,
    Retention,
    State,
    Status,
)
from monitor.model.events import (
    Checked,
    EndpointAdded,
    EndpointRemoved,
    IncidentOpened,
    LocationChecked,
    PathTraced,
    StateChanged,
)
from monitor.store import Reader
from monitor.store.batch import Batch
from monitor.store.files import connect
from monitor.store.recording import Recording, milliseconds
from monitor.store.rolling import Rolling
from monitor.store.schema import MIGRATIONS

START = 1_799_971_200.0
"""A midnight, UTC."""


def result(at: float, status: Status, latency: float | None) -> Checked:
    reason = None if status is Status.UP else Reason.READ_TIMEOUT
    made = Result(endpoint="a", status=status, reason=reason, message="", checked_at=at, latency_ms=latency)
    return Checked(at=at, endpoint="a", result=made)


def added(at: float = START) -> EndpointAdded:
    return EndpointAdded(at=at, endpoint="a", name="A", kind="http", target="", interval=60, timeout=10)


class Past:
    """A history written without a thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.database = connect(path)
        self.recording = Recording(self.database)

    def write(self, batch: Batch) -> None:
        self.database.execute("BEGIN")
        self.recording.write(batch)
        self.database.execute("COMMIT")

    def roll(self, now: float) -> None:
        rolling = Rolling(self.database, Retention())
        while rolling.step(milliseconds(now), 5):
            pass
        rolling.return_from_the_future(milliseconds(now))
        rolling.prune_shared(milliseconds(now))

    def count(self, table: str) -> int:
        return int(self.database.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


@pytest.fixture
def past(tmp_path: Path) -> Iterator[Past]:
    made = Past(tmp_path / "history.db")
    with closing(made.database):
        yield made


def two_days(every: float = 60.0) -> list[Checked]:
    chosen = random.Random(7)
    events = []
    for number in range(int(2 * 86400 / every)):
        status = chosen.choices(
            [Status.UP, Status.DEGRADED, Status.DOWN, Status.INCONCLUSIVE], [90, 5, 4, 1]
        )[0]
        latency = chosen.lognormvariate(3, 1) if status in (Status.UP, Status.DEGRADED) else None
        events.append(result(START + every * number + chosen.random(), status, latency))
    return events


def exact(events: list[Checked], since: float, until: float) -> tuple[list[int], list[float]]:
    inside = [
        one.result
        for one in events
        if milliseconds(since) <= milliseconds(one.result.checked_at) < milliseconds(until)
    ]
    counts = [sum(one.status is status for one in inside) for status in Status]
    return counts, sorted(one.latency_ms for one in inside if one.latency_ms is not None)


def percentile(values: list[float], share: float) -> float:
    return values[max(math.ceil(share * len(values)), 1) - 1]


def test_any_window_has_the_counts_and_percentiles_of_its_results(past: Past):
    events = two_days()
    past.write(Batch([added(), *events]))
    past.roll(START + 2 * 86400 - 1800)
    assert past.count("packed") > 40
    with Reader(past.path) as reader:
        (endpoint,) = reader.endpoints()

        @settings(max_examples=60, deadline=None)
        @given(st.floats(0, 2 * 86400), st.floats(0, 2 * 86400))
        @example(0.0, 0.0625).via("a minute begins in the window, and its result is later")
        def check(one: float, other: float) -> None:
            since, until = START + min(one, other), START + max(one, other)
            summary = reader.summary(endpoint, since, until)
            counts, latencies = exact(events, since, until)
            assert summary.counts == counts
            for share in (0.5, 0.9, 0.99, 1.0):
                found = summary.latencies.percentile(share)
                if latencies:
                    assert found == pytest.approx(percentile(latencies, share), rel=0.01, abs=0.01)
                else:
                    assert found is None

        check()


def test_what_came_after_a_clock_that_was_years_ahead_counts_as_well(past: Past):
    events = two_days()
    half = len(events) // 2
    past.write(Batch([added(), *events[:half]]))
    past.roll(START + 86400)
    past.database.execute("UPDATE endpoints SET rolled_until = ?", (milliseconds(START + 1000 * 86400),))
    past.write(Batch([*events[half:]]))
    past.roll(START + 2 * 86400)
    past.roll(START + 2 * 86400)  # the first heals, after its own steps
    with Reader(past.path) as reader:
        (endpoint,) = reader.endpoints()
        summary = reader.summary(endpoint, START, START + 2 * 86400)
    assert summary.counts == exact(events, START, START + 2 * 86400)[0]


def test_rolling_up_changes_no_result(past: Past):
    events = two_days()
    past.write(Batch([added(), *events]))

    def found() -> list[tuple[float, Status]]:
        with Reader(past.path) as reader:
            (endpoint,) = reader.endpoints()
            return [(one.checked_at, one.status) for one in reader.results(endpoint, 0, 9e9)]

    before = found()
    past.roll(START + 2 * 86400)
    assert found() == before
    assert past.count("results") < 100


def test_a_series_adds_up_to_its_window(past: Past):
    events = two_days()
    past.write(Batch([added(), *events]))
    past.roll(START + 2 * 86400)
    with Reader(past.path) as reader:
        (endpoint,) = reader.endpoints()
        for window, points in ((60.0 * 7, 20), (86400.0, 100), (2 * 86400.0, 48)):
            series = reader.series(endpoint, START, START + window, points)
            assert len(series) == points
            counts, _ = exact(events, START, START + window)
            assert [sum(part.counts[n] for part in series) for n in range(4)] == counts


def test_a_series_of_short_parts_is_made_from_minutes_once_results_have_expired(past: Past):
    past.write(Batch([added(), *two_days()]))
    past.roll(START + 6 * 86400)
    assert past.count("packed") == past.count("results") == 0
    with Reader(past.path) as reader:
        (endpoint,) = reader.endpoints()
        series = reader.series(endpoint, START + 3600, START + 7200, 60)
        assert [part.checks for part in series] == [1] * 60


def test_old_tiers_are_dropped_and_coarser_ones_answer(past: Past):
    past.write(Batch([added(), *two_days()]))
    past.roll(START + 2 * 86400)
    past.roll(START + 12 * 86400)
    assert past.count("packed") == past.count("results") == 0
    with Reader(past.path) as reader:
        (endpoint,) = reader.endpoints()
        assert reader.summary(endpoint, START + 90, START + 86400 + 90).checks == pytest.approx(1440, abs=3)
        assert reader.summary(endpoint, START, START + 3600).checks == 60
    past.roll(START + 40 * 86400)
    assert past.count("minutes") == 0
    with Reader(past.path) as reader:
        assert reader.summary(endpoint, START, START + 2 * 86400).checks == 2880
    past.roll(START + 500 * 86400)
    assert past.count("hours") == 0


@pytest.mark.parametrize("days_later", [0, 1, 4], ids=["results kept", "minutes kept", "a day later"])
def test_a_gap_has_no_checks_however_its_neighbours_are_kept(past: Past, days_later: int):
    gap = START + 10 * 3600 + 600, START + 10 * 3600 + 3000
    events = [one for one in two_days() if not gap[0] <= one.at < gap[1]]
    past.write(Batch([added(), *events]))
    past.roll(START + (2 + days_later) * 86400)
    with Reader(past.path) as reader:
        (endpoint,) = reader.endpoints()
        assert reader.summary(endpoint, gap[0], gap[1]).checks == 0


def test_texts_that_nothing_uses_are_dropped(past: Past):
    made = Result(endpoint="a", status=Status.UP, reason=None, message="once", checked_at=START)
    past.write(Batch([added(), Checked(at=START, endpoint="a", result=made)]))
    assert past.count("texts") == 1
    past.roll(START + 10 * 86400)
    assert past.count("texts") == 0


def test_incidents_that_overlap_a_window_are_found(past: Past):
    for number, (began, ended) in enumerate([(0, 10), (20, 30), (40, None)]):
        incident = Incident(
            id=str(number),
            endpoint="a",
            handle=0,
            name="A",
            began=START + began,
            ended=None if ended is None else START + ended,
            ending=Ending.RECOVERED if ended else None,
        )
        past.write(Batch([IncidentOpened(at=START, incident=incident)]))
    with Reader(past.path) as reader:
        found = {
            window: [one.id for one in reader.incidents(START + window[0], START + window[1])]
            for window in ((0, 100), (10, 20), (5, 21), (35, 41), (50, 60))
        }
        assert found == {
            (0, 100): ["0", "1", "2"],
            (10, 20): [],
            (5, 21): ["0", "1"],
            (35, 41): ["2"],
            (50, 60): ["2"],
        }


def test_states_of_a_window_begin_with_the_one_in_force(past: Past):
    past.write(
        Batch(
            [
                StateChanged(at=START + at, endpoint="a", before=State.UP, after=after)
                for at, after in ((0, State.UP), (10, State.DOWN), (20, State.UP))
            ]
        )
    )
    with Reader(past.path) as reader:
        (endpoint,) = reader.endpoints()
        assert [one.state for one in reader.states(endpoint, START + 15, START + 30)] == [
            State.DOWN,
            State.UP,
        ]
        assert [one.state for one in reader.states(endpoint, START - 5, START + 5)] == [State.UP]
        assert reader.states(endpoint, START - 5, START) == []


def test_edges_are_replaced_from_a_moment_on(past: Past):
    edges = [Edge(START, Kind.UP), Edge(START + 20, Kind.DOWN)]
    past.write(Batch([added()], edges={"a": (START, edges)}))
    past.write(Batch([], edges={"a": (START + 10, [Edge(START + 10, Kind.DOWN)])}))
    past.write(Batch([result(START + 30, Status.DOWN, None)]))
    with Reader(past.path) as reader:
        (endpoint,) = reader.endpoints()
        assert reader.availability(endpoint).seconds(START, START + 40).down == 30.0


def test_the_first_failure_of_each_outage_is_explained(past: Past):
    states = [Status.UP, Status.DOWN, Status.DOWN, Status.INCONCLUSIVE, Status.DOWN, Status.UP, Status.DOWN]
    past.write(Batch([result(START + n, status, None) for n, status in enumerate(states)]))
    with Reader(past.path) as reader:
        (endpoint,) = reader.endpoints()
        assert [one.checked_at - START for one in reader.failures(endpoint, 0, 9e9)] == [1.0, 6.0]


def test_a_path_that_was_traced_is_kept_with_the_failure_that_it_explains(past: Past):
    path = NetworkPath(at=START + 2, target="192.0.2.1:443", protocol=PathProtocol.TCP)
    traced = PathTraced(at=START + 5, endpoint="a", path=path)
    past.write(Batch([result(START, Status.DOWN, None), result(START + 1, Status.UP, None)]))
    past.write(Batch([traced]))  # on demand, while it is up
    past.write(Batch([result(START + 2, Status.DOWN, None), result(START + 4, Status.DOWN, None)]))
    past.write(Batch([traced]))
    with Reader(past.path) as reader:
        (endpoint,) = reader.endpoints()
        found = reader.failures(endpoint, 0, 9e9)
    assert [one.explanation and one.explanation.path for one in found] == [None, path]


def test_a_reader_cannot_write(past: Past):
    with Reader(past.path) as reader, pytest.raises(sqlite3.OperationalError):
        reader._database.execute("DELETE FROM endpoints")


def test_without_a_history_there_is_nothing_to_read(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        Reader(tmp_path / "none.db")


# ── locations ───────────────────────────────────────────────────────────────────────────────────


def from_location(name: str, at: float, status: Status, latency: float | None) -> LocationChecked:
    return LocationChecked(at=at, endpoint="a", location=name, result=result(at, status, latency).result)


def test_each_location_has_its_own_results_and_summaries_of_any_window(past: Past):
    events: dict[str, list[LocationChecked]] = {"eu": [], "us": []}
    for number in range(3 * 360):
        at = START + 10 * number
        events["eu"].append(from_location("eu", at, Status.UP, 20.0))
        failed = number % 10 == 0
        events["us"].append(
            from_location("us", at + 0.5, Status.DOWN if failed else Status.UP, None if failed else 90.0)
        )
    past.write(Batch([added(), *events["eu"], *events["us"], result(START, Status.UP, 90.0)]))
    past.roll(START + 2 * 3600 + 600)
    assert past.count("packed") == 2 * 2
    with Reader(past.path) as reader:
        (endpoint,) = reader.endpoints()
        seen = reader.locations(endpoint)
        assert list(seen) == ["eu", "us"]
        for name, one in seen.items():
            found = [(row.checked_at, row.status, row.latency_ms) for row in reader.results(one, 0, 9e9)]
            wanted = [event.result for event in events[name]]
            assert found == [(row.checked_at, row.status, row.latency_ms) for row in wanted]
            for since, until in ((0, 10_800), (1800, 9000), (3600, 7200), (7300, 7400)):
                inside = [row for row in wanted if since <= row.checked_at - START < until]
                summary = reader.summary(one, START + since, START + until)
                assert summary.checks == len(inside)
                assert summary.failed == sum(row.status is Status.DOWN for row in inside)
        assert reader.summary(endpoint, START, START + 10_800).checks == 1


def test_a_location_keeps_its_results_after_a_restart_of_the_writer(past: Past):
    past.write(Batch([added(), from_location("eu", START, Status.UP, 20.0)]))
    again = Past(past.path)
    with closing(again.database):
        again.write(Batch([from_location("eu", START + 10, Status.UP, 21.0)]))
    with Reader(past.path) as reader:
        (endpoint,) = reader.endpoints()
        (eu,) = reader.locations(endpoint).values()
        assert [one.latency_ms for one in reader.results(eu, 0, 9e9)] == [20.0, 21.0]


def test_without_a_cluster_there_is_no_location_and_no_row_more(past: Past):
    past.write(Batch([added(), result(START, Status.UP, 20.0)]))
    assert (past.count("results"), past.count("locations")) == (1, 0)
    with Reader(past.path) as reader:
        assert reader.locations(reader.endpoints()[0]) == {}


def test_a_file_of_an_older_version_has_no_locations(tmp_path: Path):
    with closing(sqlite3.connect(tmp_path / "old.db", isolation_level=None)) as database:
        for step in MIGRATIONS[:4]:
            database.executescript(step)
        database.execute("PRAGMA user_version = 4")
        database.execute("INSERT INTO endpoints (id, name, first_seen) VALUES ('a', 'A', 5)")
    with Reader(tmp_path / "old.db") as reader:
        assert reader.locations(reader.endpoints()[0]) == {}


def test_locations_are_forgotten_with_their_endpoint(past: Past):
    removed = EndpointRemoved(at=START + 10, endpoint="a")
    past.write(Batch([added(), from_location("eu", START, Status.UP, 20.0), removed]))
    past.roll(START + 3 * 365 * 86400)
    assert [past.count(table) for table in ("endpoints", "locations", "results", "minutes", "hours")] == [
        0
    ] * 5
