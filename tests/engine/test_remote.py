"""Verdicts of other machines, counted like checks of this one."""

from __future__ import annotations

from virtual import Script, clock, config, endpoint, until, virtual

from monitor.engine import Engine
from monitor.engine.remote import RemoteVerdicts
from monitor.model import Endpoint, Reason, Result, State, Status


class Others:
    def __init__(self) -> None:
        self.asked: list[str] = []

    def handles(self, endpoint: Endpoint) -> bool:
        return endpoint.id != "here"

    def check(self, endpoint: Endpoint, delay: float) -> None:
        self.asked.append(f"{endpoint.id} in {delay:g}")


class Shared:
    def __init__(self, *endpoints: Endpoint) -> None:
        self.others = Others()
        self.engine = Engine(config(*endpoints), clock=clock, run_probe=Script(), remote=self.others)
        self.engine.start()
        self.verdicts = RemoteVerdicts(self.engine.tracker, self.engine.publisher, self.others)
        self.at = 0.0

    def fold(self, id: str, letters: str) -> State:
        tracked = self.engine.tracker.by_id(id)
        assert tracked
        for letter in letters:
            self.at += 1.0
            down = letter == "d"
            result = Result(
                endpoint=id,
                status=Status.DOWN if down else Status.UP,
                reason=Reason.CONNECTION_REFUSED if down else None,
                message=letter,
                checked_at=self.at,
            )
            self.verdicts.accept(tracked, result, clock())
        return tracked.state


@virtual
async def test_what_others_check_is_not_checked_here():
    shared = Shared(endpoint("shop"), endpoint("here"))
    await until(60)
    assert shared.engine.tracker.by_id("shop").state is State.PENDING
    assert shared.engine.tracker.by_id("here").state is State.UP
    await shared.engine.stop()


@virtual
async def test_a_failure_is_confirmed_by_those_who_found_it():
    shared = Shared(endpoint("shop", down_after=3))
    assert shared.fold("shop", "ud") is State.FAILING
    assert shared.others.asked == ["shop in 2"]
    assert shared.fold("shop", "dd") is State.DOWN
    assert shared.fold("shop", "uu") is State.UP
    await shared.engine.stop()


@virtual
async def test_a_verdict_counts_once():
    shared = Shared(endpoint("shop", down_after=2))
    shared.fold("shop", "d")
    shared.at -= 1.0
    assert shared.fold("shop", "d") is State.FAILING
    await shared.engine.stop()


@virtual
async def test_what_is_paused_takes_no_verdict():
    shared = Shared(endpoint("shop"))
    shared.engine.pause([one.handle for one in shared.engine.endpoints.values()])
    assert shared.fold("shop", "ddd") is State.PAUSED
    assert shared.others.asked == []
    await shared.engine.stop()


@virtual
async def test_a_failure_has_its_dependencies_checked_and_an_end_its_dependents():
    shared = Shared(endpoint("gateway", down_after=1, up_after=1), endpoint("shop", depends_on=("gateway",)))
    shared.fold("gateway", "u")
    shared.fold("shop", "ud")
    assert "gateway in 2" in shared.others.asked
    shared.fold("gateway", "d")
    assert shared.fold("shop", "d") is State.UNREACHABLE
    shared.others.asked.clear()
    shared.fold("gateway", "u")
    assert "shop in 2" in shared.others.asked
    await shared.engine.stop()


@virtual
async def test_an_operator_has_it_checked_at_once():
    shared = Shared(endpoint("shop"))
    shared.engine.check_now([one.handle for one in shared.engine.endpoints.values()])
    assert shared.others.asked == ["shop in 0"]
    await shared.engine.stop()
