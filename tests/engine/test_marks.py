"""What operators mark endpoints with, over virtual hours."""

from __future__ import annotations

from virtual import Script, endpoint, until, virtual, watching

from monitor.incidents import Acknowledgement
from monitor.model import State


@virtual
async def test_an_acknowledged_outage_is_so_until_it_is_over():
    async with watching(Script(a="dddduu"), endpoint("a"), endpoint("b")) as running:
        await until(15)
        assert running.engine.acknowledge([0, 1]) == 1
        assert running.engine.acknowledge([0]) == 0
        assert running.row("a").acknowledged
        assert running.engine.disacknowledge([0, 1]) == 1
        assert not running.row("a").acknowledged
        running.engine.acknowledge([0])
        await until(60)
        assert running.state("a") is State.UP
        assert not running.row("a").acknowledged
        assert running.events[1:4] == ["a: acknowledged", "a: no longer acknowledged", "a: acknowledged"]


@virtual
async def test_who_acknowledged_and_why_is_told_and_stays_with_the_incident():
    async with watching(Script(a="d" * 9 + "u"), endpoint("a")) as running:
        await until(45)
        running.engine.acknowledge([0], "ann\x1b", "on\nit")
        mark = Acknowledgement(at=running.engine.clock(), by="ann␛", note="on it")
        assert running.row("a").acknowledged == mark
        assert running.events[-1] == "a: acknowledged by ann␛: on it"
        await until(200)
        (incident,) = running.engine.ledger.incidents.values()
        assert incident.ended
        assert incident.acknowledged == mark


@virtual
async def test_another_note_takes_the_place_of_the_first():
    async with watching(Script(a="d"), endpoint("a")) as running:
        await until(45)
        running.engine.acknowledge([0], "ann")
        assert running.engine.acknowledge([0], "ann", "it is the switch") == 1
        assert running.engine.acknowledge([0], "ann", "it is the switch") == 0
        (incident,) = running.engine.ledger.incidents.values()
        assert incident.acknowledged
        assert incident.acknowledged.note == "it is the switch"
        running.engine.disacknowledge([0])
        (incident,) = running.engine.ledger.incidents.values()
        assert incident.acknowledged is None


@virtual
async def test_what_is_acknowledged_before_it_is_down_is_an_acknowledged_incident():
    async with watching(Script(a="d"), endpoint("a", down_after=9)) as running:
        await until(15)
        assert running.state("a") is State.FAILING
        running.engine.acknowledge([0], "ann")
        await until(60)
        (incident,) = running.engine.ledger.incidents.values()
        assert incident.acknowledged
        assert incident.acknowledged.by == "ann"


@virtual
async def test_secrets_in_a_note_are_masked():
    def redact(text: str) -> str:
        return text.replace("hunter2", "•••")

    async with watching(Script(a="d"), endpoint("a"), redact=redact) as running:
        await until(45)
        running.engine.acknowledge([0], "ann", "password is hunter2")
        assert running.events[-1] == "a: acknowledged by ann: password is •••"
