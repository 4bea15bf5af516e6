"""Whole worlds in virtual time: the exact messages that an expert operator wants, and no other."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from simulation import EPOCH, Simulation, alert, endpoint, said

from monitor.model import Acknowledgement, Maintenance, Message, Silence

HOUR = 3600.0


def between(*spans: tuple[float, float], letter: str = "d", names: str = ""):
    """A world that is well but for some spans of seconds, for endpoints whose names begin so."""

    def world(id: str, at: float) -> str:
        bad = id.startswith(names) and any(start <= at < end for start, end in spans)
        return letter if bad else "u"

    return world


def times(messages: list[Message]) -> list[float]:
    return [round(one.at - EPOCH, 1) for one in messages]


RESTARTS = [(), tuple(range(13, 7200, 31)), (95.0, 112.5, 131.0)]
"""Moments of kills that must change nothing."""


@pytest.mark.parametrize("restarts", RESTARTS, ids=["no restart", "restarts all the time", "a few restarts"])
class TestWorlds:
    def test_an_outage_is_a_message_and_its_end_another(self, restarts):
        sim = Simulation([endpoint("shop")], [alert()], between((100, 400)), restarts=restarts)
        messages = sim.run(HOUR)
        assert said(messages) == [("down", "shop"), ("up", "shop")]
        # Found at 120 s, confirmed by two more checks 5 s apart; the digest began with the first failure.
        assert times(messages)[0] == 130.0

    def test_a_hiccup_is_no_message(self, restarts):
        sim = Simulation([endpoint("shop")], [alert()], between((100, 128)), restarts=restarts)
        assert said(sim.run(HOUR)) == []

    def test_five_hundred_endpoints_behind_a_dead_switch_are_two_messages(self, restarts):
        endpoints = [endpoint(f"e{number}", host="10.0.0.9") for number in range(500)] + [endpoint("other")]
        sim = Simulation(endpoints, [alert()], between((100, 1000), names="e"), restarts=restarts[:3])
        messages = sim.run(1500)
        assert [(one.kind, len(one.entries)) for one in messages] == [("digest", 500), ("digest", 500)]
        assert messages[0].cause is not None
        assert messages[0].cause.value == "10.0.0.9"
        assert times(messages)[0] <= 100 + 30 + 10 + 1  # interval and confirmation, and a second

    def test_what_depends_on_a_dead_switch_is_not_alerted(self, restarts):
        endpoints = [
            endpoint("switch"),
            *(endpoint(f"e{number}", depends_on=("switch",)) for number in range(50)),
        ]
        sim = Simulation(endpoints, [alert()], between((100, 1000)), restarts=restarts[:3])
        assert said(sim.run(2000)) == [("down", "switch"), ("up", "switch")]

    def test_this_machine_offline_is_no_message(self, restarts):
        endpoints = [endpoint(f"e{number}") for number in range(20)]
        sim = Simulation(endpoints, [alert()], between((100, 1000), letter="i"), restarts=restarts[:3])
        assert said(sim.run(2000)) == []

    def test_a_flapping_service_is_told_twice(self, restarts):
        def world(id: str, at: float) -> str:
            return "d" if 300 <= at < 2400 and int(at / 60) % 2 else "u"

        sim = Simulation(
            [endpoint("shop", down_after=1, up_after=1)], [alert()], world, restarts=restarts[:3]
        )
        kinds = [kind for kind, _ in said(sim.run(2 * HOUR))]
        assert kinds.count("flapping") == 2
        assert kinds[-1] == "flapping"
        assert len(kinds) <= 8

    def test_a_rolling_deploy_is_no_message(self, restarts):
        def world(id: str, at: float) -> str:
            number = int(id[1:])
            return "d" if 300 + number * 20 <= at < 310 + number * 20 else "u"

        endpoints = [endpoint(f"e{number}") for number in range(30)]
        assert said(Simulation(endpoints, [alert()], world, restarts=restarts[:3]).run(HOUR)) == []

    def test_maintenance_is_no_message_until_it_is_over(self, restarts):
        window = Maintenance(name="w", start=EPOCH + 50, duration=1000)
        quiet = Simulation([endpoint("shop")], [alert()], between((100, 900)), [window], restarts=restarts)
        assert said(quiet.run(HOUR)) == []
        late = Simulation([endpoint("shop")], [alert()], between((100, 2000)), [window], restarts=restarts)
        messages = late.run(HOUR)
        assert said(messages) == [("down", "shop"), ("up", "shop")]
        assert 1050 <= times(messages)[0] <= 1052


def test_maintenance_over_a_change_of_the_clock_lasts_as_long_as_it_says() -> None:
    # Berlin, 29 March 2026: 02:30 does not exist, so the window begins at 03:00 and lasts two hours.
    begin = datetime(2026, 3, 29, 0, 0, tzinfo=ZoneInfo("Europe/Berlin")).timestamp()
    window = Maintenance(name="w", cron="30 2 * * *", duration=7200, timezone="Europe/Berlin")
    hours = [0.5, 2.5, 4.5]  # hours of elapsed time since midnight: before, during and after the window
    for hour, expected in zip(hours, [2, 0, 2], strict=True):
        down = hour * HOUR
        sim = Simulation([endpoint("shop")], [alert()], between((down, down + 1200)), [window], epoch=begin)
        assert len(sim.run(6 * HOUR)) == expected, hour


def test_a_suspended_laptop_wakes_up_without_a_message() -> None:
    sim = Simulation([endpoint("shop")], [alert()], between((1000, 5000)), asleep=lambda at: 900 <= at < 6000)
    assert said(sim.run(2 * HOUR)) == []


def test_an_escalation_is_sent_only_for_what_lasts() -> None:
    rules = [alert("chat"), alert("pager", after=900.0)]
    short = Simulation([endpoint("shop")], rules, between((100, 500))).run(HOUR)
    assert [one.alert for one in short] == ["chat", "chat"]
    long = Simulation([endpoint("shop")], rules, between((100, 2000))).run(HOUR)
    assert [one.alert for one in long] == ["chat", "pager", "chat", "pager"]
    assert times(long)[1] == pytest.approx(130 + 900, abs=1)


def acknowledge(tracker, at):
    return tracker.acknowledge(next(iter(tracker.endpoints.values())), Acknowledgement(at=at), at)


def test_an_acknowledged_outage_is_not_escalated_and_its_end_is_told_to_those_who_knew() -> None:
    rules = [alert("chat", remind=300.0), alert("pager", after=900.0)]
    sim = Simulation([endpoint("shop")], rules, between((100, 2000)), acts=[(500.0, acknowledge)])
    messages = sim.run(HOUR)
    assert [(one.alert, str(one.kind)) for one in messages] == [
        ("chat", "down"),
        ("chat", "reminder"),
        ("chat", "up"),
    ]


def test_reminders_come_while_it_stays_down() -> None:
    sim = Simulation(
        [endpoint("a", interval=10.0), endpoint("b", interval=10.0)],
        [alert(remind=600.0)],
        between((100, 2100)),
    )
    messages = sim.run(HOUR)
    assert [kind for kind, _ in said(messages)] == ["digest", "reminder", "reminder", "reminder", "digest"]
    assert len({one.id for one in messages}) == len(messages)
    assert all(len(one.entries) == 2 for one in messages)


def silence(until: float | None, *select: str):
    def act(tracker, at):
        return tracker.silence(
            Silence(id="s", select=select or ("*",), at=at, until=None if until is None else EPOCH + until)
        )

    return act


def test_a_silenced_outage_is_told_once_the_silence_is_over() -> None:
    quiet = Simulation([endpoint("a")], [alert()], between((100, 900)), acts=[(50.0, silence(1000))])
    assert said(quiet.run(HOUR)) == []
    late = Simulation([endpoint("a")], [alert()], between((100, 2000)), acts=[(50.0, silence(1000))])
    messages = late.run(HOUR)
    assert said(messages) == [("down", "a"), ("up", "a")]
    assert times(messages)[0] == pytest.approx(1000, abs=31)


def test_a_recovery_during_a_silence_is_told_after_it() -> None:
    sim = Simulation([endpoint("a")], [alert()], between((100, 900)), acts=[(500.0, silence(1500))])
    messages = sim.run(HOUR)
    assert said(messages) == [("down", "a"), ("up", "a")]
    assert times(messages)[1] >= 1500


def test_an_alert_on_recoveries_alone_tells_every_end() -> None:
    sim = Simulation([endpoint("a")], [alert(on=frozenset({"up"}))], between((100, 400), (900, 1300)))
    assert said(sim.run(HOUR)) == [("up", "a"), ("up", "a")]


def test_outside_of_its_hours_an_alert_waits_for_what_is_still_so() -> None:
    from monitor.judge.hours import parse_hours

    # EPOCH is a Tuesday, 22:13:20 UTC.
    rule = alert(hours=parse_hours("mon-fri 08:00-18:00"), timezone="UTC")
    opens = 9 * HOUR + 46 * 60 + 40
    over = Simulation([endpoint("a")], [rule], between((100, 2000)))
    assert said(over.run(12 * HOUR)) == []
    lasting = Simulation([endpoint("a")], [rule], between((100, 11 * HOUR)))
    messages = lasting.run(12 * HOUR)
    assert said(messages) == [("down", "a"), ("up", "a")]
    assert times(messages)[0] == pytest.approx(opens, abs=1)


def test_what_stays_down_when_a_dependency_recovers_is_one_message() -> None:
    behind = [endpoint(f"e{number}", depends_on=("switch",)) for number in range(30)]

    def world(id: str, at: float) -> str:
        until = 3000 if id in ("e1", "e2", "e7", "e20") else 900
        return "d" if 300 <= at < until else "u"

    messages = Simulation([endpoint("switch"), *behind], [alert()], world).run(2000)
    kinds = [(kind, sorted(names.split(","))) for kind, names in said(messages)]
    assert kinds == [("down", ["switch"]), ("up", ["switch"]), ("digest", ["e1", "e2", "e20", "e7"])]


def test_beyond_the_limit_one_message_says_how_many_more_there_are() -> None:
    from monitor.model import Limit

    endpoints = [endpoint(f"e{number}", interval=10.0, down_after=1) for number in range(10)]

    def world(id: str, at: float) -> str:
        return "d" if at >= 100 + 2 * int(id[1:]) else "u"

    messages = Simulation(endpoints, [alert(digest=0.0, limit=Limit(3, 3600.0))], world).run(200)
    assert [str(one.kind) for one in messages] == ["down", "down", "down", "digest"]
    assert messages[-1].more == len(messages[-1].entries) == 7
    assert messages[-1].at - messages[2].at <= 30


def test_what_fails_together_is_one_message_and_what_fails_later_another() -> None:
    endpoints = [endpoint(name, interval=1.0, down_after=1, retry_interval=1.0) for name in "abc"]

    def world(id: str, at: float) -> str:
        return "d" if at >= {"a": 100, "b": 103, "c": 120}[id] else "u"

    messages = Simulation(endpoints, [alert(digest=5.0)], world).run(200)
    assert said(messages) == [("digest", "a,b"), ("down", "c")]


def test_degraded_is_told_where_an_alert_asks_for_it() -> None:
    world = between((100, 400), letter="g")
    assert said(Simulation([endpoint("a")], [alert()], world).run(HOUR)) == []
    asking = alert(on=frozenset({"degraded", "up", "down"}))
    assert said(Simulation([endpoint("a")], [asking], world).run(HOUR)) == [("degraded", "a")]


def test_a_certificate_that_expires_soon_is_told_once() -> None:
    sim = Simulation([endpoint("a")], [alert()], between((100, 9000), letter="c"), restarts=(500.0, 700.0))
    assert said(sim.run(2 * HOUR)) == [("certificate", "a")]
    other = alert(on=frozenset({"down", "up", "degraded"}))
    assert said(Simulation([endpoint("a")], [other], between((100, 9000), letter="c")).run(HOUR)) == [
        ("degraded", "a")
    ]
