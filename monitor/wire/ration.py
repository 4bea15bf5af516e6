"""Limits of one conversation: total bytes, and messages per turn."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from monitor.errors import ProbeError
from monitor.model import Reason

LONGEST = 1 << 24
"""Bytes that are read in one conversation, and so the most of one message."""
_BREATH = 1000
"""Messages after which other checks get a turn."""


@dataclass
class Ration:
    """Counts the messages of a conversation, whose peer may have nothing better to do than to talk."""

    heard: int = 0
    messages: int = 0

    async def take(self, size: int) -> None:
        """One more message, of ``size`` bytes; ProbeError when that makes too much."""
        self.heard += size
        self.messages += 1
        if self.heard > LONGEST:
            raise ProbeError(
                Reason.PROTOCOL_ERROR, f"the server sent more than {LONGEST >> 20} MiB; ask for less"
            )
        if not self.messages % _BREATH:
            await asyncio.sleep(0)
