"""Lasting shifts of a phase against the endpoint's own past, in scripted pasts."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable
from itertools import pairwise
from statistics import median, quantiles

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.judge.baseline import Hour, Medians, Spread, Timed, baseline, began, judged
from monitor.model import Slowdown

T0 = 1_790_035_200.0
"""A midnight, UTC."""
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
HALF = 10 * MINUTE
EVERY = 5 * MINUTE
USUAL = {"connect": 8.0, "tls": 17.0, "wait": 14.0}

Curve = Callable[[float], float]
"""A factor on the usual duration of ``tls``, by the seconds since T0."""


class Past:
    """An endpoint that is checked every 10 s; ``noise`` is the deviation of the durations' logarithms."""

    def __init__(self, curve: Curve, noise: float = 0.2, seed: int = 1, checks: int = 60) -> None:
        self._curve, self._noise, self._random = curve, noise, random.Random(seed)
        self._checks = checks
        """Checks in half of the last minutes."""

    def _values(self, phase: str, at: float, length: float, count: int) -> list[float]:
        return [
            USUAL[phase]
            * (self._curve(at - T0 + length * step / count) if phase == "tls" else 1.0)
            * self._random.lognormvariate(0, self._noise)
            for step in range(count)
        ]

    def hours(self, since: float, until: float, gaps: Iterable[tuple[float, float]] = ()) -> list[Hour]:
        starts = (since + number * HOUR for number in range(int((until - since) // HOUR)))
        return [
            Hour(at, {phase: self._spread(phase, at) for phase in USUAL})
            for at in starts
            if not any(begin <= at - T0 < end for begin, end in gaps)
        ]

    def _spread(self, phase: str, at: float) -> Spread:
        values = self._values(phase, at, HOUR, 60)
        return Spread(median(values), quantiles(values, n=10)[-1])

    def half(self, at: float) -> Medians:
        return {phase: median(self._values(phase, at, HALF, self._checks)) for phase in USUAL}

    def minutes(self, since: float, until: float) -> list[Timed]:
        count = int((until - since) // MINUTE)
        return [
            Timed(since + number * MINUTE, median(self._values("tls", since + number * MINUTE, MINUTE, 6)))
            for number in range(count)
        ]


def followed(
    past: Past, since: float, until: float, history: float = 14 * DAY, **more: object
) -> list[Slowdown | None]:
    """The marks between two times after T0, as a service finds them: a new baseline each day."""
    found: list[Slowdown | None] = []
    mark: Slowdown | None = None
    made = None
    at = T0 + since
    while at < T0 + until:
        if made is None or at - made.made >= DAY:
            made = baseline(past.hours(at - history - at % HOUR, at - at % HOUR, **more), at)  # type: ignore[arg-type]
        if made is not None:
            new = judged(mark, made, past.half(at - 2 * HALF), past.half(at - HALF), at)
            mark = began(new, past.minutes(at - HOUR, at)) if new and not mark else new
        found.append(mark)
        at += EVERY
    return found


def told(marks: list[Slowdown | None]) -> list[str]:
    """The starts and ends of marks."""
    words = []
    for before, after in pairwise([None, *marks]):
        if before is None and after is not None:
            words.append(str(after))
        elif before is not None and after is None:
            words.append("over")
    return words


def step(at: float, factor: float, until: float = math.inf) -> Curve:
    return lambda t: factor if at <= t < until else 1.0


def nightly(t: float) -> float:
    return 4.0 if t % DAY < 1.5 * HOUR else 1.0


def waves(t: float) -> float:
    return 2 + math.sin(2 * math.pi * t / DAY)


def sundays(t: float) -> float:
    return 4.0 if t % (7 * DAY) < 2 * HOUR else 1.0


SCENARIOS: dict[str, tuple[Curve, float, float, list[str]]] = {
    "as ever": (lambda _: 1.0, 0, DAY, []),
    "a step": (step(2 * HOUR, 4), 0, 6 * HOUR, ["tls 4 × slower"]),
    "a small step": (step(2 * HOUR, 1.3), 0, 6 * HOUR, []),
    "a step that ends": (step(2 * HOUR, 4, 5 * HOUR), 0, 12 * HOUR, ["tls 4 × slower", "over"]),
    "a spike of five minutes": (step(2 * HOUR, 20, 2 * HOUR + 5 * MINUTE), 0, 6 * HOUR, []),
    "faster": (step(2 * HOUR, 0.25), 0, 6 * HOUR, []),
    "slow every night": (nightly, 0, DAY, []),
    "a wave every day": (waves, 0, DAY, []),
    "slow on one day of the week": (sundays, 14 * DAY, 15 * DAY, []),
    "half a per cent a day": (lambda t: 1.005 ** (t / DAY), 0, 3 * DAY, []),
    "slower for weeks": (step(2 * HOUR, 4), 0, 9 * DAY, ["tls 4 × slower", "over"]),
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_only_a_lasting_shift_is_marked(name: str):
    curve, since, until, words = SCENARIOS[name]
    assert told(followed(Past(curve), since, until)) == words


def test_a_slow_hour_beside_the_nightly_one_is_marked():
    def later(t: float) -> float:
        return 4.0 if 12 * HOUR <= t < 14 * HOUR else nightly(t)

    assert told(followed(Past(later), 0, DAY)) == ["tls 4 × slower", "over"]


@pytest.mark.parametrize("shift", [2 * HOUR + 7 * MINUTE, 9 * HOUR])
def test_the_mark_has_the_start_of_the_shift(shift: float):
    marks = [one for one in followed(Past(step(shift, 3)), shift - HOUR, shift + 2 * HOUR) if one]
    assert marks[0].since == pytest.approx(T0 + shift, abs=2 * MINUTE)
    assert {one.since for one in marks} == {marks[0].since}
    assert (marks[0].ms, marks[0].usual_ms) == pytest.approx((51.0, 17.0), rel=0.15)


def test_it_takes_at_most_half_an_hour():
    marks = followed(Past(step(2 * HOUR, 4)), 0, 3 * HOUR)
    first = next(number for number, one in enumerate(marks) if one)
    assert 2 * HOUR + HALF <= first * EVERY <= 2.5 * HOUR


def test_a_shift_that_grows_is_shown_with_its_new_size():
    curve = step(2 * HOUR, 2)
    marks = followed(Past(lambda t: curve(t) * (3 if t > 4 * HOUR else 1)), 0, 6 * HOUR)
    assert str(marks[-1]) == "tls 6 × slower"
    assert len(told(marks)) == 1


@pytest.mark.parametrize(("history", "marked"), [(2 * DAY, False), (2.9 * DAY, False), (3.1 * DAY, True)])
def test_a_young_endpoint_is_not_judged(history: float, marked: bool):
    marks = followed(Past(step(2 * HOUR, 4)), 2.5 * HOUR, 3 * HOUR, history=history)
    assert any(marks) is marked


@pytest.mark.parametrize(("gap", "marked"), [(6 * DAY, True), (13 * DAY, False)])
def test_gaps_are_left_out(gap: float, marked: bool):
    marks = followed(Past(step(2 * HOUR, 4)), 2.5 * HOUR, 3 * HOUR, gaps=[(-gap - HOUR, -HOUR)])
    assert any(marks) is marked


def test_a_phase_that_always_varies_much_is_not_marked_for_that():
    """Names come from a cache in 55 of 100 checks, so that the median of a few is either."""
    chance = random.Random(3)
    spread = Spread(0.5, 20.0)
    hours = [Hour(T0 + number * HOUR, {"dns": spread}) for number in range(-14 * 24, 0)]
    made = baseline(hours, T0)
    assert made is not None
    for _ in range(500):
        older, newer = ({"dns": chance.choice([0.5, 20.0])} for _ in range(2))
        assert judged(None, made, older, newer, T0) is None


def test_a_phase_that_is_gone_is_no_longer_slower_and_one_that_is_new_is_not_yet():
    past = Past(lambda _: 1.0)
    made = baseline(past.hours(T0 - 14 * DAY, T0), T0)
    assert made is not None
    mark = Slowdown(phase="tls", since=T0, ms=68.0, usual_ms=17.0)
    assert judged(mark, made, {"connect": 8.0}, {"connect": 8.0}, T0) is None
    assert judged(None, made, {"login": 900.0}, {"login": 900.0}, T0) is None
    unknown = Slowdown(phase="login", since=T0, ms=68.0, usual_ms=17.0)
    assert judged(unknown, made, {}, {}, T0) is unknown


@given(noise=st.floats(0.02, 1.0), seed=st.integers(0, 1 << 32), checks=st.sampled_from([12, 20, 60]))
@settings(max_examples=25, deadline=None)
def test_noise_alone_is_never_marked(noise: float, seed: int, checks: int):
    assert told(followed(Past(lambda _: 1.0, noise, seed, checks), 0, 8 * HOUR)) == []


@given(noise=st.floats(0.02, 0.4), seed=st.integers(0, 1 << 32), factor=st.floats(2.5, 50))
@settings(max_examples=25, deadline=None)
def test_a_clear_step_is_always_marked_once(noise: float, seed: int, factor: float):
    marks = followed(Past(step(HOUR, factor), noise, seed), 0, 4 * HOUR)
    assert len(told(marks)) == 1
    assert marks[-1] is not None
    assert marks[-1].factor == pytest.approx(factor, rel=0.6)
    assert abs(marks[-1].since - T0 - HOUR) <= 3 * MINUTE


@pytest.mark.parametrize(
    ("ms", "words"),
    [
        (68.0, "tls 4 × slower"),
        (30.6, "tls 1.8 × slower"),
        (34.0, "tls 2 × slower"),
        (1700.0, "tls 100 × slower"),
    ],
)
def test_the_size_in_words(ms: float, words: str):
    assert str(Slowdown(phase="tls", since=0.0, ms=ms, usual_ms=17.0)) == words
