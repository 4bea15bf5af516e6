"""Blocking calls in threads of their own, for libraries that have no other way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


async def in_thread(call: Callable[[], T], seconds: float) -> T:
    """The result of ``call``. Raises what it raises, or TimeoutError after ``seconds``.

    A call that hangs cannot be ended. In a pool, a few of these would keep every other delivery waiting, and
    the process from ending; a daemon thread for each call does neither.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Callable[[], T]] = loop.create_future()

    def run() -> None:
        outcome = _outcome(call)
        with suppress(RuntimeError):  # the loop was closed while the call hung
            loop.call_soon_threadsafe(_settle, answer, outcome)

    Thread(target=run, name="delivery", daemon=True).start()
    return (await asyncio.wait_for(answer, seconds))()


def _outcome(call: Callable[[], T]) -> Callable[[], T]:
    """Make the ``call`` now. The returned function returns its result or raises its error."""
    try:
        result = call()
    except Exception as caught:  # noqa: BLE001 -- it is raised again where it is awaited
        error = caught

        def fail() -> T:
            raise error

        return fail
    return lambda: result


def _settle(answer: asyncio.Future[Callable[[], T]], outcome: Callable[[], T]) -> None:
    if not answer.done():
        answer.set_result(outcome)
