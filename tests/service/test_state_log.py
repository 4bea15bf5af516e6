"""The engine's memory of changes of state."""

from __future__ import annotations

import pytest

from monitor.engine import Engine
from monitor.link.figures import GetStateChanges
from monitor.model import Config, Endpoint, Reason, Result, State, Status
from monitor.probes.tcp import Tcp
from monitor.service import state_log as module
from monitor.service.state_log import StateLog

NOW = 1_000_000.0


@pytest.fixture
async def engine() -> Engine:
    endpoint = Endpoint(
        id="a", name="a", probe=Tcp(url="tcp://192.0.2.1:1"), interval=3600.0, down_after=2, up_after=1
    )
    return Engine(Config(endpoints=(endpoint,)), clock=lambda: NOW)


@pytest.fixture
async def log(engine: Engine) -> StateLog:
    made = StateLog(engine)
    engine.start()
    await engine.stop()
    return made


def check(engine: Engine, status: Status, at: float) -> None:
    (handle,) = engine.endpoints
    reason = Reason.STATUS_MISMATCH if status is Status.DOWN else None
    result = Result(
        endpoint="a", status=status, reason=reason, message=status.value, checked_at=at, latency_ms=at - NOW
    )
    engine.publisher.publish(engine.tracker.accept(handle, result, at))


async def test_every_change_is_kept_with_the_check_that_caused_it(engine: Engine, log: StateLog):
    for second, status in enumerate((Status.UP, Status.UP, Status.DOWN, Status.DOWN, Status.UP)):
        check(engine, status, NOW + second)
    changes = log.page(GetStateChanges()).changes
    assert [(one.number, one.at - NOW, one.before, one.after, one.message) for one in changes] == [
        (1, 0.0, State.PENDING, State.UP, "up"),
        (2, 2.0, State.UP, State.FAILING, "down"),
        (3, 3.0, State.FAILING, State.DOWN, "down"),
        (4, 4.0, State.DOWN, State.UP, "up"),
    ]
    assert (changes[2].reason, changes[2].latency_ms, changes[2].checked_at) == (
        Reason.STATUS_MISMATCH,
        3.0,
        NOW + 3,
    )


async def test_a_page_begins_after_the_last_known_change(
    engine: Engine, log: StateLog, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "AT_ONCE", 2)
    for second, status in enumerate((Status.UP, Status.DOWN, Status.DOWN, Status.UP)):
        check(engine, status, NOW + second)
    pages = [log.page(GetStateChanges(after=after)) for after in (0, 2, 3, 4, 99)]
    assert [[one.number for one in page.changes] for page in pages] == [[1, 2], [3, 4], [4], [], []]
    assert [page.more for page in pages] == [True, False, False, False, False]


async def test_the_oldest_changes_are_forgotten(engine: Engine, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "KEPT", 2)
    log = StateLog(engine)
    engine.start()
    await engine.stop()
    for second, status in enumerate((Status.UP, Status.DOWN, Status.UP)):
        check(engine, status, NOW + second)
    page = log.page(GetStateChanges())
    assert ([one.number for one in page.changes], page.total) == ([2, 3], 3)
