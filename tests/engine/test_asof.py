"""How everything was at a moment."""

import math

import pytest
from virtual import BEGINNING, MIDNIGHT, Script, endpoint, until, virtual, watching

from monitor.engine.asof import NOT_KNOWN
from monitor.engine.paging import AT_ONCE
from monitor.model import Reason, State

START = MIDNIGHT + BEGINNING
"""The beginning, in seconds since the epoch."""


def told(running, second, samples=5):
    return {row.handle: row for row in running.engine.as_of(START + second, samples, -1).rows}


@virtual
async def test_an_outage_is_told_as_it_was_seen_then():
    async with watching(Script(a="uuu" + "d" * 20 + "u"), endpoint("a"), endpoint("b")) as running:
        seen = []
        for second in range(5, 120, 5):
            await until(second)
            row = running.row("a")
            seen.append((second, row.state, row.since, row.latency_ms, row.checked_at))
        assert {state for _, state, *_ in seen} >= {State.UP, State.FAILING, State.DOWN}
        for second, *was in seen:
            row = told(running, second)[0]
            assert [row.state, row.since, row.latency_ms, row.checked_at] == was
        outage = next(second for second, state, *_ in seen if state is State.DOWN)
        row = told(running, outage)[0]
        assert (row.reason, row.message) == (Reason.CONNECTION_REFUSED, "connection refused")
        assert row.outcomes.endswith("ddd")
        assert len(told(running, outage, samples=2)[0].outcomes) == 2


@pytest.mark.parametrize("moment", [-1e9, -1.0, -math.inf])
@virtual
async def test_of_before_it_was_watched_nothing_is_known(moment):
    async with watching(Script(), endpoint("a")) as running:
        await until(30)
        row = told(running, moment)[0]
        assert (row.state, row.message, row.outcomes) == (State.PENDING, NOT_KNOWN, "")


@virtual
async def test_what_is_still_to_come_is_the_present():
    async with watching(Script(a="d"), endpoint("a")) as running:
        await until(60)
        assert told(running, math.inf)[0].state is State.DOWN


@virtual
async def test_a_pause_was_a_pause():
    async with watching(Script(), endpoint("a")) as running:
        await until(30)
        running.engine.pause([0])
        await until(60)
        running.engine.resume([0])
        await until(90)
        assert [told(running, second)[0].state for second in (25, 45, 85)] == [
            State.UP,
            State.PAUSED,
            State.UP,
        ]


@virtual
async def test_many_are_told_in_parts():
    names = [f"ep {number}" for number in range(AT_ONCE + 3)]
    async with watching(Script(), *map(endpoint, names)) as running:
        await until(5)
        first = running.engine.as_of(START + 4, 1, -1)
        assert first.after == AT_ONCE - 1
        rest = running.engine.as_of(START + 4, 1, first.after)
        assert (len(rest.rows), rest.after) == (3, None)
