"""Apprise, to a real receiver."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread

import pytest

from monitor.alerts import chat
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


@contextmanager
def endless(status: str) -> Iterator[str]:
    """The address of a receiver that takes one message, and whose answer never ends."""

    def answer(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection, suppress(OSError):
            connection.recv(65536)
            connection.sendall(f"HTTP/1.1 {status}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
            while True:
                connection.sendall(b"1000\r\n" + b"x" * 0x1000 + b"\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = Thread(target=answer, args=(listening,), daemon=True)
        thread.start()
        yield f"json://127.0.0.1:{listening.getsockname()[1]}"
        thread.join(10)
        assert not thread.is_alive()


@pytest.mark.parametrize("limit", ["_LARGEST", "_PATIENCE"])
async def test_an_answer_without_an_end_is_read_to_a_limit(monkeypatch, limit: str):
    monkeypatch.setattr(chat, limit, 0.1)
    with endless("200 OK") as url:
        await send(delivery(url))
    with endless("500 Broken") as url, pytest.raises(DeliveryError, match="did not take"):
        await send(delivery(url))
