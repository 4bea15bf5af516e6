"""What operators mark endpoints with, over virtual hours."""

from __future__ import annotations

from typing import Any

import pytest
from virtual import Running, Script, clock, endpoint, until, virtual, watching

from monitor.errors import UsageError
from monitor.model import Acknowledgement, Silence, State
from monitor.model.events import SilenceEnded, SilenceStarted


@virtual
async def test_an_acknowledged_outage_is_so_until_it_is_over():
    async with watching(Script(a="dddduu"), endpoint("a"), endpoint("b")) as running:
        await until(15)
        assert running.engine.acknowledge([0, 1]) == 1
        assert running.engine.acknowledge([0]) == 0
        assert running.row("a").acknowledged
        assert running.engine.unacknowledge([0, 1]) == 1
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
        (incident,) = running.engine.incidents.values()
        assert incident.ended
        assert incident.acknowledged == mark


@virtual
async def test_another_note_takes_the_place_of_the_first():
    async with watching(Script(a="d"), endpoint("a")) as running:
        await until(45)
        running.engine.acknowledge([0], "ann")
        assert running.engine.acknowledge([0], "ann", "it is the switch") == 1
        assert running.engine.acknowledge([0], "ann", "it is the switch") == 0
        (incident,) = running.engine.incidents.values()
        assert incident.acknowledged
        assert incident.acknowledged.note == "it is the switch"
        running.engine.unacknowledge([0])
        (incident,) = running.engine.incidents.values()
        assert incident.acknowledged is None


@virtual
async def test_an_acknowledgement_for_a_while_ends_although_the_outage_goes_on():
    async with watching(Script(a="d"), endpoint("a")) as running:
        await until(45)
        assert running.engine.acknowledge([0], "ann", "", 600.0) == 1
        assert running.events[-1] == "a: acknowledged for 10m by ann"
        await until(600)
        assert running.row("a").acknowledged
        await until(660)
        assert running.row("a").acknowledged is None
        assert running.events[-1] == "a: no longer acknowledged"
        (incident,) = running.engine.incidents.values()
        assert incident.acknowledged
        assert incident.acknowledged.is_over(running.engine.clock())


@virtual
async def test_an_acknowledgement_is_prolonged_and_a_recovery_ends_it_early():
    async with watching(Script(a="d" * 20 + "u"), endpoint("a")) as running:
        await until(45)
        running.engine.acknowledge([0], "ann", "", 60.0)
        running.engine.acknowledge([0], "ann", "", 6000.0)
        await until(150)
        assert running.row("a").acknowledged
        await until(400)
        assert running.state("a") is State.UP
        assert running.row("a").acknowledged is None


@pytest.mark.parametrize("lasting", [0.0, -1.0, float("inf"), float("nan"), 1e12])
@virtual
async def test_a_time_that_cannot_be_acknowledges_nothing(lasting: float):
    async with watching(Script(a="d"), endpoint("a")) as running:
        await until(45)
        assert running.engine.acknowledge([0], lasting=lasting) == 0
        assert running.row("a").acknowledged is None


@virtual
async def test_what_is_acknowledged_before_it_is_down_is_an_acknowledged_incident():
    async with watching(Script(a="d"), endpoint("a", down_after=9)) as running:
        await until(15)
        assert running.state("a") is State.FAILING
        running.engine.acknowledge([0], "ann")
        await until(60)
        (incident,) = running.engine.incidents.values()
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


# ── silenced ────────────────────────────────────────────────────────────────────────────────────


def silence(name: str, **keys: Any) -> Silence:
    """The silence of one endpoint that begins now."""
    return Silence(id=f"{round(clock() * 1000):x}", select=(f"id:{name}",), at=clock(), **keys)


def _until(running: Running) -> float | None:
    silence = running.row("a").silenced
    assert silence
    return silence.until


@virtual
async def test_a_silence_ends_by_itself_when_its_time_is_over():
    async with watching(Script(), endpoint("a"), endpoint("b")) as running:
        await until(45)
        end = running.engine.clock() + 3600
        assert running.engine.silence([0, 99], end, "ann") == 1
        assert running.row("a").silenced == silence("a", until=end, by="ann")
        assert running.row("b").silenced is None
        await until(45 + 3599)
        assert running.row("a").silenced
        await until(45 + 3601)
        assert running.row("a").silenced is None
        assert running.events == ["a: silenced for 1h by ann", "a: no longer silenced"]


@virtual
async def test_a_silence_for_a_time_outlasts_the_outage():
    async with watching(Script(a="dddduu"), endpoint("a")) as running:
        await until(15)
        running.engine.silence([0], running.engine.clock() + 600)
        await until(60)
        assert running.state("a") is State.UP
        assert running.row("a").silenced


@virtual
async def test_a_silence_until_it_is_up_is_for_what_is_not_and_ends_with_that():
    async with watching(Script(a="dddduu"), endpoint("a"), endpoint("b")) as running:
        await until(15)
        assert running.engine.silence([0, 1], None, "ann") == 1
        assert running.row("a").silenced == silence("a", until_up=True, by="ann")
        assert running.events[-1] == "a: silenced until it is up by ann"
        await until(60)
        assert running.state("a") is State.UP
        assert running.row("a").silenced is None


