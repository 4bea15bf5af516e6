"""The engine over virtual hours: when it checks, and what it makes of the results."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from virtual import (
    BEGINNING,
    MIDNIGHT,
    Script,
    Scripted,
    clock,
    config,
    endpoint,
    loop,
    until,
    virtual,
    watching,
)

from monitor.checks import run_probe as observing
from monitor.checks.run_probe import Progress, run_probe
from monitor.engine import Engine, scheduler
from monitor.engine.schedule import share
from monitor.model import Endpoint, Maintenance, Observation, Probe, State


def off_grid(moment: float, name: str) -> float:
    """Seconds from ``moment`` to the nearest slot of an endpoint checked every 10 s."""
    return abs((moment - share(name) * 10 + 5) % 10 - 5)


# ── when ────────────────────────────────────────────────────────────────────────────────────────


@virtual
async def test_checks_keep_their_grid_for_hours():
    async with watching(Script(takes=0.7), endpoint("a", interval=30.0)) as running:
        await until(24 * 3600)
        first, *slots = running.starts("a")
        assert first < 10.0
        phase = share("a") * 30.0
        assert slots == [pytest.approx(phase + 30 * step, abs=1e-3) for step in range(2880)]
        assert running.engine.stats().skipped == 0


@virtual
async def test_endpoints_are_spread_over_the_first_seconds_and_over_the_interval():
    names = [f"endpoint {number}" for number in range(500)]
    async with watching(Script(), *(endpoint(name, interval=60.0) for name in names)) as running:
        await until(119)
        first = sorted(running.script.started[name][0] for name in names)
        assert first[0] < 0.2
        assert 9.5 < first[-1] <= 10.0
        later = sorted(running.script.started[name][-1] for name in names)
        assert max(after - before for before, after in pairwise(later)) < 1.5
        assert running.engine.stats().lateness_p99_ms == 0.0
        assert running.engine.stats().checks_per_second == pytest.approx(500 / 60, rel=0.15)


@virtual
async def test_a_failure_is_confirmed_at_the_retry_interval_and_then_it_is_back_on_the_grid():
    async with watching(Script(a="uuddduuu"), endpoint("a")) as running:
        await until(100)
        starts = running.starts("a")
        slot = starts[1]
        failing = starts[2]
        assert failing == pytest.approx(slot + 10)
        assert starts[3:5] == [pytest.approx(failing + 2), pytest.approx(failing + 4)]  # 2/3, down
        assert starts[5] == pytest.approx(slot + 20)  # down: on the grid, the first success
        assert starts[6] == pytest.approx(slot + 22)  # up again
        assert starts[7:9] == [pytest.approx(slot + 30), pytest.approx(slot + 40)]


@virtual
async def test_slots_that_pass_while_a_check_runs_are_skipped_and_counted():
    script = Script()
    script.takes["a"] = 25.0
    async with watching(script, endpoint("a", timeout=60.0)) as running:
        await until(301)
        slots = running.starts("a")
        assert {round(after - before, 3) for before, after in pairwise(slots[1:])} == {30.0}
        assert running.engine.stats().skipped == pytest.approx(2 * (len(slots) - 1), abs=2)
        assert script.most == 1


@virtual
async def test_what_hangs_as_long_as_its_interval_is_still_checked_at_every_slot():
    async with watching(Script(a="uh"), endpoint("a", timeout=10.0, down_after=1)) as running:
        await until(301)
        _, *slots = running.starts("a")
        assert {round(after - before, 3) for before, after in pairwise(slots)} == {10.0}
        assert running.engine.stats().skipped == 0
        assert running.engine.stats().lateness_p99_ms == 0.0
        assert running.script.most == 1


@virtual
async def test_more_endpoints_than_ten_seconds_hold_take_longer_to_begin(monkeypatch):
    monkeypatch.setattr(scheduler, "PER_FIRST_CHECK", 0.08)
    names = [f"endpoint {number}" for number in range(500)]
    async with watching(Script(), *(endpoint(name, interval=60.0) for name in names)) as running:
        await until(45)
        first = sorted(running.script.started[name][0] for name in names)
        assert 38 < first[-1] <= 40


@virtual
async def test_endpoints_that_hang_do_not_delay_the_others():
    hanging = {f"h{number}": "h" for number in range(1000)}
    async with watching(
        Script(takes=0.1, **hanging),
        *(endpoint(name, interval=5.0, timeout=50.0) for name in hanging),
        *(endpoint(f"fine {number}") for number in range(20)),
    ) as running:
        await until(60)
        for number in range(20):
            assert running.state(f"fine {number}") is State.UP
            _, *slots = running.starts(f"fine {number}")
            assert {round(after - before, 2) for before, after in pairwise(slots)} == {10.0}
        assert running.engine.stats().lateness_p99_ms == 0.0
        assert running.engine.stats().in_flight > 900


@virtual
async def test_more_than_may_be_in_flight_wait_and_are_counted():
    names = [f"endpoint {number}" for number in range(100)]
    async with watching(
        Script(takes=1.0), *(endpoint(name, interval=1.0) for name in names), max_concurrency=10
    ) as running:
        await until(5)
        assert running.engine.stats().in_flight == 10
        assert running.engine.stats().queued == 90
        await until(60)
        assert running.script.most == 10
        assert running.engine.stats().lateness_p99_ms > 5000


@virtual
async def test_after_the_process_stood_still_there_is_no_burst_and_no_failure():
    names = [f"endpoint {number}" for number in range(200)]
    async with watching(Script(), *map(endpoint, names)) as running:
        await until(30)
        before = sum(map(len, running.script.started.values()))
        skipped = running.engine.stats().skipped
        loop().jump(60.0)
        await until(90.01)
        burst = sum(map(len, running.script.started.values())) - before
        assert burst < 10
        assert running.engine.stats().skipped - skipped >= 5 * 199
        await until(130)
        assert {running.state(name) for name in names} == {State.UP}
        assert running.events == []
        for name in names:
            _, *slots = running.starts(name)
            on_grid = [moment for moment in slots if moment > 101]
            assert len(on_grid) in (2, 3)
            assert all(off_grid(moment, name) < 0.01 for moment in on_grid)


@virtual
async def test_a_check_in_flight_while_the_process_stood_still_says_nothing():
    async def hang() -> str:
        await asyncio.sleep(3600)
        return "never"

    hanging = Endpoint(id="a", name="a", probe=Scripted("a", answers=hang), interval=10.0, timeout=5.0)
    engine = Engine(config(hanging), clock=clock, run_probe=_observed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(observing, "_clock", loop().time)
        engine.start()
        await until(10 * share("a") + 1)
        loop().jump(60.0)
        await until(10 * share("a") + 61.5)
        assert engine.feed(9).snapshot().statuses[0].state is State.INCONCLUSIVE
        await engine.stop()


async def _observed(probe: Probe, timeout: float, assertions: Sequence[Any], begun: Progress) -> Observation:
    return await run_probe(probe, timeout, assertions, begun)


# ── states ──────────────────────────────────────────────────────────────────────────────────────


@virtual
async def test_an_outage_from_its_first_failure_to_its_end():
    async with watching(Script(a="udddduu"), endpoint("a")) as running:
        seen: list[tuple[State, int, int]] = []
        while len(running.script.started["a"]) < 8:
            await asyncio.sleep(0.5)
            row = running.row("a")
            if not seen or seen[-1] != (row.state, row.streak, row.needed):
                seen.append((row.state, row.streak, row.needed))
        assert [one for one in seen if one[0] is not State.PENDING] == [
            (State.UP, 0, 0),
            (State.FAILING, 1, 3),
            (State.FAILING, 2, 3),
            (State.DOWN, 0, 0),
            (State.DOWN, 1, 2),
            (State.UP, 0, 0),
        ]
        down, up = running.events
        assert down == "a: down: connection refused"
        assert up.startswith("a: up again after ")


@virtual
async def test_a_single_failure_is_enough_when_the_config_says_so():
    async with watching(Script(a="ud"), endpoint("a", down_after=1)) as running:
        await until(20)
        assert running.state("a") is State.DOWN
        assert running.script.started["a"][1] < 20


@virtual
async def test_what_happened_on_the_way_is_remembered():
    async with watching(Script(a="ugid"), endpoint("a")) as running:
        await until(60)
        row = running.row("a")
        assert row.outcomes.startswith("ugiddd")
        assert row.total == len(row.outcomes)
        assert row.uptime is not None
        assert 0 < row.uptime < 1
        assert row.next_due is not None
        assert clock() < row.next_due <= clock() + 10
        detail = running.engine.detail(0, 0.0)
        assert detail is not None
        assert len(detail.points) == row.total
        assert running.engine.detail(99, 0.0) is None


@virtual
async def test_while_offline_nothing_goes_down():
    async def dead() -> str:
        raise ConnectionRefusedError

    canary = Scripted("canary", answers=dead)
    async with watching(Script(a="ud"), endpoint("a"), connectivity=[canary]) as running:
        await until(120)
        assert running.state("a") is State.INCONCLUSIVE
        assert running.engine.stats().offline
        assert len(running.events) == 1
        assert "offline" in running.events[0]


# ── dependencies ────────────────────────────────────────────────────────────────────────────────


def dependent(**keys: Any) -> Endpoint:
    return endpoint("shop", depends_on=("gateway",), **keys)


@pytest.mark.parametrize("down_after", [1, 3])
@virtual
async def test_what_depends_on_something_down_is_unreachable_and_never_down(down_after: int):
    """However their checks fall: the gateway is asked for as soon as the shop fails."""
    script = Script(gateway="u", shop="u")
    async with watching(
        script, endpoint("gateway", interval=60.0), dependent(down_after=down_after)
    ) as running:
        await until(130)
        script.letters.update(gateway="d", shop="d")
        seen = set()
        for _ in range(400):
            await asyncio.sleep(0.1)
            seen.add(running.state("shop"))
        assert running.state("gateway") is State.DOWN
        assert running.state("shop") is State.UNREACHABLE
        assert seen == {State.UP, State.FAILING, State.UNREACHABLE}
        assert "shop: unreachable: gateway is down" in running.events
        script.letters.update(gateway="u", shop="u")
        seen.clear()
        for _ in range(1500):
            await asyncio.sleep(0.1)
            seen.add(running.state("shop"))
        assert State.DOWN not in seen
        assert running.state("shop") is State.UP
        assert not any("shop: down" in event for event in running.events)


@virtual
async def test_the_dependency_is_asked_for_at_once_when_a_dependent_fails():
    script = Script(shop="u")
    async with watching(script, endpoint("gateway", interval=600.0), dependent()) as running:
        await until(100)
        asked = len(script.started["gateway"])
        script.letters["shop"] = "d"
        await until(111)
        assert len(script.started["gateway"]) > asked
        assert running.state("gateway") is State.UP
        await until(130)
        assert running.state("shop") is State.DOWN


@virtual
async def test_failures_are_held_while_the_dependency_is_undecided():
    script = Script(gateway="u", shop="u")
    script.takes["gateway"] = 4.0
    async with watching(script, endpoint("gateway", interval=600.0), dependent(down_after=1)) as running:
        await until(100)
        script.letters["shop"] = "d"
        while running.state("shop") is State.UP:
            await asyncio.sleep(0.05)
        assert running.state("shop") is State.FAILING
        failed = loop().time()
        while running.state("shop") is State.FAILING:
            await asyncio.sleep(0.05)
        assert running.state("shop") is State.DOWN
        assert loop().time() - failed == pytest.approx(4.0, abs=0.2)


@virtual
async def test_what_passes_behind_a_dead_dependency_is_up():
    async with watching(Script(gateway="d"), endpoint("gateway"), dependent()) as running:
        await until(60)
        assert running.state("gateway") is State.DOWN
        assert running.state("shop") is State.UP


@pytest.mark.parametrize("down_after", [1, 3])
@virtual
async def test_a_dependent_that_stays_broken_is_down_only_after_checks_of_its_own(down_after: int):
    script = Script(gateway="d", shop="d")
    async with watching(script, endpoint("gateway"), dependent(down_after=down_after)) as running:
        await until(100)
        assert running.state("shop") is State.UNREACHABLE
        script.letters["gateway"] = "u"
        while running.state("gateway") is State.DOWN:
            await asyncio.sleep(0.01)
        assert running.state("shop") is State.FAILING
        begun = len(script.started["shop"])
        while running.state("shop") is State.FAILING:
            await asyncio.sleep(0.01)
        assert running.state("shop") is State.DOWN
        assert len(script.started["shop"]) - begun == down_after


@virtual
async def test_a_check_that_began_behind_a_dead_dependency_does_not_count_when_it_is_back():
    script = Script(gateway="d", shop="h")
    async with watching(
        script, endpoint("gateway", interval=1.0, up_after=1), dependent(down_after=1)
    ) as running:
        await until(60)
        while not running.engine.endpoints[1].being_checked:
            await asyncio.sleep(0.01)
        script.letters.update(gateway="u", shop="u")
        await asyncio.sleep(1.5)
        assert running.state("gateway") is State.UP
        assert running.state("shop") is State.FAILING
        assert running.row("shop").outcomes[-1] == "d"
        await asyncio.sleep(10)
        assert running.state("shop") is State.UP
        assert not any("shop: down" in event for event in running.events)


@virtual
async def test_a_hiccup_of_the_dependency_explains_failures_beside_it():
    script = Script()
    async with watching(
        script, endpoint("gateway", interval=60.0), dependent(interval=60.0, down_after=2)
    ) as running:
        await until(130)
        script.letters.update(gateway="du", shop="ddu")
        await until(200)
        assert running.events == []
        assert "dd" in running.row("shop").outcomes
        assert "d" in running.row("gateway").outcomes


@virtual
async def test_failures_that_a_failing_dependency_explains_are_not_shown_as_counted():
    async with watching(
        Script(gateway="d", shop="d"), endpoint("gateway", down_after=99), dependent()
    ) as running:
        await until(30)
        assert running.row("gateway").streak > 0
        row = running.row("shop")
        assert (row.state, row.streak, row.needed) == (State.FAILING, 0, 0)


@virtual
async def test_a_gap_in_the_outage_of_the_dependency_does_not_let_the_dependent_go_down():
    script = Script(gateway="d", shop="d")
    async with watching(script, endpoint("gateway"), dependent()) as running:
        await until(60)
        script.letters["gateway"] = "i"
        await until(200)
        assert running.state("gateway") is State.INCONCLUSIVE
        assert running.state("shop") is State.UNREACHABLE
        assert not any("shop: down" in event for event in running.events)


@virtual
async def test_unreachable_goes_on_along_a_chain():
    script = Script(gateway="d", router="d", shop="d")
    async with watching(
        script,
        endpoint("shop", depends_on=("router",)),
        endpoint("router", depends_on=("gateway",)),
        endpoint("gateway"),
    ) as running:
        await until(100)
        states = [running.state(name) for name in ("gateway", "router", "shop")]
        assert states == [State.DOWN, State.UNREACHABLE, State.UNREACHABLE]


@virtual
async def test_a_paused_dependency_explains_nothing():
    async with watching(Script(gateway="d", shop="d"), endpoint("gateway"), dependent()) as running:
        await until(60)
        running.engine.pause([running.handle("gateway")])
        await until(90)
        assert running.state("shop") is State.DOWN


@pytest.mark.parametrize("letters", ["d", "u", "ddduud", "udi"])
@pytest.mark.parametrize(("layers", "width"), [(12, 3), (600, 1)])
@virtual
async def test_layers_of_dependencies_take_no_longer_than_so_many_endpoints(
    layers: int, width: int, letters: str
):
    """Through some there are 3¹² ways, and others are deeper than Python would go."""

    def named(layer: int) -> tuple[str, ...]:
        return tuple(f"{layer} {number}" for number in range(width) if layer >= 0)

    every = [endpoint(name, depends_on=named(layer - 1)) for layer in range(layers) for name in named(layer)]
    async with watching(Script(**{one.name: letters for one in every}), *every) as running:
        await until(30)
        assert all(running.starts(one.name) for one in every)


@virtual
async def test_maintenance_begins_and_ends_by_the_config() -> None:
    window = Maintenance(name="patches", start=MIDNIGHT + BEGINNING + 60, duration=120.0)
    async with watching(Script(), endpoint("a"), maintenance=(window,)) as running:
        seen = []
        for moment in (50, 62, 170, 182):
            await until(moment)
            seen.append(running.row("a").maintenance)
        assert seen == [False, True, True, False]
