"""Reading a stream in order, from where it was left."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from natsd import until

from monitor.cluster.protocol import Beat, Report, encode
from monitor.cluster.reader import Reader, Results
from monitor.cluster.streams import RESULTS, ensure_streams
from monitor.model import Result, Status


async def publish(bus: Any, *subjects: str) -> None:
    for subject in subjects:
        await bus.jetstream().publish(f"monitor.result.eu.{subject}", subject.encode())


async def read(bus: Any, count: int, sequence: int = 0) -> tuple[list[str], Reader]:
    found: list[str] = []
    reader = Reader(
        bus,
        RESULTS,
        "monitor.result.>",
        lambda message, at: found.append(message.data.decode()),
        lambda level, text: None,
        sequence,
    )
    reading = asyncio.create_task(reader.run())
    await until(lambda: len(found) == count)
    await reader.caught_up.wait()
    reading.cancel()
    await asyncio.wait([reading])
    return found, reader


async def test_a_first_reader_begins_with_each_subjects_last_message(bus: Any):
    await ensure_streams(bus.jetstream())
    await publish(bus, "a", "b", "a")
    found, _ = await read(bus, 2)
    assert found == ["b", "a"]


async def test_a_later_reader_goes_on_after_the_last_message(bus: Any):
    await ensure_streams(bus.jetstream())
    await publish(bus, "a", "b")
    _, reader = await read(bus, 2)
    await publish(bus, "b", "b", "c")
    found, _ = await read(bus, 3, reader.sequence)
    assert found == ["b", "b", "c"]


async def test_a_stream_that_was_lost_is_read_from_its_beginning(bus: Any):
    await ensure_streams(bus.jetstream())
    await publish(bus, "a", "b", "c")
    _, reader = await read(bus, 3)
    await bus.jetstream().delete_stream(RESULTS)
    await ensure_streams(bus.jetstream())
    await publish(bus, "a")
    found, _ = await read(bus, 1, reader.sequence)
    assert found == ["a"]


async def test_more_messages_than_one_request_asks_for_all_come(bus: Any):
    await ensure_streams(bus.jetstream())
    for number in range(2500):
        await bus.publish(f"monitor.result.eu.{number}", b"x")
    await bus.flush()
    found, _ = await read(bus, 2500)
    assert len(found) == 2500


# ---- the agents' results and signs of life


def report(at: float) -> bytes:
    result = Result(endpoint="shop", status=Status.UP, reason=None, message="ok", checked_at=at)
    return encode(Report(agent="a", result=result))


async def test_what_is_invalid_is_left_out_and_noted_sparingly(bus: Any):
    js = bus.jetstream()
    await ensure_streams(js)
    notes: list[str] = []
    heard: list[str] = []
    results = Results(
        bus,
        0,
        lambda location, report, at: heard.append(f"result {location}"),
        lambda location, beat, at: heard.append(f"beat {location}"),
        lambda level, text: notes.append(text),
    )
    for number in range(20):
        await js.publish(f"monitor.result.eu.{number}", b"\x1b[2J")
        await js.publish(f"monitor.beat.eu.{number}", b"{}")
    await js.publish("monitor.beat.us.a", encode(Beat(agent="a")))
    await js.publish("monitor.result.us.shop", report(time.time()))
    reading = asyncio.create_task(results.run())
    await until(lambda: len(heard) == 2)
    reading.cancel()
    await asyncio.wait([reading])
    assert heard == ["beat us", "result us"]
    assert results.refused == 40
    assert len(notes) == 6
    assert not any("\x1b" in note for note in notes)
