"""A peer that talks without end."""

import asyncio

import pytest

from monitor.errors import ProbeError
from monitor.wire.read_budget import LONGEST, ReadBudget


async def test_a_server_may_not_talk_for_ever() -> None:
    budget = ReadBudget()
    await budget.take(LONGEST)
    with pytest.raises(ProbeError, match="more than 16 MiB"):
        await budget.take(1)


async def test_other_checks_get_a_turn_while_a_server_talks() -> None:
    budget, heard = ReadBudget(), []
    asyncio.get_running_loop().call_soon(lambda: heard.append(budget.messages))
    while not heard:
        await budget.take(1)
    assert heard == [1000]
