"""The hours of a week in which an alert sends."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.judge.hours import is_open, next_open, parse_hours
from monitor.model import Hours

BERLIN = ZoneInfo("Europe/Berlin")


def moment(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).timestamp()


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("mon-tue 08:00-18:00", [Hours(0, 480, 1080), Hours(1, 480, 1080)]),
        ("sun-mon 8:30-9:00", [Hours(6, 510, 540), Hours(0, 510, 540)]),
        ("Sat, Sun 10:00-24:00", [Hours(5, 600, 1440), Hours(6, 600, 1440)]),
        ("fri 22:00-06:00", [Hours(4, 1320, 1800)]),
        ("wed", [Hours(2, 0, 1440)]),
        ("mon 08:00-12:00; tue", [Hours(0, 480, 720), Hours(1, 0, 1440)]),
        ("08:00-18:00", [Hours(day, 480, 1080) for day in range(7)]),
    ],
)
def test_hours_are_read(text: str, parts: list[Hours]) -> None:
    assert list(parse_hours(text)) == parts


@pytest.mark.parametrize(
    "text", ["", "monday 8-18", "mon-fry 08:00-18:00", "mon 08:00-25:00", "mon 08:75-09:00", "always"]
)
def test_what_are_no_hours_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r'are no hours.*write them as "mon-fri 08:00-18:00"'):
        parse_hours(text)


# 29 January 2026 is a Thursday.
@pytest.mark.parametrize(
    ("text", "at", "opens"),
    [
        ("mon-fri 08:00-18:00", "2026-01-29T12:00", "2026-01-29T12:00"),
        ("mon-fri 08:00-18:00", "2026-01-29T18:00", "2026-01-30T08:00"),
        ("mon-fri 08:00-18:00", "2026-01-30T18:00", "2026-02-02T08:00"),
        ("thu 22:00-06:00", "2026-01-30T05:59", "2026-01-30T05:59"),
        ("thu 22:00-06:00", "2026-01-30T06:00", "2026-02-05T22:00"),
        ("thu", "2026-01-30T00:00", "2026-02-05T00:00"),
        ("sun 08:00-18:00", "2026-03-28T12:00", "2026-03-29T08:00"),
        ("sun 08:00-18:00", "2026-10-24T12:00", "2026-10-25T08:00"),
    ],
)
def test_messages_wait_until_the_hours_begin(text: str, at: str, opens: str) -> None:
    assert next_open(parse_hours(text), BERLIN, moment(at)) == moment(opens)


def test_without_hours_messages_never_wait() -> None:
    assert is_open((), BERLIN, 0.0)
    assert next_open((), BERLIN, 5.0) == 5.0


@given(
    st.sampled_from(["mon-fri 08:00-18:00", "fri 22:00-06:00", "02:15-02:45", "sun"]), st.floats(1.7e9, 1.8e9)
)
def test_the_hours_are_open_when_they_begin(text: str, at: float) -> None:
    parts = parse_hours(text)
    opens = next_open(parts, BERLIN, at)
    assert at <= opens <= at + 8 * 86400
    assert is_open(parts, BERLIN, opens)


def test_hours_that_the_clock_skips_are_left_out() -> None:
    night, zone = parse_hours("02:15-02:30"), ZoneInfo("Australia/Lord_Howe")  # 02:00 becomes 02:30
    before = datetime(2026, 10, 3, 12, tzinfo=zone).timestamp()
    opens = next_open(night, zone, before)
    assert is_open(night, zone, opens)
