"""The engine over virtual hours: what operators and new configs have it do."""

from __future__ import annotations

from itertools import pairwise

from virtual import BEGINNING, Script, endpoint, loop, until, virtual, watching

from monitor.engine.schedule import share
from monitor.model import Problem, State

# ── commands ────────────────────────────────────────────────────────────────────────────────────


@virtual
async def test_a_paused_endpoint_is_not_checked_until_resumed():
    async with watching(Script(takes=0.1), endpoint("a"), endpoint("b")) as running:
        await until(30)
        assert running.engine.pause([0]) == 1
        assert running.engine.pause([0, 99]) == 0
        assert running.row("a").next_due is None
        checked = len(running.starts("a"))
        await until(300)
        assert len(running.starts("a")) == checked
        assert running.state("a") is State.PAUSED
        assert running.engine.resume([0, 1]) == 1
        await until(300.2)
        assert running.state("a") is State.UP
        assert len(running.starts("a")) == checked + 1
        await until(350)
        assert len(running.starts("a")) in (checked + 5, checked + 6)
        assert running.events == ["a: paused", "a: resumed"]


@virtual
async def test_pausing_lets_go_of_a_check_in_flight():
    async with watching(Script(takes=4.0), endpoint("a")) as running:
        await until(10 * share("a") + 1)
        running.engine.pause([0])
        await until(60)
        assert running.script.cancelled == ["a"]
        assert running.row("a").total == 0
        assert running.engine.stats().in_flight == 0


@virtual
async def test_who_is_paused_and_resumed_while_waiting_waits_once():
    async with watching(Script(a="h"), endpoint("a"), endpoint("b"), max_concurrency=1) as running:
        engine, a, b = running.engine, running.handle("a"), running.handle("b")
        engine.check_now([a])
        for _ in range(50):
            engine.check_now([b])
            engine.pause([b])
            engine.resume([b])
        engine.check_now([b])
        assert engine.stats().queued == 1
        await until(8)
        assert running.starts("b") == [5.0]


@virtual
async def test_what_is_checked_out_of_turn_can_be_looked_at_meanwhile():
    async with watching(Script(takes=4.0), endpoint("a", interval=60.0)) as running:
        await until(150)
        feed = running.engine.feed(9)
        feed.snapshot()
        assert running.engine.detail(0, 0.0).in_progress is None
        running.engine.check_now([0])
        assert [row.handle for row in feed.changes().statuses] == [0]
        await until(151)
        assert running.engine.detail(0, 0.0).in_progress is not None
        await until(155)
        assert running.engine.detail(0, 0.0).in_progress is None


@virtual
async def test_check_now_is_at_once_and_does_not_disturb_the_grid():
    async with watching(Script(), endpoint("a", interval=60.0)) as running:
        await until(150)
        before = running.starts("a")
        assert running.engine.check_now([0, 99]) == 1
        await until(150.01)
        assert running.starts("a") == [*before, 150.0]
        await until(400)
        slots = running.starts("a")
        planned = [moment for moment in slots[1:] if moment != 150.0]
        assert {round(later - earlier, 3) for earlier, later in pairwise(planned)} == {60.0}
        assert len(planned) == 7


@virtual
async def test_check_now_joins_the_check_that_runs():
    async with watching(Script(takes=4.0), endpoint("a")) as running:
        await until(10 * share("a") + 1)
        assert running.engine.check_now([0]) == 1
        assert running.engine.check_now([0]) == 1
        await until(10 * share("a") + 4.5)
        assert len(running.starts("a")) == 1


@virtual
async def test_check_now_checks_a_paused_one_once():
    async with watching(Script(a="d"), endpoint("a", enabled=False)) as running:
        await until(100)
        assert running.starts("a") == []
        running.engine.check_now([0])
        await until(200)
        assert running.starts("a") == [100.0]
        row = running.row("a")
        assert (row.state, row.outcomes) == (State.PAUSED, "d")
        assert running.engine.resume([0]) == 0


# ── reload ──────────────────────────────────────────────────────────────────────────────────────


@virtual
async def test_a_reload_leaves_the_untouched_alone():
    script = Script(takes=1.0, a="d")
    async with watching(script, endpoint("a"), endpoint("b")) as running:
        await until(45)
        handle, before, due = running.handle("a"), running.row("a"), running.row("a").next_due
        running.reload(endpoint("c"), endpoint("a"), endpoint("b"))
        assert running.handle("a") == handle
        after = running.row("a")
        assert (after.state, after.since, after.total) == (State.DOWN, before.since, before.total)
        assert after.next_due == due
        assert [one.endpoint.name for one in running.engine.endpoints.values()] == ["c", "a", "b"]
        await until(300)
        _, *slots = running.starts("b")
        assert {round(later - earlier, 3) for earlier, later in pairwise(slots)} == {10.0}
        assert script.cancelled == []
        assert running.events[-1] == "config reloaded: +1"


@virtual
async def test_a_check_of_an_untouched_endpoint_goes_on_through_a_reload():
    async with watching(Script(takes=4.0), endpoint("a")) as running:
        await until(10 * share("a") + 1)
        running.reload(endpoint("a"), endpoint("b"))
        await until(10 * share("a") + 4.5)
        assert running.row("a").total == 1


