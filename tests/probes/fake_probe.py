"""A probe whose check is a function of the test."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import ClassVar

from monitor.trace import Trace


@dataclass(frozen=True)
class Fake:
    """Runs ``script`` as its check."""

    script: Callable[[Trace], Awaitable[str]]
    kind: ClassVar[str] = "fake"
    target: str = "fake://"

    async def check(self, trace: Trace) -> str:
        return await self.script(trace)
