"""Which channel sends to a URL. One line a channel; everything else is Apprise's."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Protocol, cast

from monitor.alerts.delivery import Delivery

CHANNELS: Mapping[str, str] = {
    "http": "monitor.alerts.webhook",
    "https": "monitor.alerts.webhook",
    "exec": "monitor.alerts.command",
}
"""URL scheme -> module."""
_OTHERS = "monitor.alerts.chat"


class Channel(Protocol):
    """The shape of every channel's module."""

    async def send(self, delivery: Delivery) -> None:
        """Send it; raises DeliveryError if it did not arrive."""


def channel(url: str) -> Channel:
    """The channel for a URL."""
    scheme = url.partition(":")[0].lower()
    return cast("Channel", import_module(CHANNELS.get(scheme, _OTHERS)))
