"""Limits of one conversation: total bytes, and messages per turn."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from monitor.errors import ProbeError
from monitor.model import Reason

LONGEST = 1 << 24
"""Limit of bytes read in one conversation, and so of one message."""
_YIELD_AFTER = 1000
"""Messages after which the conversation yields to other checks."""


@dataclass
class ReadBudget:
    """Counts bytes and messages of a conversation with a peer that may never stop."""

    heard: int = 0
    messages: int = 0

    async def take(self, size: int) -> None:
        """Count a message of ``size`` bytes. Raises ProbeError beyond the limit."""
        self.heard += size
        self.messages += 1
        if self.heard > LONGEST:
            raise ProbeError(
                Reason.PROTOCOL_ERROR, f"the server sent more than {LONGEST >> 20} MiB; ask for less"
            )
        if not self.messages % _YIELD_AFTER:
            await asyncio.sleep(0)
