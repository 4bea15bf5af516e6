"""Silences, acknowledgements, pauses and slower phases of the past, made again."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from random_worlds import random_worlds
from simulation import EPOCH, Simulation, alert, endpoint, said
from worlds import DAY, HOUR, World, about

from monitor.config import diff
from monitor.engine.slowdowns import note_slowdown
from monitor.engine.tracker import Tracker
from monitor.model import Acknowledgement, Config, Retention, Silence, Slowdown
from monitor.model.events import EndpointRemoved
from monitor.store.batch import Batch
from monitor.store.files import connect
from monitor.store.past_marks import MarkReader
from monitor.store.recording import Recording, milliseconds
from monitor.store.replaying import replay
from monitor.store.rolling import Rolling


@dataclass
class Recorded(Simulation):
    """A simulation whose events can be written to a history."""

    events: list[Any] = field(default_factory=list)

    def _hear(self, events: Sequence[Any]) -> None:
        self.events += events
        super()._hear(events)

    def written(self, path: Path) -> Path:
        """A history of everything so far."""
        database = connect(path)
        database.execute("BEGIN")
        Recording(database).write(Batch(self.events))
        database.execute("COMMIT")
        database.close()
        return path


def silence(tracker: Tracker, at: float) -> list[Any]:
    return list(tracker.silence(Silence(id="s", select=("*",), at=at)))


def end_silence(tracker: Tracker, at: float) -> list[Any]:
    return list(tracker.end_silence("s", at))


def acknowledge(tracker: Tracker, at: float) -> list[Any]:
    return list(tracker.acknowledge(next(iter(tracker.endpoints.values())), Acknowledgement(at=at), at))


def take_back(tracker: Tracker, at: float) -> list[Any]:
    return list(tracker.acknowledge(next(iter(tracker.endpoints.values())), None, at))


def slow_down(tracker: Tracker, at: float) -> list[Any]:
    return note_slowdown(tracker, "a", Slowdown(phase="tls", since=at - 900, ms=68.0, usual_ms=17.0), at)


def speed_up(tracker: Tracker, at: float) -> list[Any]:
    return note_slowdown(tracker, "a", None, at)


def pause(tracker: Tracker, at: float) -> list[Any]:
    return list(tracker.pause(next(iter(tracker.endpoints.values())), at))


def resume(tracker: Tracker, at: float) -> list[Any]:
    return list(tracker.resume(next(iter(tracker.endpoints.values())), at))


ON = frozenset({"down", "up", "flapping", "certificate", "slower"})


def lived(acts: list[tuple[float, Any]], down: tuple[float, float] = (100, 2000)) -> Recorded:
    def world(id: str, at: float) -> str:
        return "d" if down[0] <= at < down[1] else "u"

    simulation = Recorded([endpoint("a")], [alert(remind=300.0, on=ON)], world, acts=acts)
    simulation.run(HOUR)
    return simulation


@pytest.mark.parametrize(
    ("acts", "kinds"),
    [
        ([(50.0, silence), (3000.0, end_silence)], []),
        ([(50.0, silence), (1800.0, end_silence)], ["down", "up"]),
        ([(500.0, silence), (1000.0, end_silence)], ["down", "reminder", *["reminder"] * 4, "up"]),
        ([(500.0, acknowledge)], ["down", "reminder", "up"]),
        ([(500.0, acknowledge), (1500.0, take_back)], ["down", "reminder", *["reminder"] * 2, "up"]),
        ([(50.0, slow_down), (3000.0, speed_up)], ["slower", "down", *["reminder"] * 6, "up", "slower"]),
        ([(3000.0, slow_down), (3300.0, speed_up)], ["down", *["reminder"] * 6, "up", "slower", "slower"]),
    ],
)
def test_a_replay_has_the_marks_that_were_made(tmp_path: Path, acts: list[Any], kinds: list[str]):
    simulation = lived(acts)
    with MarkReader(simulation.written(tmp_path / "h.db")) as reader:
        again = replay(simulation.config, reader, EPOCH, EPOCH + HOUR).messages
    assert said(again) == said(simulation.messages)
    assert [kind for kind, _ in said(again)] == kinds
    for one, other in zip(again, simulation.messages, strict=True):
        assert one.at == pytest.approx(other.at, abs=1.1)


# The same worlds each time: in one of 600, a dependency has an early check, which no simulation repeats.
@settings(max_examples=25, deadline=None, derandomize=True)
@given(random_worlds())
def test_a_replay_of_any_world_gives_the_messages_that_were_sent(world: World):
    course = Recorded(
        world.endpoints, world.alerts, world.finds, world.maintenance, acts=world.acts, epoch=world.epoch
    )
    sent = course.run(world.seconds)
    with TemporaryDirectory() as folder, MarkReader(course.written(Path(folder) / "h.db")) as reader:
        again = replay(course.config, reader, world.epoch, world.epoch + world.seconds).messages
    assert list(map(about, again)) == list(map(about, sent))
    for one, other in zip(again, sent, strict=True):
        assert one.at == pytest.approx(other.at, abs=1.1)  # the engine sends once a second


def test_an_outage_that_a_pause_ended_is_not_reported_as_over(tmp_path: Path):
    def world(id: str, at: float) -> str:
        return "d" if 100 <= at < 800 else "u"

    simulation = Recorded(
        [endpoint("a")],
        [alert()],
        world,
        acts=[(500.0, pause), (1000.0, resume)],
        asleep=lambda at: 501 <= at < 1000,  # nothing is checked while it is paused
    )
    simulation.run(HOUR)
    with MarkReader(simulation.written(tmp_path / "h.db")) as reader:
        again = replay(simulation.config, reader, EPOCH, EPOCH + HOUR).messages
    assert said(again) == said(simulation.messages) == [("down", "a")]


def test_an_acknowledgement_of_what_other_rules_find_well_mutes_nothing(tmp_path: Path):
    def world(id: str, at: float) -> str:
        return "d" if 100 <= at < 150 or 2000 <= at < 3000 else "u"

    simulation = Recorded([endpoint("a")], [alert()], world, acts=[(140.0, acknowledge)])
    simulation.run(HOUR)
    patient = replace(simulation.config, endpoints=(endpoint("a", down_after=20),))
    with MarkReader(simulation.written(tmp_path / "h.db")) as reader:
        assert said(replay(patient, reader, EPOCH, EPOCH + HOUR).messages) == [("down", "a"), ("up", "a")]


def test_marks_are_those_of_the_window_and_in_order(tmp_path: Path):
    path = lived([(50.0, silence), (500.0, acknowledge), (1000.0, end_silence)]).written(tmp_path / "h.db")
    with MarkReader(path) as reader:
        assert [mark.at - EPOCH for mark in reader.marks(EPOCH, EPOCH + HOUR)] == pytest.approx(
            [50, 500, 1000], abs=30
        )
        assert reader.marks(EPOCH + 2500, EPOCH + HOUR) == []


def test_a_history_from_before_marks_were_stored_has_those_of_its_incidents(tmp_path: Path):
    path = lived([(500.0, acknowledge), (3000.0, slow_down)]).written(tmp_path / "h.db")
    with closing(sqlite3.connect(path)) as database:
        database.executescript("DROP TABLE marks; PRAGMA user_version = 5;")
    with MarkReader(path) as reader:
        assert [mark.at - EPOCH for mark in reader.marks(EPOCH, EPOCH + HOUR)] == pytest.approx([500], abs=30)


def test_the_mark_of_an_endpoint_ends_when_it_is_removed(tmp_path: Path):
    simulation = lived([(3000.0, slow_down)])
    removed = EndpointRemoved(at=EPOCH + 3300, endpoint="a")
    simulation.events.append(removed)
    tracker = Tracker()
    with MarkReader(simulation.written(tmp_path / "h.db")) as reader:
        tracker.apply(simulation.config, diff(Config(), simulation.config), EPOCH)
        for mark in reader.marks(EPOCH, EPOCH + HOUR):
            mark.apply(tracker)
    assert next(iter(tracker.endpoints.values())).slowdown is None


def test_expired_marks_are_deleted_except_the_one_still_in_force(tmp_path: Path):
    path = lived([(600.0, slow_down), (900.0, speed_up), (1200.0, slow_down)], down=(0, 0)).written(
        tmp_path / "h.db"
    )
    with closing(connect(path)) as database:
        rolling = Rolling(database, Retention())
        while rolling.step(milliseconds(EPOCH + 500 * DAY), 5):
            pass
    with MarkReader(path) as reader:
        assert [mark.at - EPOCH for mark in reader.marks(EPOCH, EPOCH + HOUR)] == pytest.approx(
            [1200], abs=30
        )
