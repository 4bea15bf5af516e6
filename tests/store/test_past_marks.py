"""Silences, acknowledgements and pauses of the past, made again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from simulation import EPOCH, Simulation, alert, endpoint, said
from worlds import HOUR

from monitor.engine.tracker import Tracker
from monitor.model import Acknowledgement, Silence
from monitor.store import Reader
from monitor.store.batch import Batch
from monitor.store.files import connect
from monitor.store.past_marks import past_marks
from monitor.store.recording import Recording
from monitor.store.replaying import replay


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


def pause(tracker: Tracker, at: float) -> list[Any]:
    return list(tracker.pause(next(iter(tracker.endpoints.values())), at))


def resume(tracker: Tracker, at: float) -> list[Any]:
    return list(tracker.resume(next(iter(tracker.endpoints.values())), at))


def lived(acts: list[tuple[float, Any]], down: tuple[float, float] = (100, 2000)) -> Recorded:
    def world(id: str, at: float) -> str:
        return "d" if down[0] <= at < down[1] else "u"

    simulation = Recorded([endpoint("a")], [alert(remind=300.0)], world, acts=acts)
    simulation.run(HOUR)
    return simulation


@pytest.mark.parametrize(
    ("acts", "kinds"),
    [
        ([(50.0, silence), (3000.0, end_silence)], []),
        ([(50.0, silence), (1800.0, end_silence)], ["down", "up"]),
        ([(500.0, silence), (1000.0, end_silence)], ["down", "reminder", *["reminder"] * 4, "up"]),
        ([(500.0, acknowledge)], ["down", "reminder", "up"]),
    ],
)
def test_a_replay_has_the_marks_that_were_made(tmp_path: Path, acts: list[Any], kinds: list[str]):
    simulation = lived(acts)
    with Reader(simulation.written(tmp_path / "h.db")) as reader:
        again = replay(simulation.config, reader, EPOCH, EPOCH + HOUR).messages
    assert said(again) == said(simulation.messages)
    assert [kind for kind, _ in said(again)] == kinds
    for one, other in zip(again, simulation.messages, strict=True):
        assert one.at == pytest.approx(other.at, abs=1.1)


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
    with Reader(simulation.written(tmp_path / "h.db")) as reader:
        again = replay(simulation.config, reader, EPOCH, EPOCH + HOUR).messages
    assert said(again) == said(simulation.messages) == [("down", "a")]


def test_an_acknowledgement_of_what_other_rules_find_well_mutes_nothing(tmp_path: Path):
    def world(id: str, at: float) -> str:
        return "d" if 100 <= at < 150 or 2000 <= at < 3000 else "u"

    simulation = Recorded([endpoint("a")], [alert()], world, acts=[(140.0, acknowledge)])
    simulation.run(HOUR)
    patient = replace(simulation.config, endpoints=(endpoint("a", down_after=20),))
    with Reader(simulation.written(tmp_path / "h.db")) as reader:
        assert said(replay(patient, reader, EPOCH, EPOCH + HOUR).messages) == [("down", "a"), ("up", "a")]


def test_marks_are_those_of_the_window_and_in_order(tmp_path: Path):
    path = lived([(50.0, silence), (500.0, acknowledge), (1000.0, end_silence)]).written(tmp_path / "h.db")
    with Reader(path) as reader:
        assert [mark.at - EPOCH for mark in past_marks(reader, EPOCH, EPOCH + HOUR)] == pytest.approx(
            [50, 500, 1000], abs=30
        )
        assert past_marks(reader, EPOCH + 2500, EPOCH + HOUR) == []