@virtual
async def test_a_silence_is_taken_back_and_a_new_one_takes_the_place_of_the_old():
    async with watching(Script(a="d"), endpoint("a")) as running:
        await until(45)
        engine, now = running.engine, running.engine.clock()
        engine.silence([0], now + 100)
        engine.silence([0], now + 1000)
        await until(500)
        assert _until(running) == now + 1000
        engine.silence([0], None)
        await until(2000)
        assert (_until(running), len(engine.tracker.silences)) == (None, 1)
        assert engine.unsilence([0]) == 1
        assert engine.unsilence([0]) == 0
        assert running.row("a").silenced is None


@virtual
async def test_the_end_of_a_silence_that_another_replaces_is_an_event():
    async with watching(Script(), endpoint("a")) as running:
        engine, events = running.engine, []
        engine.publisher.subscribe(events.append)
        for seconds in (8 * 3600, 60):
            engine.silence([0], engine.clock() + seconds)
        started = [one.silence.id for one in events if isinstance(one, SilenceStarted)]
        ended = [one.silence.id for one in events if isinstance(one, SilenceEnded)]
        assert ended == started[:1]
        assert list(engine.tracker.silences) == started[1:]


@virtual
async def test_a_silence_is_extended_under_the_same_id():
    async with watching(Script(a="d"), endpoint("a")) as running:
        engine = running.engine
        silence = engine.silence_selection(["a"], engine.clock() + 60, by="ann")
        assert engine.extend_silence(silence.id, engine.clock() + 600)
        assert not engine.extend_silence("nope", None)
        await until(300)
        assert running.row("a").silenced.id == silence.id
        assert "a: silenced for 10m by ann" in running.events
        await until(700)
        assert running.row("a").silenced is None


@virtual
async def test_a_silence_whose_time_is_over_is_none():
    async with watching(Script(), endpoint("a")) as running:
        assert running.engine.silence([0], running.engine.clock()) == 0
        assert running.row("a").silenced is None


@virtual
async def test_a_suspended_machine_does_not_make_a_silence_longer():
    async with watching(Script(), endpoint("a")) as running:
        await until(45)
        slept = 0.0
        running.engine.clock = lambda: clock() + slept
        running.engine.silence([0], running.engine.clock() + 3600)
        slept = 3600.0
        await until(45 + 61)
        assert running.row("a").silenced is None


@virtual
async def test_a_silence_outlives_a_reload_but_not_its_endpoint():
    async with watching(Script(), endpoint("a"), endpoint("b")) as running:
        end = running.engine.clock() + 600
        running.engine.silence([0, 1], end)
        running.reload(endpoint("b", interval=7.0))
        assert running.row("b").silenced
        await until(700)
        assert running.row("b").silenced is None
        assert running.events[-1] == "b: no longer silenced"
        assert len([event for event in running.events if "no longer" in event]) == 1


@virtual
async def test_a_selection_is_silenced_with_whatever_it_covers_later():
    async with watching(Script(), endpoint("a", group="shop"), endpoint("b")) as running:
        engine = running.engine
        made = engine.silence_selection(["group:shop"], None, by="ann", note="moving\x1b")
        assert (made.note, engine.tracker.silences) == ("moving␛", {made.id: made})
        running.reload(endpoint("a"), endpoint("b"), endpoint("c", group="shop"))
        covered = {name: running.row(name).silenced for name in "abc"}
        assert covered == {"a": None, "b": None, "c": made}
        assert engine.end_silence(made.id, "bob")
        assert not engine.end_silence(made.id)
        assert running.row("c").silenced is None
        assert running.events[-1] == "c: no longer silenced by bob"


@virtual
@pytest.mark.parametrize("term", ["web [1]", "name:WEB [1]", "id:w*"])
async def test_an_endpoint_that_is_silenced_by_its_name_stays_so_under_another(term: str):
    async with watching(Script(), endpoint("web [1]", id="w"), endpoint("b")) as running:
        made = running.engine.silence_selection([term], None)
        running.reload(endpoint("shop", id="w"), endpoint("b"))
        assert running.row("shop").silenced == made
        assert running.row("b").silenced is None


@virtual
async def test_of_several_silences_the_one_that_ends_last_is_shown():
    async with watching(Script(), endpoint("a")) as running:
        engine, now = running.engine, running.engine.clock()
        long = engine.silence_selection(["a"], now + 100)
        engine.silence_selection(["*"], now + 50)
        assert running.row("a").silenced == long
        engine.end_silence(long.id)
        assert _until(running) == now + 50
        assert engine.unsilence([0]) == 1
        assert running.row("a").silenced is None


@virtual
async def test_a_wrong_selection_silences_nothing():
    async with watching(Script(), endpoint("a")) as running:
        with pytest.raises(UsageError):
            running.engine.silence_selection(["grup:shop"], None)
        assert running.engine.tracker.silences == {}
        assert running.events == []
