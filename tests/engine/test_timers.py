"""Who is due when."""

import pytest
from virtual import BEGINNING, loop, until, virtual

from monitor.engine.timers import TimerQueue


class Watching:
    """A timer queue, and what it handed out: (moment, item), in seconds after the beginning."""

    def __init__(self, again: float = 0.0) -> None:
        self.started: list[tuple[float, str]] = []
        self.overslept: list[tuple[str, float]] = []
        self.again = again
        self.timers: TimerQueue[str] = TimerQueue(self._start, self._oversleep)

    def put(self, item: str, after: float) -> None:
        self.timers.put(item, BEGINNING + after)

    def _start(self, item: str, due: float) -> None:
        self.started.append((round(loop().time() - BEGINNING, 6), item))
        if self.again:
            self.timers.put(item, due + self.again)

    def _oversleep(self, item: str, due: float) -> None:
        self.overslept.append((item, due - BEGINNING))


@virtual
async def test_each_is_handed_out_when_it_is_due():
    seen = Watching()
    for item, after in (("late", 30.0), ("early", 10.0), ("middle", 20.0)):
        seen.put(item, after)
    assert seen.timers.due("late") == BEGINNING + 30.0
    await until(60)
    assert seen.started == [(10.0, "early"), (20.0, "middle"), (30.0, "late")]
    assert seen.timers.due("late") is None


@virtual
async def test_what_is_due_at_once_keeps_its_order():
    seen = Watching()
    for item in "abc":
        seen.put(item, 5.0)
    await until(10)
    assert [item for _, item in seen.started] == ["a", "b", "c"]


@pytest.mark.parametrize(("first", "then"), [(10.0, 20.0), (20.0, 10.0), (10.0, 10.0)])
@virtual
async def test_what_is_put_again_is_handed_out_once_at_the_new_time(first: float, then: float):
    seen = Watching()
    seen.put("a", first)
    seen.put("a", then)
    await until(60)
    assert seen.started == [(then, "a")]


@virtual
async def test_what_is_dropped_is_not_handed_out():
    seen = Watching()
    seen.put("a", 10.0)
    seen.put("b", 20.0)
    seen.timers.drop("a")
    seen.timers.drop("never there")
    await until(60)
    assert seen.started == [(20.0, "b")]


@virtual
async def test_what_was_dropped_can_come_back():
    seen = Watching()
    seen.put("a", 10.0)
    seen.timers.drop("a")
    seen.put("a", 10.0)
    await until(60)
    assert seen.started == [(10.0, "a")]


@virtual
async def test_what_is_overdue_when_it_is_put_is_handed_out_at_once():
    seen = Watching()
    seen.put("a", -1.0)
    await until(1)
    assert seen.started == [(0.0, "a")]


@virtual
async def test_what_is_put_again_whenever_it_is_handed_out_does_not_drift():
    seen = Watching(again=10.0)
    seen.put("a", 0.5)
    await until(36_000)
    assert [moment for moment, _ in seen.started] == [0.5 + 10 * step for step in range(3600)]


@virtual
async def test_a_closed_agenda_hands_out_nothing():
    seen = Watching()
    seen.put("a", 10.0)
    seen.timers.close()
    await until(60)
    assert seen.started == []
    Watching().timers.close()


@virtual
async def test_after_a_standstill_nothing_starts_but_all_is_told_as_overslept():
    seen = Watching()
    for number in range(100):
        seen.put(str(number), 10.0 + number / 8)
    seen.put("later", 100.0)
    await until(1)
    loop().jump(60.0)
    await until(90)
    assert seen.started == []
    assert seen.overslept == [(str(number), 10.0 + number / 8) for number in range(100)]
    await until(110)
    assert seen.started == [(100.0, "later")]


@virtual
async def test_a_little_late_is_no_standstill():
    seen = Watching()
    seen.put("a", 10.0)
    await until(9)
    loop().jump(2.5)
    await until(12)
    assert seen.started == [(11.5, "a")]
    assert seen.overslept == []


@virtual
async def test_our_own_slowness_is_lateness_and_no_standstill():
    seen = Watching()
    for number in range(1000):
        seen.put(str(number), 10.0)
    slow = seen.timers._start

    def slowly(item: str, due: float) -> None:
        slow(item, due)
        loop().jump(0.01)

    seen.timers._start = slowly
    await until(30)
    assert seen.overslept == []
    assert [item for _, item in seen.started] == [str(number) for number in range(1000)]
    assert seen.started[-1][0] == pytest.approx(19.99, abs=0.01)


@virtual
async def test_what_was_put_off_and_dropped_does_not_pile_up():
    seen = Watching()
    for number in range(10_000):
        seen.put(str(number), 1e6)
        seen.timers.drop(str(number))
    assert len(seen.timers._heap) < 200


@virtual
async def test_what_is_put_off_again_and_again_does_not_pile_up():
    seen = Watching()
    for number in range(10_000):
        seen.put("a", 1e6 + number)
    assert len(seen.timers._heap) < 200
