"""The engine as the web address sees it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from monitor.errors import LinkError
from monitor.web import source as module


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


async def test_an_engine_that_has_gone_is_a_link_error(site: Any):
    source = await site.source()
    await source.picture()
    await site.service._server.close()
    with pytest.raises(LinkError):
        await source.picture()


async def test_an_engine_that_stands_still_is_given_up_once_and_by_everybody_at_the_same_time(
    site: Any, monkeypatch: pytest.MonkeyPatch
):
    source = await site.source()
    await source.picture()
    monkeypatch.setattr(module, "PATIENCE", 0.2)
    go_on = asyncio.Event()

    async def stand_still(*_: object) -> Any:
        await go_on.wait()

    monkeypatch.setattr(source.client, "pull", stand_still)
    monkeypatch.setattr(source.client, "hello", stand_still)
    loop = asyncio.get_running_loop()
    began = loop.time()
    asking = asyncio.gather(*(source.picture() for _ in range(5)), return_exceptions=True)
    assert {str(answer) for answer in await asking} == {"it has not answered for 0.2 s"}
    assert loop.time() - began < 1.0
    monkeypatch.undo()
    assert (await source.picture()).endpoints()


async def test_an_engine_that_has_ended_has_no_picture_not_even_an_old_one(
    site: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "MAX_AGE", 1000.0)
    source = await site.source()
    await source.picture()
    source.end()
    with pytest.raises(LinkError, match="it has ended"):
        await source.picture()
