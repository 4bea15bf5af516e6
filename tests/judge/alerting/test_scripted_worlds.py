"""The scripted worlds under our rules: exactly the messages that an operator wants."""

from __future__ import annotations

from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from other_tools import (
    DOWN,
    MAINTENANCE,
    UP,
    gatus,
    gatus_is_under_maintenance,
    run_gatus,
    run_uptime_kuma,
    uptime_kuma,
)
from worlds import (
    DAY,
    Course,
    Notice,
    World,
    about,
    is_settled,
    notices,
    quiet_month,
    run_ours,
    score,
    worlds,
)

from monitor.judge.health import Policy, advance
from monitor.model import Status

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[3]
WORLDS = {world.name: world for world in worlds(month=50)}
LARGE = 100
"""Endpoints of a world that takes a second: there, all restarts happen in one run."""
RESTARTS = [
    (name, at)
    for name, world in WORLDS.items()
    for at in ((), *((one,) for one in world.restarts if len(world.endpoints) < LARGE))
]
"""Each world without a restart, and with one at each of its moments."""


@cache
def lived(name: str, restarts: tuple[float, ...] = ()) -> Course:
    return run_ours(WORLDS[name], restarts)


def sent(course: Course) -> list[tuple[str, str]]:
    return [about(message) for message in course.messages]


def latest_first_message(world: World) -> float:
    one = world.endpoints[0]
    return one.interval + (one.down_after - 1) * one.retry_interval + 1


@pytest.mark.parametrize(("name", "restarts"), RESTARTS)
def test_a_world_has_exactly_the_wanted_messages(name: str, restarts: tuple[float, ...]):
    assert sent(lived(name, restarts)) == list(WORLDS[name].wanted)


@pytest.mark.parametrize(("name", "restarts"), RESTARTS)
def test_no_alarm_is_false_and_no_outage_is_missed_or_late(name: str, restarts: tuple[float, ...]):
    world = WORLDS[name]
    found = score(world, notices(world, lived(name, restarts).messages))
    assert (found.false_alarms, found.missed) == (0, 0)
    assert found.first_s is not None
    assert found.first_s <= latest_first_message(world)


@pytest.mark.parametrize("name", [name for name in WORLDS if name != "quiet month, 50 endpoints"])
def test_nothing_is_remembered_once_all_is_well(name: str):
    saved = lived(name).alerting.save()
    assert saved.subjects == []
    assert all(one.tracks == {} for one in saved.schedulers.values())


@pytest.mark.parametrize("name", [name for name in WORLDS if name.startswith("dead switch")])
def test_five_hundred_endpoints_behind_a_switch_are_two_messages(name: str):
    assert len(WORLDS[name].endpoints) > 500
    assert len(lived(name).messages) == 2


@pytest.mark.parametrize("name", WORLDS)
def test_several_restarts_change_no_message(name: str):
    world = WORLDS[name]
    assert sent(lived(name, world.restarts)) == list(world.wanted)


@pytest.mark.parametrize("name", [name for name in WORLDS if not name.startswith("dead switch")])
@settings(max_examples=5, deadline=None)
@given(share=st.floats(0, 1))
def test_a_restart_at_any_moment_changes_no_message(name: str, share: float):
    world = WORLDS[name]
    assert sent(run_ours(world, (share * world.seconds,))) == list(world.wanted)


# ---- the tools of this comparison


def test_a_settled_endpoint_stays_as_it_is():
    course = run_ours(quiet_month(5, 2))
    settled = [one for one in course.tracker.endpoints.values() if is_settled(one)]
    assert settled
    for one in settled:
        assert advance(one.health, Status.UP, Policy(3, 2)) == one.health


def test_leaving_out_uneventful_checks_changes_no_message():
    world = quiet_month(5, 2)
    assert world.seconds > DAY
    all_checks = Course(world.endpoints, world.alerts, world.finds, epoch=world.epoch)
    all_checks.run(world.seconds)
    fewer = run_ours(world)
    assert fewer.messages == all_checks.messages
    assert fewer.checks < all_checks.checks / 50


def test_a_score_counts_what_is_false_missing_and_late():
    world = WORLDS["own uplink down"]
    assert score(world, []).missed == 1
    late = score(
        world, [Notice(400, frozenset({"e1"})), Notice(1600, frozenset({"e7"})), Notice(2110, frozenset())]
    )
    assert (late.false_alarms, late.missed, late.first_s, late.messages) == (1, 0, 100, 3)


def beats(letters: str) -> list[tuple[float, str]]:
    status = {"u": UP, "d": DOWN, "m": MAINTENANCE}
    return [(float(at), status[letter]) for at, letter in enumerate(letters)]


@pytest.mark.parametrize(
    ("letters", "retries", "expected"),
    [
        ("uduu", 0, [(1, DOWN), (2, UP)]),
        ("uddu", 1, [(2, DOWN), (3, UP)]),
        ("uduu", 1, []),
        ("uu", 0, []),
        ("du", 0, [(0, DOWN), (1, UP)]),
        ("ummu", 0, []),
        ("ummd", 0, [(3, DOWN)]),
        ("udmu", 0, [(1, DOWN)]),
    ],
)
def test_uptime_kuma_notifies_of_each_change(letters: str, retries: int, expected: list[tuple[float, str]]):
    assert list(uptime_kuma(beats(letters), retries)) == expected


@pytest.mark.parametrize(
    ("letters", "restarts", "expected"),
    [
        ("uddu", (), []),
        ("udddduuu", (), [(3, DOWN), (6, UP)]),
        ("udddduduu", (), [(3, DOWN), (8, UP)]),
        ("uddmd", (), [(4, DOWN)]),
        ("uddddddd", (4,), [(3, DOWN), (6, DOWN)]),
    ],
)
def test_gatus_counts_failures_and_forgets_them_in_a_restart(
    letters: str, restarts: tuple[float, ...], expected: list[tuple[float, str]]
):
    assert list(gatus(beats(letters), restarts, resolved=True)) == expected
    assert list(gatus(beats(letters), restarts)) == [one for one in expected if one[1] == DOWN]


@pytest.mark.parametrize(("hours", "expected"), [(2.5, False), (3.5, True), (4.5, True), (5.5, False)])
def test_a_window_of_gatus_is_an_hour_late_in_the_night_of_the_spring_change(hours: float, expected: bool):
    midnight = WORLDS["maintenance, clock changes (spring)"].epoch  # 03:00 is two hours later
    assert gatus_is_under_maintenance(midnight + hours * 3600, 3, 7200, "Europe/Berlin") is expected


def bench() -> Any:
    spec = spec_from_file_location("bench_of_worlds", ROOT / "bench" / "worlds.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_published_tables_are_those_of_the_bench():
    published = (ROOT / "docs" / "alerts.md").read_text().splitlines()
    rows = [bench().row(world, 0.0, False) for world in worlds()]
    assert [row for row in rows if row not in published] == []
    readme = [line for line in (ROOT / "README.md").read_text().splitlines() if line.count(" / ") == 9]
    assert len(readme) > 3
    cells = [row.rpartition(" | ")[0].partition(" | ")[2] for row in rows]
    assert [line for line in readme if line.partition(" | ")[2].removesuffix(" |") not in cells] == []


def test_the_others_check_the_same_month():
    world = quiet_month(50)
    assert score(world, run_uptime_kuma(world)).missed == 0
    assert score(world, run_gatus(world)).missed == 0
