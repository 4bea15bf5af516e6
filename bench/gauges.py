"""What bench/drawn.py and bench/datatable.py measure of themselves."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

LAG_STEP = 0.005


class Lag:
    """How late the event loop is."""

    def __init__(self) -> None:
        self.milliseconds: list[float] = []

    def begin(self) -> None:
        self._task = asyncio.create_task(self._measure())

    async def _measure(self) -> None:
        while True:
            due = time.perf_counter() + LAG_STEP
            await asyncio.sleep(LAG_STEP)
            self.milliseconds.append((time.perf_counter() - due) * 1000)

    def figures(self) -> dict[str, float]:
        ordered = sorted(self.milliseconds[len(self.milliseconds) // 5 :]) or [0.0]
        return {
            "p50": ordered[len(ordered) // 2],
            "p99": ordered[int(len(ordered) * 0.99)],
            "max": ordered[-1],
        }


FILLING: list[float] = []
"""Milliseconds that each change of the filter took until the table knew its lines."""


def timed(fill: Callable[[Any], None]) -> Callable[[Any], None]:
    def measured(self: Any) -> None:
        began = time.perf_counter()
        fill(self)
        FILLING.append((time.perf_counter() - began) * 1000)

    return measured
