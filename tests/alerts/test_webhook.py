"""The webhook, to a real receiver."""

import asyncio
import hmac
from contextlib import suppress
from hashlib import sha256

import pytest
from servers import free_port

from monitor.alerts import webhook
from monitor.alerts.delivery import Delivery, DeliveryError
from monitor.alerts.webhook import send, signature
from monitor.demo.server import serve


def delivery(url: str, **keys: str) -> Delivery:
    return Delivery(
        id="m1", message="m1", url=url, kind="down", at=0.0, title="t", text="x", body=b'{"a":1}', **keys
    )


async def test_a_message_is_posted_with_its_id_and_signature(sink):
    await send(delivery(sink.url, secret="s3cret"))
    ((headers, body),) = sink.received
    assert body == b'{"a":1}'
    assert headers["content-type"] == "application/json"
    assert headers["idempotency-key"] == "m1"
    moment, _, signed = headers["monitor-signature"].partition(",v1=")
    expected = hmac.new(b"s3cret", moment.removeprefix("t=").encode() + b"." + body, sha256).hexdigest()
    assert signed == expected


async def test_without_a_secret_there_is_no_signature(sink):
    await send(delivery(sink.url))
    assert "monitor-signature" not in sink.received[0][0]


def test_the_signature_is_that_of_the_documentation():
    assert signature(b"{}", "k", 5).startswith("t=5,v1=")


@pytest.mark.parametrize("status", [302, 404, 500])
async def test_anything_but_2xx_is_no_delivery(sink, status):
    sink.statuses = [status]
    with pytest.raises(DeliveryError, match=f"the receiver answered {status}"):
        await send(delivery(sink.url))
    assert len(sink.received) == 1


@pytest.mark.parametrize(
    "url", ["http://u:hunter2@127.0.0.1:1/hunter2", "http://[bad/hunter2", "http:///hunter2"]
)
async def test_a_failure_tells_no_secret_of_the_url(url):
    with pytest.raises(DeliveryError) as caught:
        await send(delivery(url))
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"", "gave no answer that is HTTP"),
        (b"\0\xff garbage \x1b[31m\r\n\r\n", "gave no answer that is HTTP"),
        (None, "cannot be reached .connection refused"),
    ],
)
async def test_a_receiver_without_a_proper_answer_is_no_delivery(answer: bytes | None, reason: str):
    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"}")
        writer.write(answer or b"")
        writer.close()

    async with serve(respond) as port:
        url = f"http://127.0.0.1:{free_port() if answer is None else port}/"
        with pytest.raises(DeliveryError, match=reason):
            await webhook.send(delivery(url))


async def test_a_receiver_that_answers_drop_by_drop_is_given_up_in_time(monkeypatch):
    ended = asyncio.Event()

    async def drip(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            writer.write(b"HTTP/1.1 200 OK\r\n")
            while True:
                writer.write(b"X-Drop: 1\r\n")
                await writer.drain()
                await asyncio.sleep(0.02)
        writer.close()
        ended.set()

    monkeypatch.setattr(webhook, "TIMEOUT", 0.3)
    async with serve(drip) as port:
        with pytest.raises(DeliveryError, match="did not answer in time"):
            await webhook.send(delivery(f"http://127.0.0.1:{port}/"))
        await asyncio.wait_for(ended.wait(), 10)
