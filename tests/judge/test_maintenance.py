"""When maintenance windows begin and end, daylight saving included."""

from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from virtual import Scripted

from monitor.judge.maintenance import (
    Calendar,
    check_cron,
    in_maintenance,
    is_active,
    next_change,
    starts,
    touches,
)
from monitor.model import Endpoint, Maintenance

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = 3600.0


def moment(text: str, fold: int = 0) -> float:
    """A time in Berlin, or one with an offset of its own."""
    parsed = datetime.fromisoformat(text)
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=BERLIN, fold=fold)).timestamp()


def shown(at: float) -> str:
    return datetime.fromtimestamp(at, BERLIN).isoformat()


def window(cron: str = "", hours: float = 2, **keys: object) -> Maintenance:
    usual = {"name": "w", "cron": cron, "duration": hours * HOUR, "timezone": "Europe/Berlin"}
    return Maintenance(**{**usual, **keys})


# In Berlin, 2026: on 29 March 02:00 becomes 03:00; on 25 October 03:00 becomes 02:00.
@pytest.mark.parametrize(
    ("cron", "after", "expected"),
    [
        ("0 3 * * sun", "2026-01-31T12:00", ["2026-02-01T03:00:00+01:00", "2026-02-08T03:00:00+01:00"]),
        ("30 2 * * *", "2026-03-28T12:00", ["2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"]),
        ("30 2 * * *", "2026-10-24T12:00", ["2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"]),
        ("0 3 * * *", "2026-10-24T12:00", ["2026-10-25T03:00:00+01:00", "2026-10-26T03:00:00+01:00"]),
        ("@monthly", "2026-01-31T12:00", ["2026-02-01T00:00:00+01:00", "2026-03-01T00:00:00+01:00"]),
        ("0 0 29 2 *", "2026-01-31T12:00", ["2028-02-29T00:00:00+01:00", "2032-02-29T00:00:00+01:00"]),
    ],
)
def test_cron_begins_windows_as_debians_cron_would(cron: str, after: str, expected: list[str]) -> None:
    assert [shown(at) for at in islice(starts(window(cron), moment(after)), 2)] == expected


@pytest.mark.parametrize(
    ("at", "active"),
    [
        ("2026-02-01T02:59:59", False),
        ("2026-02-01T03:00:00", True),
        ("2026-02-01T04:59:59.9", True),
        ("2026-02-01T05:00:00", False),
        ("2026-03-29T02:59:59+02:00", False),
        ("2026-03-29T03:00:00+02:00", True),
    ],
)
def test_a_window_includes_its_beginning_and_not_its_end(at: str, active: bool) -> None:
    assert is_active(window("0 3 * * sun"), moment(at)) is active


def test_a_skipped_time_is_in_maintenance_for_the_whole_duration() -> None:
    rule = window("30 2 29 3 *")
    assert not is_active(rule, moment("2026-03-29T01:59:59+01:00"))
    assert is_active(rule, moment("2026-03-29T03:00:00+02:00"))
    assert is_active(rule, moment("2026-03-29T04:59:59+02:00"))
    assert not is_active(rule, moment("2026-03-29T05:00:00+02:00"))


def test_a_time_that_comes_twice_begins_one_window_of_elapsed_time() -> None:
    rule = window("30 2 25 10 *", hours=0.5)
    first, second = moment("2026-10-25T02:45", fold=0), moment("2026-10-25T02:45", fold=1)
    assert is_active(rule, first)
    assert not is_active(rule, second)
    assert is_active(window("30 2 25 10 *", hours=1.5), second)


def test_windows_that_overlap_never_end() -> None:
    assert all(is_active(window("0 * * * *", hours=3), 1e9 + step * 977) for step in range(20))


def test_a_window_without_cron_comes_once() -> None:
    rule = window(start=1000.0, hours=1)
    assert [is_active(rule, at) for at in (999.9, 1000.0, 4599.9, 4600.0)] == [False, True, True, False]
    assert next_change([rule], 0.0) == 1000.0
    assert next_change([rule], 1000.0) == 4600.0
    assert next_change([rule], 4600.0) is None


def test_the_next_change_is_the_earliest_of_all_windows() -> None:
    once, weekly = window(start=moment("2026-02-01T04:00")), window("0 3 * * sun")
    at = moment("2026-02-01T02:00")
    assert shown(next_change([once, weekly], at) or 0) == "2026-02-01T03:00:00+01:00"
    assert next_change([], at) is None


@pytest.mark.parametrize(
    "expression", ["0 3 * * sun", "*/15 1-4 * * mon-fri", "@daily", "0 0 L * *", "0 0 * * 7"]
)
def test_a_cron_expression_is_accepted(expression: str) -> None:
    check_cron(expression)


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("0 3 * *", "five fields"),
        ("0 0 3 * * sun", "five fields"),
        ("", "five fields"),
        ("0 25 * * *", "is no cron expression: bad hour"),
        ("x 3 * * *", "is no cron expression: bad minute"),
        ("0 0 31 2 *", "bad day-of-month"),
        ("0 0 31 2,4 *", "bad day-of-month"),
    ],
)
def test_what_is_no_cron_expression_is_refused(expression: str, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        check_cron(expression)


def test_selected_endpoints_are_in_maintenance_with_the_windows_names() -> None:
    eu = Endpoint(id="eu", name="EU", probe=Scripted("eu"), tags=("eu",))
    us = Endpoint(id="us", name="US", probe=Scripted("us"))
    windows = [
        window(start=0.0, name="patches", select=("tag:eu",)),
        window(start=0.0, name="move"),
        window(start=9e9, name="later"),
    ]
    assert in_maintenance(windows, [eu, us], 10.0) == {"eu": ("patches", "move"), "us": ("move",)}


@given(
    st.sampled_from(["30 2 * * *", "0 3 * * sun", "*/30 * * * *", "15 1-3 * * *"]),
    st.integers(1_700_000_000_000, 1_800_000_000_000).map(lambda ms: ms / 1000),
    st.floats(60, 100_000),
)
def test_activity_changes_only_at_a_next_change(cron: str, at: float, duration: float) -> None:
    rule = window(cron, duration=duration)
    change = next_change([rule], at)
    assert change is not None
    assert change > at
    for share in (0.0, 0.3, 0.7, 0.999):
        assert is_active(rule, at + (change - at) * share) == is_active(rule, at)


@pytest.mark.parametrize(
    ("since", "until", "covered"),
    [
        (0.0, 99.0, False),
        (0.0, 100.0, True),
        (110.0, 120.0, True),
        (149.0, 900.0, True),
        (150.0, 900.0, False),
    ],
)
def test_a_window_touches_a_time_that_has_a_moment_in_common(
    since: float, until: float, covered: bool
) -> None:
    assert touches(window(start=100.0, duration=50.0), since, until) is covered


def test_a_calendar_answers_as_the_windows_do_also_when_the_clock_goes_back() -> None:
    one = Endpoint(id="a", name="A", probe=Scripted("a"))
    windows = [window(start=100.0, duration=50.0), window(start=200.0, duration=50.0)]
    calendar = Calendar(windows, [one])
    for at in (0.0, 99.9, 100.0, 149.9, 150.0, 199.0, 210.0, 300.0, 120.0, 0.0):
        assert calendar.maintained(at) == set(in_maintenance(windows, [one], at))
