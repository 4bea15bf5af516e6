"""The engine under random circumstances: what must never happen, however things fall."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from virtual import BEGINNING, Script, VirtualLoop, endpoint, loop, watching

from monitor.model import Endpoint, State

LASTED = 600.0


class Outages(Script):
    """Fails while there is an outage at the end of a check; checks take ``takes`` seconds."""

    def __init__(self, takes: float, outages: list[tuple[float, float]]) -> None:
        super().__init__(takes)
        self.outages = outages

    async def __call__(self, probe: Any, timeout: float, assertions: Any, begun: Any) -> Any:
        observation = await super().__call__(probe, timeout, assertions, begun)
        now = loop().time() - BEGINNING
        failed = any(begin <= now < end for begin, end in self.outages)
        self.letters["failed"] = "d" if failed else "u"
        return await self._play("failed", 0.0, observation.started)


@st.composite
def outages(draw: st.DrawFn) -> list[tuple[float, float]]:
    """Long and short ones, far enough from each other to be told apart."""
    found, now = [], 0.0
    for quiet, lasting in draw(st.lists(st.tuples(st.floats(60, 200), st.floats(0.1, 100)), max_size=3)):
        found.append((now + quiet, now + quiet + lasting))
        now = found[-1][1]
    return found


@st.composite
def endpoints(draw: st.DrawFn, name: str, least: int = 1, **keys: Any) -> Endpoint:
    return endpoint(
        name,
        interval=draw(st.sampled_from([1.0, 5.0, 10.0, 60.0])),
        retry_interval=draw(st.sampled_from([1.0, 2.0, 5.0])),
        down_after=draw(st.integers(least, 4)),
        up_after=draw(st.integers(1, 3)),
        **keys,
    )


def within(steps: Any) -> None:
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(steps)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from([0.0, 0.1, 0.9]),
    outages(),
    endpoints("gateway"),
    endpoints("shop", least=2, depends_on=("gateway",)),
)
def test_what_fails_with_its_dependency_is_never_told_as_down(
    takes: float, broken: list[tuple[float, float]], gateway: Endpoint, shop: Endpoint
):
    async def live() -> None:
        async with watching(Outages(takes, broken), shop, gateway) as running:
            await asyncio.sleep(LASTED)
            told = running.events
            assert not [event for event in told if event.startswith("shop") and "down:" in event]

    within(live())


@settings(max_examples=40, deadline=None)
@given(
    st.text("udgih!", min_size=1, max_size=30),
    st.sampled_from([0.0, 0.3, 4.0, 15.0]),
    endpoints("a"),
    st.lists(st.tuples(st.sampled_from(["pause", "resume", "check", "jump", "reload"]), st.floats(0.1, 60))),
)
def test_an_endpoint_is_never_forgotten_nor_checked_twice_at_once(
    letters: str, takes: float, one: Endpoint, orders: list[tuple[str, float]]
):
    async def live() -> None:
        script = Script(takes, a=letters)
        async with watching(script, one) as running:
            for order, after in orders[:12]:
                await asyncio.sleep(after)
                match order:
                    case "pause":
                        running.engine.pause([0])
                    case "resume":
                        running.engine.resume([0])
                    case "check":
                        running.engine.check_now([0])
                    case "jump":
                        loop().jump(30.0)
                    case "reload":
                        running.reload(one, endpoint("b", enabled=False))
            running.engine.resume([0])
            checked = len(script.started["a"])
            await asyncio.sleep(one.interval * 2 + 40)
            assert len(script.started["a"]) > checked
            assert script.most == 1
            assert running.row("a").total <= len(script.started["a"])
            assert running.state("a") is not State.PENDING

    within(live())


@settings(max_examples=30, deadline=None)
@given(st.floats(0.0, 0.9), endpoints("a"), st.lists(st.floats(0.1, 50.0), max_size=20))
def test_no_order_moves_the_grid(takes: float, one: Endpoint, asked: list[float]):
    async def live() -> None:
        script = Script(takes)
        async with watching(script, one) as running:
            for after in asked:
                await asyncio.sleep(after)
                running.engine.check_now([0])
            await asyncio.sleep(one.interval * 3)
            begun = len(script.started["a"])
            await asyncio.sleep(one.interval * 20)
            slots = script.started["a"][begun:]
            assert len(slots) >= 19
            for before, after in pairwise(slots):
                assert abs(after - before - one.interval) < 1e-6
            phase = running.engine._scheduler.jobs[0].grid.phase - BEGINNING
            assert abs((slots[0] - phase + one.interval / 2) % one.interval - one.interval / 2) < 1e-6

    within(live())
