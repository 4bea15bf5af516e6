"""Uptimes as far as a running engine remembers them."""

from __future__ import annotations

from monitor.link.messages import Row
from monitor.link.state_json import WINDOWS, Uptimes


def since_start(row: Row, age: float) -> Uptimes:
    """The uptime since the engine began, ``age`` seconds ago, for every window that goes back further.

    Nothing is known from before, so that in such a window the known time is the engine's own.
    """
    share = row.uptime
    return {window: rounded_down(share) if seconds >= age else None for window, seconds in WINDOWS.items()}


def rounded_down(share: float | None) -> float | None:
    """To six digits, never up: 99.99999 % is not 100 %."""
    return None if share is None else int(share * 1_000_000) / 1_000_000
