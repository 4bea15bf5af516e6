"""Random worlds: endpoints, what befalls them, and what operators do meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from simulation import alert, endpoint
from worlds import HOUR, Span, World

from monitor.engine.tracker import WELL, Tracker
from monitor.judge.assertions import MaxLatency
from monitor.model import Acknowledgement, Endpoint, Maintenance, Silence, State

KINDS = frozenset({"down", "up", "flapping", "certificate", "degraded"})


@dataclass(frozen=True)
class Act:
    """Something that an operator does to an endpoint, as the engine does it."""

    what: str
    name: str
    lasting: float | None = None
    """Seconds that a silence or an acknowledgement lasts."""

    def __call__(self, tracker: Tracker, at: float) -> Sequence[Any]:
        tracked = tracker.by_id(self.name)
        assert tracked is not None
        until = None if self.lasting is None else at + self.lasting
        match self.what:
            case "silence":
                return tracker.silence(
                    Silence(id=f"{self.name}{at}", select=(self.name,), at=at, until=until)
                )
            case "silence until up" if tracked.state not in {*WELL, State.PENDING}:
                silence = Silence(id=f"{self.name}{at}", select=(self.name,), at=at, until_up=True)
                return tracker.silence(silence)
            case "silence all":
                return tracker.silence(Silence(id=f"all{at}", select=("*",), at=at, until=until))
            case "end silences":
                return [event for id in list(tracker.silences) for event in tracker.end_silence(id, at)]
            case "acknowledge" if tracked.state not in {*WELL, State.PENDING, State.PAUSED}:
                return tracker.acknowledge(tracked, Acknowledgement(at=at, until=until), at)
            case "take back" if tracked.acknowledged:
                return tracker.acknowledge(tracked, None, at)
            case "pause" if not tracked.paused:
                return tracker.pause(tracked, at)
            case "resume" if tracked.paused:
                return tracker.resume(tracked, at)
        return []


def spans() -> st.SearchStrategy[tuple[Span, ...]]:
    """Spans one after another, within an hour."""
    pauses = st.one_of(st.just(0), st.integers(5, 900))
    lengths = st.one_of(st.integers(1, 60), st.integers(60, 900))
    part = st.tuples(pauses, lengths, st.sampled_from("ddddgniic"))

    def placed(parts: list[tuple[int, int, str]]) -> tuple[Span, ...]:
        found, at = [], 0.0
        for pause, length, letter in parts:
            found.append(Span(at + pause, at + pause + length, letter))
            at += pause + length
        return tuple(found)

    return st.lists(part, max_size=6).map(placed)


def endpoints(names: str, needs: bool) -> st.SearchStrategy[tuple[Endpoint, ...]]:
    """Endpoints with these names; with ``needs``, they depend on the first one."""

    def made(policies: list[tuple[float, int, int]]) -> tuple[Endpoint, ...]:
        return tuple(
            endpoint(
                name,
                interval=interval,
                down_after=down_after,
                up_after=up_after,
                warn=(MaxLatency(1000.0),),
                depends_on=("a",) if needs and name != "a" else (),
            )
            for name, (interval, down_after, up_after) in zip(names, policies, strict=True)
        )

    policy = st.tuples(st.sampled_from([4.0, 30.0, 60.0]), st.integers(1, 4), st.integers(1, 3))
    return st.lists(policy, min_size=len(names), max_size=len(names)).map(made)


def acts(names: str) -> st.SearchStrategy[tuple[tuple[float, Act], ...]]:
    """What operators do, and when."""
    timed = st.tuples(
        st.sampled_from(["silence", "silence all", "acknowledge", "acknowledge"]),
        st.sampled_from(names),
        st.one_of(st.none(), st.integers(5, 1800)),
    )
    others = st.tuples(
        st.sampled_from(["silence until up", "end silences", "take back", "pause", "resume", "resume"]),
        st.sampled_from(names),
    )
    act = st.one_of(timed, others).map(lambda made: Act(*made))
    return st.lists(st.tuples(st.integers(0, 4500).map(float), act), max_size=6).map(tuple)


@st.composite
def random_worlds(draw: st.DrawFn) -> World:
    """Some endpoints, perhaps with a dependency and a maintenance window, and what befalls them."""
    names = "abcd"[: draw(st.integers(1, 4))]
    windows = draw(st.lists(st.tuples(st.integers(0, 3600), st.integers(60, 1800)), max_size=1))
    begin = World.epoch
    return World(
        name="random",
        endpoints=draw(endpoints(names, draw(st.booleans()))),
        spans={name: draw(spans()) for name in names},
        outages=(),
        wanted=(),
        seconds=1.5 * HOUR,
        restarts=tuple(draw(st.lists(st.floats(1, 7000), max_size=2))),
        alerts=(alert(on=KINDS, remind=600.7, digest=10.3),),
        maintenance=tuple(
            Maintenance(name="w", select=("b",), start=begin + start, duration=length)
            for start, length in windows
        ),
        acts=draw(acts(names)),
    )
