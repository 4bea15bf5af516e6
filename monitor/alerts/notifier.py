"""The notifier process: reads deliveries on standard input, writes outcomes to standard output.

One JSON document per line. The process ends when its input ends, so that it never outlives the engine.
Deliveries run concurrently; the outbox keeps them in order.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress

import msgspec

from monitor.alerts.channels import channel
from monitor.alerts.delivery import Delivery, DeliveryError, Outcome

LONGEST = 16 << 20
"""Limit of a line in bytes."""


async def deliver(delivery: Delivery) -> Outcome:
    """Send one message. Never raises."""
    try:
        await channel(delivery.url).send(delivery)
    except DeliveryError as error:
        return Outcome(id=delivery.id, error=str(error))
    except Exception as error:  # noqa: BLE001 -- a channel's crash is a failed delivery
        return Outcome(id=delivery.id, error=f"the channel crashed ({type(error).__name__})")
    return Outcome(id=delivery.id)


async def run() -> None:
    """Deliver until standard input ends."""
    reader = asyncio.StreamReader(limit=LONGEST)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin.buffer)
    sending: set[asyncio.Task[None]] = set()
    while line := await reader.readline():
        task = asyncio.create_task(_deliver_and_say(msgspec.json.decode(line, type=Delivery)))
        sending.add(task)
        task.add_done_callback(sending.discard)
    for task in sending:
        task.cancel()


async def _deliver_and_say(delivery: Delivery) -> None:
    outcome = await deliver(delivery)
    with suppress(BrokenPipeError):
        sys.stdout.buffer.write(msgspec.json.encode(outcome) + b"\n")
        sys.stdout.buffer.flush()
