"""Messages about network paths."""

from __future__ import annotations

import msgspec


class TracePath(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Trace the network paths to these endpoints now. Answer: :class:`~monitor.link.messages.Done`.

    The findings so far are in :class:`~monitor.link.messages.Detail`.
    """

    handles: tuple[int, ...]
