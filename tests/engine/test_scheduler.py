"""When endpoints are checked. test_engine.py has the schedule of whole engines."""

from __future__ import annotations

from itertools import pairwise

import pytest
from virtual import BEGINNING, Script, clock, config, endpoint, loop, until, virtual

from monitor.engine.runner import Check, Runner
from monitor.engine.scheduler import Scheduler
from monitor.engine.stats import Meter
from monitor.engine.tracked import Tracked
from monitor.model import Result


class Bench:
    """A scheduler with a runner, and no tracker behind them."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.expected: list[int] = []
        runner = Runner(script, Meter(loop().time()), clock, self._ended, lambda _online: None)
        runner.use(config())
        self.scheduler = Scheduler(runner, self.expected.append)

    def _ended(self, check: Check, result: Result | None) -> None:
        check.job.check = None
        check.job.checked = check.started
        self.scheduler.plan(check, result.good_for if result else None)


def tracked(name: str, handle: int = 0, **keys: object) -> Tracked:
    return Tracked(handle, endpoint(name, **keys), 60, clock())


@virtual
async def test_an_endpoint_is_checked_on_its_grid_once_it_is_followed():
    bench = Bench(Script())
    bench.scheduler.follow([tracked("a")])
    assert bench.scheduler.next_due(0) == pytest.approx(loop().time(), abs=0.01)
    await until(65)
    first, *slots = bench.script.started["a"]
    assert first < 0.01
    assert {round(after - before, 3) for before, after in pairwise(slots)} == {10.0}
    assert bench.expected == [0] * (len(slots) + 1)


@virtual
async def test_a_dropped_endpoint_is_not_checked_until_it_is_followed_again():
    bench = Bench(Script())
    one = tracked("a")
    bench.scheduler.follow([one])
    await until(15)
    bench.scheduler.drop(0)
    assert bench.scheduler.next_due(0) is None
    checked = len(bench.script.started["a"])
    await until(60)
    assert len(bench.script.started["a"]) == checked
    bench.scheduler.follow([one])
    await until(65)
    assert len(bench.script.started["a"]) > checked


@virtual
async def test_dropping_an_endpoint_cancels_its_check():
    bench = Bench(Script(a="h"))
    bench.scheduler.follow([tracked("a")])
    await until(1)
    bench.scheduler.forget(0)
    await until(2)
    assert bench.script.cancelled == ["a"]
    assert bench.scheduler.jobs == {}


@virtual
async def test_a_paused_endpoint_is_not_scheduled():
    bench = Bench(Script())
    bench.scheduler.start([tracked("a", enabled=False)])
    await until(60)
    assert bench.script.started == {}


@virtual
async def test_a_check_soon_comes_within_the_retry_interval():
    bench = Bench(Script())
    bench.scheduler.follow([tracked("a", interval=600.0, retry_interval=2.0)])
    await until(1)
    bench.scheduler.check_soon(0)
    due = bench.scheduler.next_due(0)
    assert due is not None
    assert due - BEGINNING <= 3.0


@virtual
async def test_unsuspected_dependencies_of_a_failure_are_checked_at_once():
    bench = Bench(Script(takes=0.5))
    gateway, shop = tracked("gateway", 0, interval=600.0), tracked("shop", 1, interval=600.0)
    shop.dependencies = (gateway,)
    bench.scheduler.follow([gateway, shop])
    await until(30)
    check = Check(bench.scheduler.jobs[1], None, loop().time())
    bench.scheduler.doubt_dependencies(check)
    bench.scheduler.doubt_dependencies(check)
    await until(31)
    assert len(bench.script.started["gateway"]) == 2
    assert len(bench.script.started["shop"]) == 1
