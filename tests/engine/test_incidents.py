"""Incidents as the engine keeps them, over virtual hours."""

from __future__ import annotations

from typing import Any

import pytest
from virtual import BEGINNING, MIDNIGHT, Running, Script, endpoint, until, virtual, watching

from monitor.engine import incidents as incident_tracker
from monitor.engine.incidents import TOGETHER, newest_together
from monitor.model import Cause, Ending, Incident, Reason, State
from monitor.model.events import IncidentAnnotated


def incidents(running: Running) -> list[Incident]:
    return list(running.engine.incidents.values())


def only(running: Running) -> Incident:
    (incident,) = incidents(running)
    return incident


def when(running: Running, name: str, check: int) -> float:
    """When a check of an endpoint began, seconds since the epoch, as its result has it."""
    return round(MIDNIGHT + BEGINNING + running.script.started[name][check], 3)


@virtual
async def test_an_incident_opens_when_its_endpoint_is_down_and_began_with_the_first_failure():
    async with watching(Script(a="uhd"), endpoint("a"), endpoint("b")) as running:
        while running.state("a") is not State.DOWN:
            assert incidents(running) == []
            await until(running.engine._loop.time() - BEGINNING + 0.5)
        incident = only(running)
        assert (incident.endpoint, incident.handle, incident.name) == ("a", 0, "a")
        assert (incident.began, incident.ended, incident.ending) == (when(running, "a", 1), None, None)
        assert (incident.reason, incident.cause) == (Reason.READ_TIMEOUT, "no answer")
        assert (incident.latest, incident.failed) == ("connection refused", 3)


@virtual
async def test_it_counts_failed_checks_and_ends_with_the_first_success_of_those_that_ended_it():
    async with watching(Script(a="ddddidudu"), endpoint("a")) as running:
        await until(100)
        incident = only(running)
        assert running.state("a") is State.UP
        assert (incident.failed, incident.ending) == (6, Ending.RECOVERED)
        assert (incident.began, incident.ended) == (when(running, "a", 0), when(running, "a", 8))


@virtual
async def test_a_gap_does_not_end_it():
    async with watching(Script(a="dddi"), endpoint("a")) as running:
        await until(300)
        assert running.state("a") is State.INCONCLUSIVE
        assert only(running).ended is None


@virtual
async def test_degraded_is_well_enough_to_end_it():
    async with watching(Script(a="dddg"), endpoint("a")) as running:
        await until(100)
        assert running.state("a") is State.DEGRADED
        assert only(running).ending is Ending.RECOVERED


@virtual
async def test_what_a_dependency_explains_is_no_incident():
    async with watching(
        Script(gateway="ud", shop="ud"), endpoint("gateway"), endpoint("shop", depends_on=("gateway",))
    ) as running:
        await until(100)
        assert running.state("shop") is State.UNREACHABLE
        assert only(running).name == "gateway"


@virtual
async def test_an_incident_goes_on_behind_a_dependency_that_fails_later():
    async with watching(
        Script(shop="d"), endpoint("gateway"), endpoint("shop", depends_on=("gateway",))
    ) as running:
        for letter, state in (("u", State.DOWN), ("d", State.UNREACHABLE), ("u", State.DOWN)):
            running.script.letters["gateway"] = letter
            await until(running.engine._loop.time() - BEGINNING + 100)
            assert running.state("shop") is state
        assert [(one.name, one.ended is None) for one in incidents(running)] == [
            ("shop", True),
            ("gateway", False),
        ]


@virtual
async def test_pausing_ends_it_and_what_is_still_down_afterwards_is_another_one():
    async with watching(Script(a="d"), endpoint("a")) as running:
        await until(45)
        running.engine.pause([0])
        paused = running.engine.clock()
        assert (only(running).ending, only(running).ended) == (Ending.PAUSED, paused)
        await until(100)
        running.engine.resume([0])
        resumed = running.engine.clock()
        await until(200)
        again = incidents(running)[1]
        assert (again.began, again.ended, again.cause) == (resumed, None, "connection refused")
        assert again.failed == len(running.starts("a")) - incidents(running)[0].failed


