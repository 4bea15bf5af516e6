"""The channel of a URL. Apprise handles every scheme that is not listed here."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Protocol, cast

from monitor.alerts.delivery import Delivery

CHANNELS: Mapping[str, str] = {
    "http": "monitor.alerts.webhook",
    "https": "monitor.alerts.webhook",
    "exec": "monitor.alerts.command",
    "mailto": "monitor.alerts.mail",
    "mailtos": "monitor.alerts.mail",
}
"""Modules by URL scheme."""
_OTHERS = "monitor.alerts.chat"


def is_ours(url: str) -> bool:
    """Whether a message for ``url`` is sent without Apprise, or by reading its URL only."""
    return _scheme(url) in ("http", "https", "exec")


def _scheme(url: str) -> str:
    return url.partition(":")[0].lower()


class Channel(Protocol):
    """The interface of a channel's module."""

    async def send(self, delivery: Delivery) -> None:
        """Send a message. Raises DeliveryError."""


def channel(url: str) -> Channel:
    """The channel for a URL."""
    return cast("Channel", import_module(CHANNELS.get(_scheme(url), _OTHERS)))
