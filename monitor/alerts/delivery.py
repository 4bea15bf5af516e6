"""A delivery of a message to one receiver, and its outcome."""

from __future__ import annotations

import os
import socket
import ssl

import msgspec

from monitor.errors import MonitorError


class DeliveryError(MonitorError):
    """The message was not delivered. The text gives the reason, without secrets of the URL."""


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """A channel's input. Contains secrets, so it is sent to the notifier's pipe only."""

    id: str
    """The delivery's id; a fallback's copy has its own."""
    message: str
    """The message's id, the same for every attempt and every alert."""
    url: str
    secret: str = ""
    kind: str
    at: float
    """When it was decided."""
    incidents: tuple[str, ...] = ()
    """The ids of the incidents that it is about."""
    earlier: tuple[str, ...] = ()
    """The ids of the messages about them that the alert has delivered before, oldest first."""
    title: str
    text: str
    body: bytes
    """The webhook's JSON document."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of a delivery; ``error`` is empty if it was delivered."""

    id: str
    error: str = ""


def cause(error: BaseException | None) -> str:
    """Why the system or TLS failed, in words, or the kind of error; never a name, which may be a secret."""
    kind = type(error).__name__
    while error is not None:
        match error:
            case ssl.SSLCertVerificationError():
                return str(error.verify_message).partition(",")[0].lower()
            case ssl.SSLError(reason=str() as reason):
                return f"TLS: {reason.replace('_', ' ').lower()}"
            case socket.gaierror():
                return str(error.strerror).lower()
            case OSError(errno=int() as number):
                return os.strerror(number).lower()  # its own text may have the address
        error = error.__cause__ or error.__context__
    return kind