@virtual
async def test_an_endpoint_that_has_gone_is_in_no_incident_any_more():
    async with watching(Script(a="d"), endpoint("a"), endpoint("b")) as running:
        await until(45)
        running.reload(endpoint("b"))
        assert (only(running).ending, only(running).ended) == (Ending.REMOVED, running.engine.clock())
        running.reload(endpoint("a"), endpoint("b"))
        await until(100)
        assert [(one.endpoint, one.handle, one.ended is None) for one in incidents(running)] == [
            ("a", 0, False),
            ("a", 2, True),
        ]


@pytest.mark.parametrize("changes", [{}, {"interval": 7.0}, {"version": 1}])
def test_a_reload_leaves_an_incident_open(changes: dict[str, Any]):
    """Whoever mends a check that was wrong sees its incident end when it passes."""

    @virtual
    async def live() -> None:
        async with watching(Script(a="d" * 12 + "u"), endpoint("a")) as running:
            await until(45)
            running.reload(endpoint("a", **changes), endpoint("b"))
            assert only(running).ended is None
            await until(300)
            assert (only(running).failed, only(running).ending) == (12, Ending.RECOVERED)

    live()


@virtual
async def test_a_disabled_endpoint_is_in_no_incident():
    async with watching(Script(a="d"), endpoint("a")) as running:
        await until(45)
        running.reload(endpoint("a", enabled=False))
        assert only(running).ending is Ending.PAUSED


@virtual
async def test_texts_are_redacted_when_they_are_taken():
    def redact(text: str) -> str:
        return text.replace("refused", "•••")

    async with watching(Script(a="d"), endpoint("a"), redact=redact) as running:
        await until(45)
        running.reload(endpoint("a"))
        assert (only(running).cause, only(running).latest) == ("connection •••", "connection •••")


@virtual
async def test_open_ones_and_the_newest_that_ended_are_kept():
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(incident_tracker, "KEPT", 3)
        script = Script(a="d", b="dddduu" * 20)
        async with watching(script, endpoint("a"), endpoint("b")) as running:
            await until(600)
            ended = [one.id for one in incidents(running) if one.ended]
            assert len(ended) == 3
            assert ended == sorted(ended)
            assert incidents(running)[0].name == "a"


# ---- incidents that began together and share something


def incident(began: float) -> Incident:
    return Incident(id=f"{began:09.1f}", endpoint=f"{began}", handle=0, name="", began=began)


@pytest.mark.parametrize(
    ("began", "together"),
    [
        ([], []),
        ([5.0], [5.0]),
        ([0.0, TOGETHER, 2 * TOGETHER], [0.0, TOGETHER, 2 * TOGETHER]),
        ([0.0, TOGETHER + 1, TOGETHER + 2], [TOGETHER + 1, TOGETHER + 2]),
        ([9.0, 3.0, 500.0], [500.0]),
    ],
)
def test_incidents_belong_together_while_each_begins_soon_after_the_one_before(began, together):
    assert [one.began for one in newest_together(map(incident, began))] == together


@virtual
async def test_a_common_cause_stands_on_each_incident_that_it_explains():
    script = Script(a="uudd", b="uudd", c="uu", d="uudd")
    shops = [endpoint(name, group="shop") for name in "ab"]
    async with watching(script, *shops, endpoint("c")) as running:
        noted = []
        running.engine.publisher.subscribe(
            lambda event: noted.append(event) if isinstance(event, IncidentAnnotated) else None
        )
        await until(120)
        incidents = {one.endpoint: one for one in running.engine.incidents.values()}
        cause = Cause(kind="group", value="shop", count=2)
        assert {id: one.common_cause for id, one in incidents.items()} == {"a": cause, "b": cause}
        assert {one.outage for one in incidents.values()} == {min(one.id for one in incidents.values())}
        assert len(noted) == 2


@virtual
async def test_an_incident_alone_has_none():
    async with watching(Script(a="uudd"), endpoint("a"), endpoint("b")) as running:
        await until(120)
        (only,) = running.engine.incidents.values()
        assert (only.common_cause, only.outage) == (None, "")
