"""Reports and signs of life, read from a stream that anybody may have written."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from natsd import until

from monitor.cluster.protocol import Beat, Report, encode
from monitor.cluster.results import Results
from monitor.cluster.streams import ensure_streams
from monitor.model import Result, Status


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
