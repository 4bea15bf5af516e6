"""A peer that talks without end."""

import asyncio

import pytest

from monitor.errors import ProbeError
from monitor.wire.ration import LONGEST, Ration


async def test_a_server_may_not_talk_for_ever() -> None:
    ration = Ration()
    await ration.take(LONGEST)
    with pytest.raises(ProbeError, match="more than 16 MiB"):
        await ration.take(1)


async def test_other_checks_get_a_turn_while_a_server_talks() -> None:
    ration, heard = Ration(), []
    asyncio.get_running_loop().call_soon(lambda: heard.append(ration.messages))
    while not heard:
        await ration.take(1)
    assert heard == [1000]
