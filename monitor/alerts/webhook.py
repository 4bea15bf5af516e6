"""The webhook: a signed POST of the message as JSON; any 2xx answer means delivered."""

from __future__ import annotations

import asyncio
import hmac
import time
from hashlib import sha256

import httpx

from monitor import __version__
from monitor.alerts.delivery import Delivery, DeliveryError, cause

TIMEOUT = 10.0
"""Timeout of the exchange in seconds."""
_LATE = "the receiver did not answer in time"


async def send(delivery: Delivery) -> None:
    """POST the document. Redirects are not followed, because the signature is for this receiver."""
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": delivery.message,
        "User-Agent": f"monitor/{__version__}",
    }
    if delivery.secret:
        headers["Monitor-Signature"] = signature(delivery.body, delivery.secret, int(time.time()))
    try:
        async with (
            asyncio.timeout(TIMEOUT),  # httpx limits only the pause between two pieces
            httpx.AsyncClient(timeout=TIMEOUT) as client,
            client.stream("POST", delivery.url, content=delivery.body, headers=headers) as answer,
        ):
            status = answer.status_code
    except TimeoutError:
        raise DeliveryError(_LATE) from None
    except httpx.HTTPError as error:
        raise DeliveryError(_reason(error)) from None
    except (httpx.InvalidURL, ValueError):
        raise DeliveryError("the URL cannot be used") from None
    if not 200 <= status < 300:
        raise DeliveryError(f"the receiver answered {status}")


def signature(body: bytes, secret: str, moment: int) -> str:
    """``t=<unix seconds>,v1=<hex HMAC-SHA256 of "<t>.<body>">``."""
    signed = hmac.new(secret.encode(), f"{moment}.".encode() + body, sha256).hexdigest()
    return f"t={moment},v1={signed}"


def _reason(error: httpx.HTTPError) -> str:
    """The kind of failure; httpx's own text may contain the URL."""
    if isinstance(error, httpx.TimeoutException):
        return _LATE
    if isinstance(error, httpx.ConnectError):
        return f"the receiver cannot be reached ({cause(error)})"
    if isinstance(error, httpx.RemoteProtocolError):
        return "the receiver gave no answer that is HTTP"
    return f"the receiver ended the exchange ({cause(error)})"
