"""Mail, chat, pagers, SMS and desktops, through Apprise. https://github.com/caronc/apprise"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any

from monitor.alerts.delivery import Delivery, DeliveryError
from monitor.alerts.threads import in_thread

_TYPES = {
    "up": "success",
    "test": "info",
    "degraded": "warning",
    "certificate": "warning",
    "slower": "warning",
}
TIMEOUT = 60.0
"""Timeout of one message in seconds, on top of Apprise's own limits."""
_LARGEST = 1 << 20
"""Limit of an answer in bytes; the rest is not read."""
_PATIENCE = 20.0
"""Seconds in which an answer is read."""


async def send(delivery: Delivery) -> None:
    """Send through Apprise, which is synchronous, in a thread."""
    try:
        await in_thread(partial(_send, delivery), TIMEOUT)
    except TimeoutError:
        raise DeliveryError(f"the service did not answer within {TIMEOUT:.0f} s") from None


def _send(delivery: Delivery) -> None:
    try:
        import apprise
    except ImportError:
        raise DeliveryError("needs the extra 'alerts': pip install 'monitor[alerts]'") from None
    _bound_answers()
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


def is_known(url: str) -> bool:
    """Whether Apprise has a service that can use ``url``. Loading its plugins takes a second."""
    import apprise

    return apprise.Apprise.instantiate(url, asset=asset(), suppress_exceptions=True) is not None


def asset() -> Any:
    """Our name, for services that show a sender."""
    import apprise

    return apprise.AppriseAsset(app_id="monitor", app_desc="monitor")


@cache
def _bound_answers() -> None:
    """Bound the answers to Apprise's plugins, which read them whole: an endless one would fill memory."""
    from requests.adapters import HTTPAdapter

    adapter: Any = HTTPAdapter
    build = adapter.build_response

    def build_bounded(self: Any, request: Any, answer: Any) -> Any:
        answer.stream = partial(_bounded, answer.stream, answer.close)
        return build(self, request, answer)

    adapter.build_response = build_bounded


def _bounded(
    stream: Callable[..., Iterator[bytes]], close: Callable[[], object], *args: Any, **keys: Any
) -> Iterator[bytes]:
    """The beginning of an answer."""
    size, began = 0, time.monotonic()
    for piece in stream(*args, **keys):
        yield piece
        size += len(piece)
        if size > _LARGEST or time.monotonic() - began > _PATIENCE:
            close()
            return
