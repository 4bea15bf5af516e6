"""Whether the clock can be trusted."""

from __future__ import annotations

from monitor.store.steady_clock import SteadyClock, since_boot

YEAR = 365 * 86400.0


class Times:
    """A clock that can be set, and a timer."""

    def __init__(self) -> None:
        self.clock = 1_800_000_000.0
        self.timer = 5.0
        self.steady = SteadyClock(lambda: self.clock, lambda: self.timer)

    def passes(self, seconds: float, *, jump: float = 0.0) -> bool:
        self.timer += seconds
        self.clock += seconds + jump
        return self.steady.is_steady()


def test_a_clock_that_runs_with_the_timer_is_steady():
    times = Times()
    assert all(times.passes(seconds) for seconds in (0.0, 1.0, 86400.0, 30 * 86400.0))


def test_a_clock_that_is_slewed_stays_steady():
    times = Times()
    assert all(times.passes(60.0, jump=0.03) for _ in range(10_000))


def test_after_a_jump_it_is_trusted_again_in_an_hour():
    for jump in (3 * YEAR, -3 * YEAR, 61.0):
        times = Times()
        assert not times.passes(1.0, jump=jump)
        assert not times.passes(3599.0)
        assert times.passes(1.0)


def test_a_jump_there_and_back_begins_the_hour_again():
    times = Times()
    assert not times.passes(1.0, jump=3 * YEAR)
    assert not times.passes(3000.0, jump=-3 * YEAR)
    assert not times.passes(3599.0)
    assert times.passes(1.0)


def test_the_timer_runs():
    before = since_boot()
    assert since_boot() >= before > 0
