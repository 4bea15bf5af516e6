"""Settings with which a noisy endpoint would have been in fewer messages."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from msgspec import structs
from simulation import alert, result
from simulation import endpoint as watched
from test_replaying import START, history, recorded, rules
from worlds import rolling_deploy, run_ours

from monitor.judge.assertions import MaxLatency
from monitor.model import Config
from monitor.store.past_marks import MarkReader
from monitor.store.replaying import replay
from monitor.store.suggesting import Suggestion, suggestions


def found_in(path: Path, config: Config) -> list[Suggestion]:
    with MarkReader(path) as reader:
        return suggestions(config, reader, 0, 9e9, replay(config, reader, 0, 9e9))


def test_a_quieter_setting_is_suggested_with_its_price(tmp_path: Path):
    path = history(tmp_path / "h.db", a="u" + ("dd" + "u" * 30) * 5 + "d" * 20 + "u" * 5)
    (found,) = found_in(path, rules(2, "a"))
    assert (found.endpoint, found.key, found.value) == ("a", "down_after", 3)
    assert (found.messages_before, found.messages_after, found.missed) == (12, 2, 0)
    assert found.delay_s == 10.0  # the stored checks are 10 s apart


def test_an_outage_that_would_not_be_told_counts_as_missed(tmp_path: Path):
    path = history(tmp_path / "h.db", a="u" + ("d" * 7 + "u" * 30) * 4)
    (found,) = found_in(path, rules(7, "a"))
    assert (found.value, found.messages_after, found.missed) == (8, 0, 4)


def test_a_quiet_endpoint_needs_no_suggestion(tmp_path: Path):
    assert found_in(history(tmp_path / "h.db", a="uddduuu"), rules(2, "a")) == []


def test_reminders_make_no_endpoint_noisy(tmp_path: Path):
    path = history(tmp_path / "h.db", a="u" * 5 + "d" * 100 + "u" * 10)
    assert found_in(path, replace(rules(2, "a"), alerts=(alert(remind=60.0),))) == []


def test_a_recovery_that_does_not_last_needs_more_successes(tmp_path: Path):
    path = history(tmp_path / "h.db", a="u" * 5 + ("d" * 8 + "u" * 2) * 4 + "u" * 20)
    found = {one.key: one for one in found_in(path, rules(6, "a"))}["up_after"]
    assert (found.value, found.messages_before, found.messages_after) == (3, 8, 2)
    assert (found.delay_s, found.missed) == (319.0, 0)  # one incident covers all four


def test_a_higher_limit_is_suggested_for_an_endpoint_that_is_slow_again_and_again(tmp_path: Path):
    results = [result("a", "u", START + 30 * number) for number in range(400)]
    for number, one in enumerate(results):
        one.latency_ms = 450.0 if number % 40 < 15 else 20.0
    slow = watched("a", warn=(MaxLatency(400.0),))
    config = Config(endpoints=(slow,), alerts=(alert(on=frozenset({"down", "degraded"})),))
    (found,) = found_in(recorded(tmp_path / "h.db", results), config)
    assert (found.key, found.value, found.messages_before, found.messages_after) == (
        "warn.latency",
        "500ms",
        10,
        0,
    )


def test_a_longer_confirmation_is_not_said_to_help_before_the_next_stored_check(tmp_path: Path):
    # It is down for 20 s: three failures, and the next check 30 s later. It may have failed until then.
    hour = [one for one in run_ours(rolling_deploy(20)).results if one.endpoint == "web-0"]
    results = [
        structs.replace(one, checked_at=one.checked_at + 3600 * hours) for hours in range(4) for one in hour
    ]
    config = Config(endpoints=(watched("web-0"),), alerts=(alert(),))
    found = {one.key: one for one in found_in(recorded(tmp_path / "h.db", results), config)}
    assert {one.key: (one.value, one.messages_before, one.messages_after) for one in found.values()} == {
        "down_after": (9, 8, 0),
        "retry_interval": ("20s", 8, 0),
    }
    assert {one.delay_s for one in found.values()} == {30.0}


def test_a_longer_retry_interval_delays_what_it_reports(tmp_path: Path):
    # Four restarts of 20 s, and an outage of ten minutes.
    hour = [one for one in run_ours(rolling_deploy(20)).results if one.endpoint in ("web-0", "web-17")]
    first = [one for one in hour if one.endpoint == "web-0"]
    results = [
        structs.replace(one, checked_at=one.checked_at + 3600 * hours) for hours in range(4) for one in first
    ]
    results += [
        structs.replace(one, endpoint="web-0", checked_at=one.checked_at + 3600 * 4)
        for one in hour
        if one.endpoint == "web-17"
    ]
    config = Config(endpoints=(watched("web-0"),), alerts=(alert(),))
    found = {one.key: one for one in found_in(recorded(tmp_path / "h.db", results), config)}
    slower = found["retry_interval"]
    assert (slower.value, slower.messages_before, slower.messages_after) == ("20s", 10, 2)
    assert (slower.delay_s, slower.missed) == (30.0, 0)


def test_the_suggestion_that_misses_nothing_comes_first(tmp_path: Path):
    path = history(tmp_path / "h.db", a="u" * 5 + ("d" * 8 + "u" * 2) * 4 + "u" * 20)
    missed = [one.missed for one in found_in(path, rules(6, "a"))]
    assert missed == sorted(missed)
    assert len(missed) > 1
