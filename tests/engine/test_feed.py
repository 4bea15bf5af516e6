"""What one dashboard has not been told yet."""

import asyncio
from dataclasses import replace

from virtual import Script, clock, config, endpoint, until, virtual

from monitor import __version__
from monitor.config import diff
from monitor.engine import Engine
from monitor.engine import incidents as incident_tracker
from monitor.engine.feed import AT_ONCE
from monitor.model import Config, DashboardSettings, Problem, State


def running(script: Script, *names: str) -> Engine:
    engine = Engine(config(*map(endpoint, names)), clock=clock, run_probe=script)
    engine.start()
    return engine


def reload(engine: Engine, new: Config) -> None:
    engine.apply(new, diff(engine.config, new))


PROBLEM = Problem("m.toml", 3, "timeout", "is bad")


@virtual
async def test_a_snapshot_is_the_whole_picture_in_config_order():
    engine = running(Script(b="d"), "b", "a")
    await until(60)
    engine.set_problems([PROBLEM])
    told = engine.feed(3).snapshot()
    assert [info.name for info in told.infos] == ["b", "a"]
    assert [row.handle for row in told.statuses] == [info.handle for info in told.infos]
    assert [row.state for row in told.statuses] == [State.DOWN, State.UP]
    assert [row.outcomes for row in told.statuses] == ["ddd", "uuu"]
    assert (told.version, told.title, told.now) == (__version__, "test", clock())
    assert told.started_at == clock() - 60
    assert told.problems == (PROBLEM,)
    assert "down: connection refused" in [event.text for event in told.events]
    await engine.stop()


@virtual
async def test_nothing_new_is_nothing_told():
    engine = running(Script(), "a")
    feed = engine.feed(10)
    feed.snapshot()
    told = feed.changes()
    assert (told.statuses, told.infos, told.order, told.events, told.problems) == ((), (), None, (), None)
    await engine.stop()


@virtual
async def test_how_dashboards_are_to_look_is_told_first_and_whenever_it_changes():
    engine = running(Script(), "a")
    feed = engine.feed(10)
    assert feed.snapshot().dashboard == DashboardSettings()
    light = DashboardSettings(theme="light", keys={"freeze": ("F",)})
    reload(engine, replace(engine.config, dashboard=light))
    assert feed.changes().dashboard == light
    assert feed.changes().dashboard is None
    assert engine.feed(10).snapshot().dashboard == light
    assert "config reloaded: dashboard" in [event.text for event in feed.snapshot().events]
    await engine.stop()


@virtual
async def test_each_sample_is_told_once():
    engine = running(Script(a="udg"), "a")
    feed = engine.feed(10)
    feed.snapshot()
    outcomes = ""
    for _ in range(10):
        await asyncio.sleep(3)
        outcomes += "".join(row.outcomes for row in feed.changes().statuses)
    (row,) = feed.snapshot().statuses
    assert outcomes.startswith("udgg")
    assert row.outcomes == outcomes
    assert row.total == len(outcomes)
    await engine.stop()


@virtual
async def test_who_was_away_long_gets_the_newest_samples_and_sees_the_gap():
    engine = running(Script(), "a")
    feed = engine.feed(5)
    feed.snapshot()
    await until(600)
    (row,) = feed.changes().statuses
    assert row.outcomes == "u" * 5
    assert row.total in (60, 61)
    await engine.stop()


@virtual
async def test_only_what_changed_is_reported():
    engine = running(Script(), "a", "b")
    await until(0.001)
    feed = engine.feed(5)
    feed.snapshot()
    engine.pause([0])
    told = feed.changes()
    assert [(row.handle, row.state) for row in told.statuses] == [(0, State.PAUSED)]
    assert [(event.handle, event.text) for event in told.events] == [(0, "paused")]
    await engine.stop()


@virtual
async def test_a_reload_tells_who_came_who_went_and_the_order():
    engine = running(Script(), "a", "b")
    feed = engine.feed(5)
    feed.snapshot()
    await until(20)
    feed.changes()
    reload(engine, config(*map(endpoint, ("c", "b"))))
    told = feed.changes()
    assert told.order == (2, 1)
    assert {info.name for info in told.infos} == {"b", "c"}
    assert [event.text for event in told.events] == ["config reloaded: +1 -1"]
    assert feed.changes().order is None
    await engine.stop()


@virtual
async def test_what_has_gone_is_not_told_of():
    engine = running(Script(), "a", "b")
    feed = engine.feed(5)
    feed.snapshot()
    engine.pause([0])
    reload(engine, config(endpoint("b")))
    assert [row.handle for row in feed.changes().statuses] == [1]
    await engine.stop()


@virtual
async def test_who_does_not_ask_costs_nothing_for_what_came_and_went():
    engine = running(Script(), "a")
    feed = engine.feed(5)
    feed.snapshot()
    for number in range(20):
        reload(engine, config(endpoint("a"), endpoint(f"brief {number}")))
    assert (len(feed._statuses), len(feed._infos)) == (2, 2)
    assert [info.name for info in feed.changes().infos] == ["a", "brief 19"]
    await engine.stop()


