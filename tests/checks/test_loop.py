"""The loop that knows when it was too busy."""

import asyncio
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from monitor.checks import loop


class Time:
    """A clock to set, and a selector under it that takes as long as it is asked to, or longer."""

    def __init__(self) -> None:
        self.now = 100.0
        self.oversleeps = 0.0

    def perf_counter(self) -> float:
        return self.now

    def work(self, seconds: float) -> None:
        self.now += seconds

    def select(self, timeout: float | None) -> list[object]:
        self.now += max(timeout or 0.0, 0.0) + self.oversleeps
        return []


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Iterator[Time]:
    made = Time()
    monkeypatch.setattr(loop, "time", SimpleNamespace(perf_counter=made.perf_counter))
    monkeypatch.setattr(loop.DefaultSelector, "select", lambda _, timeout: made.select(timeout))
    return made


@pytest.fixture
def selector(time: Time) -> Iterator[loop._Selector]:
    made = loop._Selector()
    yield made
    made.close()


def test_a_quiet_loop_was_never_busy(time, selector):
    for _ in range(100):
        selector.select(0.01)
        time.work(loop.STALL * 0.9)
    assert selector.busy_since(100.0) == 0.0


def test_stalls_add_up_and_the_present_one_counts(time, selector):
    time.work(0.02)
    selector.select(1.0)
    time.work(0.03)
    selector.select(1.0)
    time.work(0.04)
    assert selector.busy_since(100.0) == pytest.approx(0.09)


def test_what_was_before_does_not_count(time, selector):
    time.work(0.02)
    selector.select(1.0)
    time.work(0.03)
    began = time.now
    time.work(0.04)
    selector.select(1.0)
    assert selector.busy_since(began) == pytest.approx(0.04)
    assert selector.busy_since(time.now) == 0.0


def test_a_selector_that_comes_back_late_was_not_let_run(time, selector):
    time.oversleeps = 0.03
    selector.select(1.0)
    assert selector.busy_since(100.0) == pytest.approx(0.03)


def test_few_stalls_are_remembered(time, selector):
    for _ in range(1000):
        time.work(0.01)
        selector.select(0.0)
    assert selector.busy_since(100.0) == pytest.approx(0.01 * loop._KEPT)


async def work() -> float:
    return loop.busy_since(loop.time.perf_counter() - 3600, asyncio.get_running_loop())


def test_callbacks_that_wait_do_not_make_it_look_again_at_once(time, selector):
    looks = []
    selector.select(1.0)
    for passed in (0.00005, 0.00002, 0.00005, 0.00005):
        time.work(passed)
        before = selector._woken
        selector.select(0)
        looks.append(selector._woken != before)
    assert looks == [False, False, True, False]
    selector.select(0.5)
    assert selector._woken == pytest.approx(time.now)


def test_a_program_runs_in_a_loop_that_watches_itself():
    assert loop.run(work()) >= 0.0
    assert asyncio.run(work()) == 0.0


async def test_what_it_runs_may_start_programs():
    async def echo() -> bytes:
        child = await asyncio.create_subprocess_exec("echo", "ok", stdout=asyncio.subprocess.PIPE)
        return (await child.communicate())[0]

    assert await asyncio.to_thread(lambda: loop.run(echo())) == b"ok\n"
