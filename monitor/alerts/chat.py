"""Mail, chat, pagers, SMS and desktops, through Apprise. https://github.com/caronc/apprise"""

from __future__ import annotations

import asyncio
from typing import Any

from monitor.alerts.delivery import Delivery, DeliveryError

_TYPES = {
    "up": "success",
    "test": "info",
    "degraded": "warning",
    "certificate": "warning",
    "slower": "warning",
}
TIMEOUT = 60.0
"""Timeout of one message in seconds, on top of Apprise's own limits."""


async def send(delivery: Delivery) -> None:
    """Send through Apprise, which is synchronous, in a thread."""
    try:
        await asyncio.wait_for(asyncio.to_thread(_send, delivery), TIMEOUT)
    except TimeoutError:
        raise DeliveryError(f"the service did not answer within {TIMEOUT:.0f} s") from None


def _send(delivery: Delivery) -> None:
    try:
        import apprise
    except ImportError:
        raise DeliveryError("needs the extra 'alerts': pip install 'monitor[alerts]'") from None
    service = apprise.Apprise(asset=asset())
    if not service.add(delivery.url):
        raise DeliveryError("Apprise does not know this URL")
    arrived = service.notify(
        title=delivery.title,
        body=delivery.text,
        notify_type=_TYPES.get(delivery.kind, "failure"),
        body_format=apprise.NotifyFormat.TEXT,
    )
    if not arrived:
        raise DeliveryError("the service did not take the message")


def asset() -> Any:
    """Our name, for services that show a sender."""
    import apprise

    return apprise.AppriseAsset(app_id="monitor", app_desc="monitor")
