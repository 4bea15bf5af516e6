"""Work that goes on after every failure, until it is cancelled."""

from __future__ import annotations

import asyncio

import pytest

from monitor.cluster.retrying import until_cancelled


async def test_after_a_failure_the_work_is_done_again():
    outcomes = iter([None, ValueError("away"), None])
    failures: list[Exception] = []
    waiting = asyncio.Event()

    async def work() -> None:
        try:
            outcome = next(outcomes)
        except StopIteration:
            waiting.set()
            await asyncio.Event().wait()
        if outcome:
            raise outcome

    task = asyncio.create_task(until_cancelled(work, failures.append, 0))
    await waiting.wait()
    assert list(map(str, failures)) == ["away"]
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("instead", [None, ConnectionError("closed")])
async def test_a_library_that_drops_the_cancellation_does_not_keep_it_going(instead: Exception | None):
    begun, failures = asyncio.Event(), []

    async def work() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            if instead:
                raise instead from None

    task = asyncio.create_task(until_cancelled(work, failures.append, 0))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert failures == []
