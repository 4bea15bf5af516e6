"""The scripted worlds under our rules: exactly the messages that an operator wants, or a known difference."""

from __future__ import annotations

from functools import cache

import pytest
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

WORLDS = {world.name: world for world in worlds(month=50)}
DRIFT, DEPLOY, FLAPPING = "slow drift, then no answers", "rolling deploy, 20 s each", "flapping service"
WANTED = [name for name in WORLDS if name not in {DRIFT, DEPLOY, FLAPPING}]


@cache
def lived(name: str, restarted: bool) -> Course:
    world = WORLDS[name]
    return run_ours(world, world.restarts if restarted else ())


def told(course: Course) -> list[tuple[str, str]]:
    return [about(message) for message in course.messages]


def latest_first_message(world: World) -> float:
    one = world.endpoints[0]
    return one.interval + (one.down_after - 1) * one.retry_interval + 1


@pytest.mark.parametrize("restarted", [False, True], ids=["no restart", "restarts in the middle"])
@pytest.mark.parametrize("name", WANTED)
def test_a_world_has_exactly_the_wanted_messages(name: str, restarted: bool):
    assert told(lived(name, restarted)) == list(WORLDS[name].wanted)


@pytest.mark.parametrize("restarted", [False, True], ids=["no restart", "restarts in the middle"])
@pytest.mark.parametrize("name", [name for name in WORLDS if name != DEPLOY])
def test_no_alarm_is_false_and_no_outage_is_missed_or_late(name: str, restarted: bool):
    world = WORLDS[name]
    found = score(world, notices(world, lived(name, restarted).messages))
    assert (found.false_alarms, found.missed) == (0, 0)
    assert found.first_s is not None
    assert found.first_s <= latest_first_message(world)


@pytest.mark.parametrize("name", [name for name in WORLDS if name.startswith("dead switch")])
def test_five_hundred_endpoints_behind_a_switch_are_two_messages(name: str):
    assert len(WORLDS[name].endpoints) > 500
    assert len(lived(name, False).messages) == 2


@pytest.mark.parametrize("name", WORLDS)
def test_restarts_change_no_message(name: str):
    assert told(lived(name, True)) == told(lived(name, False))


# ---- known differences: these messages are more than an operator wants


def test_flapping_is_recognized_after_two_and_a_half_rounds():
    down, up = ("down", "shop"), ("up", "shop")
    flapping = [("flapping", "shop began"), ("flapping", "shop ended")]
    assert told(lived(FLAPPING, False)) == [down, up, down, up, down, *flapping]


def test_a_latency_that_wavers_around_its_limit_is_reported_again_and_again():
    messages = told(lived(DRIFT, False))
    assert messages[-2:] == [("down", "shop"), ("up", "shop")]
    assert messages[:-2] == [("degraded", "shop")] * 15


def test_a_restart_that_lasts_longer_than_the_confirmation_is_an_outage():
    world = WORLDS[DEPLOY]
    course = lived(DEPLOY, False)
    assert score(world, notices(world, course.messages)).false_alarms == 12
    assert ("down", "web-17") in told(course)


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


def test_the_others_check_the_same_month():
    world = quiet_month(50)
    assert score(world, run_uptime_kuma(world)).missed == 0
    assert score(world, run_gatus(world)).missed == 0
