"""Work that goes on after every failure, until it is cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable


async def until_cancelled(
    work: Callable[[], Awaitable[object]], failed: Callable[[Exception], object], pause: float
) -> None:
    """Do ``work`` again and again; after a failure, call ``failed`` and wait ``pause`` seconds."""
    while not is_cancelled():
        try:
            await work()
        except Exception as error:  # noqa: BLE001 -- nats-py has many, and NATS may be away for hours
            if not is_cancelled():
                failed(error)
                await asyncio.sleep(pause)
    raise asyncio.CancelledError


def is_cancelled() -> bool:
    """Whether the current task is to end.

    A library can drop the cancellation: ``asyncio.wait_for`` of Python 3.11 does if its future is done by
    then, and nats-py raises an error of its own if it cannot say goodbye.
    """
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
