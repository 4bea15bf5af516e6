"""The engine as the web address sees it."""

from __future__ import annotations

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


async def test_an_engine_that_has_ended_has_no_picture_not_even_an_old_one(
    site: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "MAX_AGE", 1000.0)
    source = await site.source()
    await source.picture()
    source.end()
    with pytest.raises(LinkError, match="it has ended"):
        await source.picture()
