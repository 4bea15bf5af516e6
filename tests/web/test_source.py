"""The engine as the web address sees it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from monitor.errors import LinkError
from monitor.link.figures import WINDOWS
from monitor.web import source as module
from monitor.web.source import Listener


async def test_a_picture_that_is_new_enough_is_not_asked_for_again(
    site: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "MAX_AGE", 1000.0)
    source = await site.source()
    await source.picture()
    pulls: list[int] = []
    original = source.client.pull

    async def pull() -> Any:
        pulls.append(1)
        return await original()

    source.client.pull = pull
    await source.picture()
    assert pulls == []
    source.expire()
    await source.picture()
    assert pulls == [1]


async def test_who_listens_gets_changes_and_nobody_follows_afterwards(site: Any):
    source = await site.source()
    await source.picture()
    async with source.listening() as listener:
        await site.down()
        change = await listener.get(10.0)
        assert change is not None
        assert (change.info.id, change.status.state.value) == ("nobody", "down")
        assert len(change.uptimes) == len(WINDOWS)
    assert source.listeners == 0
    assert source._following is not None
    await asyncio.wait_for(source._following, 10)


async def test_a_listener_that_falls_behind_is_let_go(site: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "_ROOM", 1)
    source = await site.source()
    async with source.listening() as listener:
        for _ in range(2):
            source._publish(None)
        assert source.is_let_go(listener)


async def test_silence_is_no_change():
    assert await Listener().get(0.001) is None


async def test_an_engine_that_has_gone_is_a_link_error(site: Any):
    source = await site.source()
    await source.picture()
    await site.service._server.close()
    with pytest.raises(LinkError):
        await source.picture()