@virtual
async def test_problems_are_told_when_they_come_and_when_they_go():
    engine = running(Script(), "a")
    feed = engine.feed(5)
    feed.snapshot()
    engine.set_problems([PROBLEM])
    assert feed.changes().problems == (PROBLEM,)
    assert feed.changes().problems is None
    engine.set_problems([])
    assert feed.changes().problems == ()
    await engine.stop()


@virtual
async def test_feeds_do_not_take_from_each_other():
    engine = running(Script(), "a")
    one, other = engine.feed(50), engine.feed(50)
    one.snapshot()
    other.snapshot()
    await until(50)
    first, second = one.changes(), other.changes()
    assert first.statuses == second.statuses
    assert first.statuses[0].total > 3
    await engine.stop()


@virtual
async def test_a_forgotten_feed_is_told_nothing_any_more():
    engine = running(Script(), "a")
    feed = engine.feed(50)
    feed.snapshot()
    engine.forget(feed)
    engine.forget(feed)
    await until(50)
    assert feed.changes().statuses == ()
    await engine.stop()


# ---- more than one answer holds


def many(count: int) -> list[str]:
    return [f"endpoint {number}" for number in range(count)]


@virtual
async def test_of_many_endpoints_the_picture_comes_in_parts_and_in_order():
    names = many(2 * AT_ONCE + 3)
    engine = running(Script(), *names)
    feed = engine.feed(5)
    news = feed.snapshot()
    parts = [news]
    while news.more:
        news = feed.changes()
        parts.append(news)
    assert [len(part.statuses) for part in parts] == [AT_ONCE, AT_ONCE, 3]
    assert [info.name for part in parts for info in part.infos] == names
    assert feed.changes().statuses == ()
    await engine.stop()


@virtual
async def test_the_order_is_told_once_every_card_has_been():
    engine = running(Script(), "last")
    feed = engine.feed(5)
    feed.snapshot()
    reload(engine, config(*map(endpoint, [*many(AT_ONCE + 1), "last"])))
    first, second = feed.changes(), feed.changes()
    assert (first.more, first.order) == (True, None)
    assert (second.more, second.order) == (False, tuple(engine.endpoints))
    assert len(first.infos) + len(second.infos) == AT_ONCE + 2
    await engine.stop()


# ---- incidents


@virtual
async def test_incidents_are_told_when_they_open_and_whenever_they_are_altered():
    engine = running(Script(a="ddd" + "u", b="d" * 5 + "u"), "a", "b")
    feed = engine.feed(5)
    assert feed.snapshot().incidents == ()
    await until(12)
    first = {one.name: one for one in feed.changes().incidents}
    assert set(first) == {"a", "b"}
    assert feed.changes().incidents == ()
    engine.acknowledge([1], "ann")
    (marked,) = feed.changes().incidents
    assert marked.id == first["b"].id
    assert marked.acknowledged
    await until(120)
    assert {one.ended is None for one in feed.changes().incidents} == {False}
    assert [one.name for one in engine.feed(5).snapshot().incidents] == ["a", "b"]
    await engine.stop()


@virtual
async def test_an_incident_that_is_forgotten_before_its_end_was_told_is_told_to_be(monkeypatch):
    monkeypatch.setattr(incident_tracker, "KEPT", 1)
    engine = running(Script(a="d" * 6 + "u", b="d" * 9 + "u"), "a", "b")
    feed = engine.feed(5)
    feed.snapshot()
    await until(15)
    first = {one.name: one.id for one in feed.changes().incidents if one.ended is None}
    assert set(first) == {"a", "b"}
    await until(150)
    told = feed.changes()
    assert told.forgotten == (first["a"],)
    assert [(one.name, one.ended is None) for one in told.incidents] == [("b", False)]
    assert feed.changes().forgotten == ()
    await engine.stop()


@virtual
async def test_who_does_not_ask_is_not_told_of_what_came_and_was_forgotten(monkeypatch):
    monkeypatch.setattr(incident_tracker, "KEPT", 2)
    engine = running(Script(a="ddduu" * 50), "a")
    feed = engine.feed(5)
    feed.snapshot()
    await until(600)
    assert len(engine.incidents) == 2
    told = feed.changes()
    assert len(told.incidents) <= 3
    assert (told.forgotten, told.more) == ((), False)
    await engine.stop()


@virtual
async def test_many_incidents_come_in_parts():
    names = many(AT_ONCE + 1)
    engine = running(Script(**dict.fromkeys(names, "d")), *names)
    await until(100)
    feed = engine.feed(5)
    first, second = feed.snapshot(), feed.changes()
    assert [len(part.incidents) for part in (first, second)] == [AT_ONCE, 1]
    assert (first.more, second.more) == (True, False)
    await engine.stop()
