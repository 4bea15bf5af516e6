"""Deadlines in virtual time, held against what each of them alone would do."""

import asyncio
import gc
import weakref

import pytest
from hypothesis import given
from hypothesis import strategies as st
from virtual import BEGINNING, loop, until, virtual

from monitor.checks.deadline import Deadline

MOMENTS = st.integers(0, 8)
TIMEOUTS = st.sampled_from([0.5, 2.5, 6.5])  # never due when anything ends


async def work(begins: float, seconds: float, timeout: float) -> tuple[bool, float]:
    """Whether time was up, and when the work was over."""
    await until(begins)
    deadline = Deadline(timeout, asyncio.get_running_loop())
    try:
        await asyncio.sleep(seconds)
    except asyncio.CancelledError:
        assert deadline.passed
    finally:
        deadline.over()
    return deadline.passed, loop().time() - BEGINNING


@given(st.lists(st.tuples(MOMENTS, MOMENTS, TIMEOUTS), max_size=20))
def test_each_ends_in_its_own_time_however_many_there_are(every: list[tuple[float, float, float]]) -> None:
    @virtual
    async def run() -> None:
        told = await asyncio.gather(*(work(*one) for one in every))
        assert told == [
            (seconds > timeout, begins + min(seconds, timeout)) for begins, seconds, timeout in every
        ]
        assert asyncio.current_task().cancelling() == 0

    run()


@virtual
async def test_a_deadline_tells_how_late_it_came() -> None:
    deadline = Deadline(1.0, asyncio.get_running_loop())
    asyncio.get_running_loop().call_later(0.5, loop().jump, 2.0)
    with pytest.raises(asyncio.CancelledError):
        await asyncio.sleep(60)
    deadline.over()
    assert deadline.late == pytest.approx(1.5)


@virtual
async def test_a_caller_who_gives_up_is_not_taken_for_the_deadline() -> None:
    passed = []

    async def wait() -> None:
        deadline = Deadline(1.0, asyncio.get_running_loop())
        try:
            await asyncio.sleep(60)
        finally:
            deadline.over()
            passed.append(deadline.passed)

    task = asyncio.create_task(wait())
    await until(0.5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert passed == [False]


def test_a_loop_that_has_gone_is_not_kept() -> None:
    async def use() -> "weakref.ref[asyncio.AbstractEventLoop]":
        Deadline(1.0, asyncio.get_running_loop()).over()
        return weakref.ref(asyncio.get_running_loop())

    gone = asyncio.run(use())
    gc.collect()
    assert gone() is None
