"""All alerts together, as a state machine: whatever happens, nothing is told twice or left out."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simulation import EPOCH, Simulation, alert, endpoint, said

from monitor.config import diff
from monitor.judge.alerting.alerting import Alerting, AlertingState
from monitor.judge.alerting.subject import Subject
from monitor.model import (
    Acknowledgement,
    Alert,
    Config,
    Ending,
    Incident,
    Kind,
    Message,
    Slowdown,
    State,
)
from monitor.model.events import IncidentOpened, SlowdownChanged, StateChanged

NAMES = ("a", "b", "c")
SPANS = st.lists(
    st.tuples(st.sampled_from(NAMES), st.integers(0, 3000), st.integers(20, 1500), st.sampled_from("ddgi")),
    max_size=6,
)


def _world(spans):
    def world(id: str, at: float) -> str:
        return next(
            (letter for name, start, length, letter in spans if name == id and start <= at < start + length),
            "u",
        )

    return world


def _told(messages: list[Message]) -> list[tuple[str, str, str]]:
    """Each thing that was said of each incident."""
    kinds = (Kind.DOWN, Kind.UP)
    return [
        (entry.incident, entry.kind, one.alert)
        for one in messages
        for entry in one.entries
        if entry.kind in kinds
    ]


@settings(max_examples=60, deadline=None)
@given(SPANS, st.lists(st.integers(1, 6000), max_size=12))
def test_a_kill_at_any_moment_neither_loses_nor_doubles_anything(spans, restarts) -> None:
    endpoints = [endpoint(name, interval=20.0) for name in NAMES]
    rules = [alert("now", digest=0.0), alert("together"), alert("late", after=300.0)]
    calm = Simulation(endpoints, rules, _world(spans))
    killed = Simulation(endpoints, rules, _world(spans), restarts=restarts)
    calm.run(7000), killed.run(7000)
    told = _told(killed.messages)
    assert len(told) == len(set(told))
    assert sorted(told) == sorted(_told(calm.messages))
    assert len({one.id for one in killed.messages}) == len(killed.messages)


@settings(max_examples=60, deadline=None)
@given(SPANS)
def test_every_outage_is_told_once_and_its_end_after_it(spans) -> None:
    endpoints = [endpoint(name, interval=20.0) for name in NAMES]
    sim = Simulation(endpoints, [alert(on=frozenset({"down", "up"}))], _world(spans))
    told = _told(sim.run(9000))
    incidents = list(sim.tracker.incidents.known.values())
    downs = [id for id, kind, _ in told if kind is Kind.DOWN]
    ups = [id for id, kind, _ in told if kind is Kind.UP]
    assert len(set(downs)) == len(downs)
    assert set(ups) <= set(downs)
    assert {one.id for one in incidents if one.ended is None} <= set(downs)
    for id in ups:
        kinds = [kind for one, kind, _ in told if one == id]
        assert kinds == [Kind.DOWN, Kind.UP]


def test_a_message_names_the_common_cause_of_failures_and_none_of_recoveries() -> None:
    endpoints = [endpoint("a", host="x"), endpoint("b", host="x"), endpoint("c")]
    sim = Simulation(
        endpoints, [alert(digest=60.0)], lambda name, at: "d" if name != "c" and 100 < at < 400 else "u"
    )
    found = [
        ({str(entry.kind) for entry in one.entries}, one.cause and one.cause.value) for one in sim.run(900)
    ]
    assert found == [({"down"}, "x"), ({"up"}, None)]


def test_the_state_is_a_value_that_can_be_saved() -> None:
    sim = Simulation([endpoint("a")], [alert()], lambda _, at: "d" if at > 100 else "u")
    sim.run(300)
    state = sim.alerting.save()
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=AlertingState) == state


def test_a_new_config_keeps_what_was_told_and_forgets_what_is_gone() -> None:
    endpoints = [endpoint("a"), endpoint("b")]
    sim = Simulation(endpoints, [alert("x"), alert("y")], lambda _, at: "d" if 100 < at < 2000 else "u")
    sim.run(500)
    new = Config(endpoints=(endpoints[0],), alerts=(alert("x"), alert("z")))
    sim.alerting.use(new, EPOCH + 501)
    sim._hear(sim.tracker.apply(new, diff(sim.config, new), EPOCH + 501))
    before = len(sim.messages)
    sim.endpoints = endpoints[:1]
    sim.handles = {one.id: handle for handle, one in sim.tracker.endpoints.items()}
    messages = sim.run(3000)[before:]
    assert {(one.alert, one.kind) for one in messages if one.alert == "x"} == {("x", Kind.UP)}
    assert all(entry.endpoint == "a" for one in messages for entry in one.entries)


@pytest.mark.parametrize(
    ("rules", "kinds"),
    [
        (alert("x"), []),
        (alert("x", remind=300.0), ["reminder"]),
        (alert("new"), ["down"]),
        (alert("new", after=500.0), ["down"]),
        (alert("new", after=5000.0), []),
    ],
    ids=["as before", "with reminders", "another", "an escalation that is due", "one that is not"],
)
def test_a_new_config_applies_to_what_is_down_already(rules: Alert, kinds: list[str]) -> None:
    sim = Simulation([endpoint("a")], [alert("x")], lambda _, __: "d")
    sim.run(600)
    sim.alerting.use(replace(sim.config, alerts=(rules,)), EPOCH + 601)
    sent = sim.alerting.tick(EPOCH + 612)
    assert [str(one.kind) for one in sent] == kinds


@pytest.mark.parametrize("seed", range(3))
def test_a_month_of_noise_has_no_message_without_an_incident(seed: int) -> None:
    chance = random.Random(seed)
    blips = {name: {chance.randrange(86400) for _ in range(40)} for name in NAMES}

    def world(id: str, at: float) -> str:
        return "d" if int(at) in blips[id] else "u"

    assert said(Simulation([endpoint(name) for name in NAMES], [alert()], world).run(86400)) == []


def test_an_alert_without_endpoints_never_has_anything_to_do() -> None:
    alerting = Alerting(Config(endpoints=(endpoint("a"),), alerts=(alert(select=("nothing",)),)))
    assert alerting.due() == float("inf")
    assert alerting.tick(EPOCH) == []


def _slower(at: float, before: Slowdown | None, after: Slowdown | None) -> SlowdownChanged:
    return SlowdownChanged(at=EPOCH + at, endpoint="a", before=before, after=after, state=State.UP)


def test_a_slower_phase_is_one_message_and_its_end_another_for_those_who_ask() -> None:
    config = Config(
        endpoints=(endpoint("a"),),
        alerts=(alert("usual", digest=0.0), alert("curious", digest=0.0, on=frozenset({"slower"}))),
    )
    small = Slowdown(phase="tls", since=EPOCH + 100, ms=68.0, usual_ms=17.0)
    large = msgspec.structs.replace(small, ms=170.0)
    up = StateChanged(at=EPOCH, endpoint="a", before=State.PENDING, after=State.UP)
    alerting = Alerting(config)
    messages = alerting.accept([up])
    messages += alerting.accept([_slower(900, None, small)])
    kept = msgspec.msgpack.decode(msgspec.msgpack.encode(alerting.save()), type=AlertingState)
    alerting = Alerting(config, kept)
    alerting.resume([Subject(id="a", state=State.UP, slower=small)], (), (), EPOCH + 950)
    messages += alerting.tick(EPOCH + 950)
    messages += alerting.accept([_slower(1800, small, large)])
    messages += alerting.accept([_slower(2700, large, None)])
    assert [(one.alert, one.kind, one.at - EPOCH) for one in messages] == [
        ("curious", Kind.SLOWER, 900.0),
        ("curious", Kind.SLOWER, 2700.0),
    ]
    assert len({one.id for one in messages}) == 2


def test_the_end_of_a_slowness_is_reported_after_a_restart_in_which_it_ended() -> None:
    config = Config(endpoints=(endpoint("a"),), alerts=(alert(digest=0.0, on=frozenset({"slower"})),))
    mark = Slowdown(phase="tls", since=EPOCH + 100, ms=68.0, usual_ms=17.0)
    alerting = Alerting(config)
    up = StateChanged(at=EPOCH, endpoint="a", before=State.PENDING, after=State.UP)
    assert len(alerting.accept([up, _slower(900, None, mark)])) == 1
    again = Alerting(config, alerting.save())
    again.resume([Subject(id="a", state=State.UP)], (), (), EPOCH + 950)
    (ended,) = again.tick(EPOCH + 950)
    assert (ended.kind, ended.entries[0].text) == (Kind.SLOWER, "ended")


def _over(began: float, ended: float, **more: Any) -> Incident:
    return Incident(
        id=f"i-{began:.0f}",
        endpoint="a",
        handle=0,
        name="a",
        began=EPOCH + began,
        ended=EPOCH + ended,
        ending=Ending.RECOVERED,
        **more,
    )


NOTED = Acknowledgement(at=EPOCH, by="ann", note="")


@pytest.mark.parametrize(
    ("over", "reported"),
    [
        pytest.param(_over(130, 200), True, id="it began after the last decision"),
        pytest.param(_over(95, 200), True, id="the kill came before its digest was sent"),
        pytest.param(_over(130, 135), False, id="it was over before a digest"),
        pytest.param(_over(40, 90), False, id="it was decided about"),
        pytest.param(_over(130, 200, acknowledged=NOTED), False, id="somebody acknowledged it"),
    ],
)
def test_an_outage_that_ended_over_a_kill_is_reported_with_its_end(over: Incident, reported: bool) -> None:
    config = Config(endpoints=(endpoint("a"),), alerts=(alert(),))
    alerting = Alerting(config)
    alerting.accept([StateChanged(at=EPOCH, endpoint="a", before=State.PENDING, after=State.UP)])
    alerting.tick(EPOCH + 100)
    again = Alerting(config, alerting.save())
    again.resume([Subject(id="a", state=State.UP, since=over.ended)], (), [over], EPOCH + 205)
    messages = again.tick(EPOCH + 230)
    assert [(one.kind, one.entries[0].incident) for one in messages] == [(Kind.UP, over.id)] * reported


def test_an_outage_in_which_the_next_began_over_a_kill_is_over_first() -> None:
    first, second = _over(30, 80), msgspec.structs.replace(_over(95, 0), ended=None, ending=None)
    config = Config(endpoints=(endpoint("a"),), alerts=(alert(digest=0.0),))
    alerting = Alerting(config)
    opened = msgspec.structs.replace(first, ended=None, ending=None)
    fell = StateChanged(at=EPOCH + 50, endpoint="a", before=State.UP, after=State.DOWN)
    assert [one.kind for one in alerting.accept([fell, IncidentOpened(at=EPOCH + 50, incident=opened)])] == [
        Kind.DOWN
    ]
    again = Alerting(config, alerting.save())
    down = Subject(id="a", state=State.DOWN, since=EPOCH + 100, opened=EPOCH + 100, incident=second)
    again.resume([down], (), [first], EPOCH + 110)
    messages = again.tick(EPOCH + 110) + again.tick(EPOCH + 111)
    assert [(one.kind, one.entries[0].incident) for one in messages] == [
        (Kind.UP, first.id),
        (Kind.DOWN, second.id),
    ]


def test_messages_do_not_wait_for_a_clock_that_was_set_back() -> None:
    sim = Simulation([endpoint("a"), endpoint("b")], [alert(digest=60.0)], lambda _, __: "d")
    sim.run(30)
    assert sim.messages == []
    sim.alerting.catch_up(EPOCH - 86400)
    assert [entry.kind for one in sim.alerting.tick(EPOCH - 86400) for entry in one.entries] == [
        Kind.DOWN
    ] * 2
