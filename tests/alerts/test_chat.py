"""Apprise, to a real receiver."""

import json

import pytest

from monitor.alerts.chat import send
from monitor.alerts.delivery import Delivery, DeliveryError

# Apprise imports a module that Python 3.13 no longer has.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def delivery(url: str) -> Delivery:
    return Delivery(
        id="m", message="m", url=url, kind="up", at=0.0, title="Shop is up", text="for 5m", body=b""
    )


async def test_a_message_goes_through_apprise(sink):
    await send(delivery(sink.url.replace("http://", "json://")))
    document = json.loads(sink.received[0][1])
    assert (document["title"], document["message"], document["type"]) == ("Shop is up", "for 5m", "success")


async def test_a_service_that_refuses_is_no_delivery(sink):
    sink.statuses = [500]
    with pytest.raises(DeliveryError, match="did not take"):
        await send(delivery(sink.url.replace("http://", "json://")))


async def test_an_unknown_service_is_no_delivery():
    with pytest.raises(DeliveryError, match="does not know"):
        await send(delivery("nonsense://hunter2"))
