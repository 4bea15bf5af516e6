"""Moments as operators read and type them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.tui.data.moments import MomentError, clock, moment, parse_moment, stamp, use_utc, zoned

NOON = datetime(2026, 11, 23, 12, 0, 30).timestamp()  # noqa: DTZ001 -- local, as what is typed
DAY = 86400.0


def local(*parts: int) -> float:
    return datetime(*parts).timestamp()  # type: ignore[arg-type]  # noqa: DTZ001


@pytest.fixture(autouse=True)
def somewhere(time_zone):
    """A zone far from Greenwich, whose offset has minutes."""
    time_zone("Asia/Kolkata")
    return local(2026, 11, 23, 12, 0, 30)


MOMENTS = [
    ("now", (2026, 11, 23, 12, 0, 30)),
    (" NOW ", (2026, 11, 23, 12, 0, 30)),
    ("03:12", (2026, 11, 23, 3, 12)),
    ("3:12", (2026, 11, 23, 3, 12)),
    ("03:12:30", (2026, 11, 23, 3, 12, 30)),
    ("23:50", (2026, 11, 22, 23, 50)),
    ("12:00:30", (2026, 11, 23, 12, 0, 30)),
    ("12:00:31", (2026, 11, 22, 12, 0, 31)),
    ("yesterday 23:50", (2026, 11, 22, 23, 50)),
    ("today 00:05", (2026, 11, 23, 0, 5)),
    ("2026-11-20 03:12", (2026, 11, 20, 3, 12)),
    ("2026-11-20T03:12:05", (2026, 11, 20, 3, 12, 5)),
    ("2026-11-20", (2026, 11, 20)),
    ("-15m", (2026, 11, 23, 11, 45, 30)),
    ("15m", (2026, 11, 23, 11, 45, 30)),
    ("15m ago", (2026, 11, 23, 11, 45, 30)),
    ("-1h30m", (2026, 11, 23, 10, 30, 30)),
]


@pytest.mark.parametrize(("text", "meant"), MOMENTS)
def test_times_are_local_and_the_last_ones_of_their_kind(somewhere, text, meant):
    assert parse_moment(text, somewhere) == local(*meant)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "type a time such as 03:12"),
        ("   ", "type a time such as 03:12"),
        ("99:99", "'99:99' is no time: type a time such as"),
        ("3", "'3' is no time"),
        ("-", "'-' is no time"),
        ("15x", "'15x' is no time"),
        ("yesterday", "'yesterday' is no time"),
        ("2026-13-01 03:12", "is no time"),
        ("99999999999999w", "is no time"),
        ("٣:١٢", "is no time"),
        ("tomorrow 03:12", "is no time"),
        ("today 23:50", "that is still to come"),
        ("2027-01-01 00:00", "that is still to come"),
    ],
)
def test_what_is_no_moment_is_told_what_would_be_one(somewhere, text, says):
    with pytest.raises(MomentError, match=says):
        parse_moment(text, somewhere)


@given(st.text(max_size=12) | st.from_regex(r"[-0-9:mhd ]{1,10}", fullmatch=True))
def test_whatever_is_typed_is_a_moment_that_has_been_or_an_error(text):
    try:
        moment = parse_moment(text, NOON)
    except MomentError:
        return
    assert moment <= NOON


def test_a_moment_has_its_date_unless_it_is_today():
    assert moment(1_800_000_000, 1_800_000_060) == clock(1_800_000_000)
    assert moment(1_700_000_000, 1_800_000_000).startswith("2023-11-1")


@pytest.fixture
def utc():
    use_utc(True)
    yield
    use_utc(False)


def test_the_screen_can_show_and_read_utc(utc):
    assert clock(local(2026, 11, 23, 12, 0, 30)) == "06:30:30"
    assert zoned(NOON).utcoffset() == timedelta(0)
    assert parse_moment("03:12", NOON) == datetime(2026, 11, 23, 3, 12, tzinfo=UTC).timestamp()
    assert parse_moment("2026-11-22 00:00", NOON) == datetime(2026, 11, 22, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(("before", "text"), [(60, "11:59:30"), (DAY, "11-22 12:00")])
def test_in_a_list_only_another_day_is_named(somewhere, before, text):
    assert stamp(somewhere - before, somewhere) == text