@virtual
async def test_a_changed_endpoint_has_the_new_probe_and_its_history():
    async with watching(Script(a="d"), endpoint("a")) as running:
        await until(45)
        before = running.row("a")
        assert before.state is State.DOWN
        running.reload(endpoint("a", version=2))
        assert running.state("a") is State.PENDING
        await until(46)
        after = running.row("a")
        assert running.script.versions["a"][-1] == 2
        assert after.total == before.total + 1
        assert after.handle == before.handle
        assert running.events[-1] == "config reloaded: ~1"


@virtual
async def test_a_changed_interval_is_in_force_at_once():
    async with watching(Script(), endpoint("a", interval=600.0)) as running:
        await until(45)
        running.reload(endpoint("a", interval=5.0))
        await until(70)
        assert len([moment for moment in running.starts("a") if moment > 45]) >= 5


@virtual
async def test_the_running_check_of_a_changed_endpoint_is_dropped():
    async with watching(Script(takes=4.0), endpoint("a")) as running:
        await until(10 * share("a") + 1)
        running.reload(endpoint("a", version=2))
        await until(10 * share("a") + 4.5)
        assert running.script.cancelled == ["a"]
        assert running.script.versions["a"] == [0, 2]
        assert running.row("a").total == 0


@virtual
async def test_a_removed_endpoint_is_gone_with_its_running_check():
    async with watching(Script(takes=4.0, b="H"), endpoint("a"), endpoint("b"), endpoint("c")) as running:
        await until(10 * max(share("a"), share("b")) + 0.5)
        running.reload(endpoint("c"))
        await until(200)
        assert [one.endpoint.name for one in running.engine.endpoints.values()] == ["c"]
        assert len(running.starts("a")) <= 1
        assert running.engine.stats().in_flight <= 1
        assert running.engine.check_now([0]) == 0
        assert running.state("c") is State.UP


@virtual
async def test_an_endpoint_that_comes_back_is_a_new_one():
    async with watching(Script(), endpoint("a"), endpoint("b")) as running:
        await until(45)
        running.reload(endpoint("b"))
        running.reload(endpoint("a"), endpoint("b"))
        assert running.handle("a") == 2
        assert running.row("a").total == 0


@virtual
async def test_a_disabled_endpoint_is_paused_and_an_enabled_one_is_checked():
    async with watching(Script(), endpoint("a"), endpoint("b", enabled=False)) as running:
        await until(45)
        assert running.starts("b") == []
        assert running.row("b").message == "disabled in the config"
        running.reload(endpoint("a", enabled=False), endpoint("b"))
        checked = len(running.starts("a"))
        await until(100)
        assert len(running.starts("a")) == checked
        assert running.state("a") is State.PAUSED
        assert running.state("b") is State.UP


@virtual
async def test_a_pause_outlives_a_reload():
    async with watching(Script(), endpoint("a"), endpoint("b")) as running:
        await until(45)
        running.engine.pause([0, 1])
        running.reload(endpoint("a"), endpoint("b", interval=5.0))
        await until(100)
        assert {running.state("a"), running.state("b")} == {State.PAUSED}


@virtual
async def test_new_dependencies_are_in_force():
    async with watching(Script(gateway="d", shop="d"), endpoint("gateway"), endpoint("shop")) as running:
        await until(45)
        assert running.state("shop") is State.DOWN
        running.reload(endpoint("gateway"), endpoint("shop", depends_on=("gateway",)))
        assert running.state("shop") is State.UNREACHABLE
        running.reload(endpoint("gateway"), endpoint("shop"))
        assert running.state("shop") is State.DOWN


@virtual
async def test_many_new_endpoints_do_not_all_begin_at_once():
    async with watching(Script(), endpoint("a")) as running:
        await until(45)
        names = [f"endpoint {number}" for number in range(500)]
        running.reload(endpoint("a"), *map(endpoint, names))
        await until(60)
        first = sorted(running.script.started[name][0] for name in names)
        assert first[-1] - first[0] > 4.5
        assert first[-1] <= 50.0


@virtual
async def test_problems_are_told_once_and_end_with_a_good_config():
    async with watching(Script(), endpoint("a")) as running:
        problem = Problem("m.toml", 3, "timeout", "is bad")
        running.engine.set_problems([problem, problem])
        running.engine.set_problems([problem, problem])
        assert running.engine.problems == (problem, problem)
        running.reload(endpoint("a"))
        assert running.engine.problems == ()
        assert running.events == [
            "the config has problems; the old one stays in force: m.toml:3: timeout: is bad (and 1 more)",
            "config reloaded: no change",
        ]


@virtual
async def test_secrets_of_an_old_config_stay_masked_after_a_reload():
    redact = _Redact()
    async with watching(Script(a="d"), endpoint("a"), redact=redact) as running:
        await until(45)
        assert running.row("a").message == "connection •••"
        running.reload(endpoint("a"))
        assert running.row("a").message == "connection •••"


class _Redact:
    def __call__(self, text: str) -> str:
        return text.replace("refused", "•••")


@virtual
async def test_a_stopped_engine_checks_nothing():
    async with watching(Script(takes=1.0), endpoint("a")) as running:
        await until(45)
    checked = len(running.starts("a"))
    await until(300)
    assert len(running.starts("a")) == checked
    assert loop().time() == BEGINNING + 300
