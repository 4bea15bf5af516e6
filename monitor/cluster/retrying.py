"""Work that goes on after every failure, until it is cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from monitor.checks.loop import is_cancelled


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
