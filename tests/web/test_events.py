"""The stream of changes of state."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest

from monitor.link.figures import WINDOWS
from monitor.model import Reason, Result, Status
from monitor.web import events as module
from monitor.web.events import Events


async def result(site: Any, status: Status) -> None:
    """Let the first endpoint have one more result."""
    engine = site.service.engine
    handle, tracked = next(iter(engine.endpoints.items()))
    at = engine.clock()
    reason = Reason.CONNECTION_REFUSED if status is Status.DOWN else None
    done = Result(endpoint=tracked.id, status=status, reason=reason, message=f"m {status}", checked_at=at)
    engine.publisher.publish(engine.tracker.accept(handle, done, at))


async def received(stream: AsyncIterator[bytes], count: int) -> list[tuple[str, dict[str, Any]]]:
    """The ids and the data of the next ``count`` events of the first endpoint."""
    found: list[tuple[str, dict[str, Any]]] = []
    while len(found) < count:
        text = (await asyncio.wait_for(anext(stream), 10)).decode()
        for event in filter(None, text.split("\n\n")):
            lines = dict(line.partition(": ")[::2] for line in event.split("\n"))
            if "data" in lines and json.loads(lines["data"])["endpoint"]["id"] == "nobody":
                assert lines["event"] == "state"
                found.append((lines["id"], json.loads(lines["data"])))
    return found


def turns(found: list[tuple[str, dict[str, Any]]]) -> list[tuple[str, str]]:
    return [(data["before"], data["endpoint"]["state"]) for _, data in found]


@pytest.fixture
async def events(site: Any) -> Events:
    await site.down()
    return Events(await site.source())


async def test_every_change_is_an_event_however_fast_they_come(site: Any, events: Events):
    async with aclosing(events.stream()) as stream:
        assert (await anext(stream)).startswith(b":")
        for status in (Status.UP, Status.UP, Status.DEGRADED, Status.DOWN):
            await result(site, status)
        found = await received(stream, 3)
    assert turns(found) == [("down", "up"), ("up", "degraded"), ("degraded", "down")]
    last = found[-1][1]["endpoint"]
    assert (last["reason"], last["message"], last["since"]) == (
        "connection_refused",
        "m down",
        found[-1][1]["at"],
    )
    assert list(last["uptime"]) == list(WINDOWS)
    assert all(isinstance(share, float) for share in last["uptime"].values())


async def test_who_comes_back_with_the_last_id_gets_what_was_missed(site: Any, events: Events):
    async with aclosing(events.stream()) as stream:
        await anext(stream)
        for status in (Status.UP, Status.UP):
            await result(site, status)
        ((last, _),) = await received(stream, 1)
    for status in (Status.DEGRADED, Status.UP):
        await result(site, status)
    async with aclosing(events.stream(last)) as stream:
        assert turns(await received(stream, 2)) == [("up", "degraded"), ("degraded", "up")]


async def test_an_id_of_an_earlier_run_brings_every_change_of_this_one(events: Events):
    async with aclosing(events.stream("1a2b3c-7")) as stream:
        assert turns(await received(stream, 1)) == [("pending", "down")]


@pytest.mark.parametrize("id", ["", "7", "-", "x-1", "1-x", "1-²", "9" * 5000, "1-" + "9" * 5000])
async def test_an_id_that_is_none_begins_with_now(site: Any, events: Events, id: str):
    async with aclosing(events.stream(id)) as stream:
        await anext(stream)
        for status in (Status.UP, Status.UP):
            await result(site, status)
        assert turns(await received(stream, 1)) == [("down", "up")]


async def test_a_stream_that_falls_behind_ends(site: Any, events: Events, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "_KEPT", 2)
    events = Events(await site.source())
    async with aclosing(events.stream()) as stream:
        await anext(stream)
        for status in (Status.UP, Status.UP, Status.DEGRADED, Status.UP, Status.DEGRADED):
            await result(site, status)
        await events._update()
        with pytest.raises(StopAsyncIteration):
            await anext(stream)


async def test_an_idle_stream_shows_that_it_is_alive(events: Events, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "SIGN_OF_LIFE", 0.001)
    async with aclosing(events.stream()) as stream:
        await anext(stream)
        assert await anext(stream) == b":\n\n"


async def test_the_engine_is_not_polled_without_a_stream(events: Events):
    async with aclosing(events.stream()) as stream:
        await anext(stream)
        assert events.streams == 1
    assert events.streams == 0
    assert events._following is not None
    await asyncio.wait_for(events._following, 10)
