"""A message on its way to one receiver, and what came of it."""

from __future__ import annotations

import msgspec

from monitor.errors import MonitorError


class DeliveryError(MonitorError):
    """The message did not arrive; the text says why and holds no secret of the URL."""


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a channel needs. It holds secrets: it goes to the notifier's pipe and nowhere else."""

    id: str
    """Names the delivery; a fallback's has another one than the message's own."""
    message: str
    """The message's id, the same at every try and through every alert."""
    url: str
    secret: str = ""
    kind: str
    title: str
    text: str
    body: bytes
    """The webhook's JSON document."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a delivery; an empty ``error``: it arrived."""

    id: str
    error: str = ""
