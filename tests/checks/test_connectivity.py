"""Is this machine online?"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import ClassVar

import pytest

from monitor.checks.connectivity import CANARY_TIMEOUT, Connectivity
from monitor.model import Observation, Probe, Reason
from monitor.trace import Trace


class Canary:
    kind: ClassVar[str] = "fake"
    target = "fake://"

    async def check(self, trace: Trace) -> str:
        raise AssertionError("it is run_probe that is asked here")


class Sky:
    """Canaries whose answers are set: True, False, or a future of one."""

    def __init__(self, *answers: bool | asyncio.Future[bool]) -> None:
        self.answers = {Canary(): answer for answer in answers}
        self.asked = 0
        self.cancelled = 0
        self.timeouts: set[float] = set()

    def connectivity(self) -> Connectivity:
        return Connectivity(list(self.answers), self.run_probe)

    async def run_probe(self, probe: Probe, timeout: float) -> Observation:
        assert isinstance(probe, Canary)
        self.asked += 1
        self.timeouts.add(timeout)
        answer = self.answers[probe]
        try:
            alive = answer if isinstance(answer, bool) else await answer
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return Observation(started=0.0, reason=None if alive else Reason.CONNECT_TIMEOUT)


def later() -> asyncio.Future[bool]:
    return asyncio.get_running_loop().create_future()


async def breathe() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_without_canaries_this_machine_counts_as_online():
    connectivity = Connectivity(())
    assert await connectivity.online()
    connectivity.look_again()
    assert not connectivity.offline
    await connectivity.close()


@pytest.mark.parametrize(
    ("answers", "online"),
    [((True,), True), ((False,), False), ((False, True), True), ((False, False), False)],
)
async def test_one_canary_that_answers_will_do(answers: tuple[bool, ...], online: bool):
    sky = Sky(*answers)
    connectivity = sky.connectivity()
    assert await connectivity.online() is online
    assert connectivity.offline is not online
    assert sky.timeouts == {CANARY_TIMEOUT}
    await connectivity.close()


async def test_the_first_answer_decides_and_the_others_are_let_go():
    sky = Sky(later(), True)
    assert await sky.connectivity().online()
    await breathe()
    assert sky.cancelled == 1


async def test_everybody_who_asks_at_once_shares_a_round():
    answer = later()
    sky = Sky(answer)
    connectivity = sky.connectivity()
    asking = [asyncio.create_task(connectivity.online()) for _ in range(5)]
    await breathe()
    answer.set_result(True)
    assert await asyncio.gather(*asking) == [True] * 5
    assert sky.asked == 1


async def test_who_asks_later_has_a_round_of_its_own():
    sky = Sky(True)
    connectivity = sky.connectivity()
    await connectivity.online()
    await breathe()
    await connectivity.online()
    assert sky.asked == 2


async def test_one_who_gives_up_does_not_end_the_round_of_the_others():
    answer = later()
    connectivity = Sky(answer).connectivity()
    impatient, patient = (asyncio.create_task(connectivity.online()) for _ in range(2))
    await breathe()
    impatient.cancel()
    await breathe()
    answer.set_result(True)
    assert await patient
    assert impatient.cancelled()


async def test_nobody_looks_again_while_online():
    sky = Sky(True)
    connectivity = sky.connectivity()
    connectivity.look_again()
    await breathe()
    assert sky.asked == 0


async def test_looking_again_finds_this_machine_back_online():
    sky = Sky(False)
    connectivity = sky.connectivity()
    await connectivity.online()
    await breathe()
    sky.answers = dict.fromkeys(sky.answers, True)
    connectivity.look_again()
    connectivity.look_again()
    await breathe()
    assert not connectivity.offline
    assert sky.asked == 2


@pytest.mark.parametrize("ask", [lambda one: one.online(), None])
async def test_closing_ends_the_round(ask: Callable[[Connectivity], Awaitable[bool]] | None):
    sky = Sky(later())
    connectivity = sky.connectivity()
    asking = asyncio.ensure_future(ask(connectivity)) if ask else None
    await breathe()
    await connectivity.close()
    await breathe()
    assert sky.cancelled == sky.asked == (1 if ask else 0)
    if asking:
        assert asking.cancelled()


async def test_other_canaries_inherit_what_was_found():
    sky = Sky(False)
    connectivity = sky.connectivity()
    await connectivity.online()
    assert connectivity.asking(list(sky.answers)) is connectivity
    assert connectivity.asking([Canary()]).offline
    assert not connectivity.asking([]).offline
