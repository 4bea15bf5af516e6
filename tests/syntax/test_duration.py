"""Durations and sizes, read and written."""

import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.redact import MASK, Secretive
from monitor.syntax.duration import (
    format_duration,
    format_ms,
    format_validity,
    format_validity_briefly,
    iso_time,
    parse_duration,
    parse_lasting,
    parse_moment,
    parse_size,
)


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("250ms", 0.25),
        ("30s", 30),
        ("5m", 300),
        ("1h30m", 5400),
        ("14d", 14 * 86400),
        ("1w", 7 * 86400),
        ("1.5s", 1.5),
        ("1m250ms", 60.25),
        (" 2s ", 2),
        ("10", 10),
        ("0", 0),
        (3, 3),
        (0.5, 0.5),
    ],
)
def test_a_duration_is_read_as_seconds(written: object, seconds: float) -> None:
    assert parse_duration(written) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "wrong",
    [
        *("", "s", "5 minutes", "-3s", "1s1m", "1s2s", "1e3s", ".5s", "5x", "٣s", "1h-30m", "nan", "5m ago"),
        *(-1, math.nan, math.inf, 10**400, 1e300, True, None, []),
    ],
)
def test_what_is_no_duration_is_refused_with_what_would_be_right(wrong: object) -> None:
    with pytest.raises(ValueError, match=r"30s|1h30m"):
        parse_duration(wrong)


@pytest.mark.parametrize(("wrong", "why"), [("0s", "more than 0 seconds"), (0, "more than 0"), ("x", "30s")])
def test_a_mark_lasts_for_more_than_no_time(wrong: object, why: str) -> None:
    assert parse_lasting("2h") == 7200
    with pytest.raises(ValueError, match=why):
        parse_lasting(wrong)


def test_units_in_the_wrong_order_are_named_as_such() -> None:
    with pytest.raises(ValueError, match="large to small"):
        parse_duration("30m1h")


def test_a_secret_that_is_no_duration_stays_secret() -> None:
    with pytest.raises(ValueError, match=MASK) as caught:
        parse_duration(Secretive("hunter2", MASK))
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (0, "0s"),
        (0.0004, "0.4ms"),
        (0.25, "250ms"),
        (0.9999, "1s"),
        (1.5, "1.5s"),
        (59.99999, "1m"),
        (133, "2m13s"),
        (5400, "1h30m"),
        (90061, "1d1h1m1s"),
        (-30, "-30s"),
    ],
)
def test_a_duration_is_written_as_people_do(seconds: float, written: str) -> None:
    assert format_duration(seconds) == written


@given(st.floats(min_value=0, max_value=10**8))
def test_what_is_written_is_read_back(seconds: float) -> None:
    tolerance = 0.0006 if seconds < 59.9995 else 0.5
    assert parse_duration(format_duration(seconds)) == pytest.approx(seconds, abs=tolerance)


@given(st.text(max_size=12) | st.from_regex(r"([0-9.]+[wdhms]{1,2}){1,3}", fullmatch=True))
def test_any_text_is_a_duration_or_a_value_error(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert parse_duration(text) >= 0


@pytest.mark.parametrize(
    ("ms", "written"),
    [
        (0.449, "0.45 ms"),
        (9.999, "10.0 ms"),
        (41.7, "41.7 ms"),
        (812.3, "812 ms"),
        (2134, "2.13 s"),
        (100_000, "100 s"),
    ],
)
def test_a_latency_is_written_to_three_digits(ms: float, written: str) -> None:
    assert format_ms(ms) == written


@pytest.mark.parametrize(
    ("written", "size"),
    [
        ("1MiB", 1 << 20),
        ("64kB", 64_000),
        ("64KB", 64_000),
        ("1.5KiB", 1536),
        ("10B", 10),
        ("7", 7),
        (1024, 1024),
    ],
)
def test_a_size_is_read_as_bytes(written: object, size: int) -> None:
    assert parse_size(written) == size


@pytest.mark.parametrize("wrong", ["", "1k", "MiB", "-1", "1 MiBs", True, -5, math.nan, "9e9", "9999999TB"])
def test_what_is_no_size_is_refused_with_what_would_be_right(wrong: object) -> None:
    with pytest.raises(ValueError, match="1MiB"):
        parse_size(wrong)


def test_times_are_iso_in_utc() -> None:
    assert iso_time(1769860800.123) == "2026-01-31T12:00:00.123Z"
    assert iso_time(1769860800.0, "seconds") == "2026-01-31T12:00:00Z"


NOW = 1769860800.0  # 2026-01-31T12:00:00Z


@pytest.mark.usefixtures("berlin")
@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("24h", NOW - 86400),
        ("90", NOW - 90),
        ("2026-01-31T13:00", NOW),
        ("2026-01-31 13:00:00", NOW),
        ("2026-01-31T12:00:00Z", NOW),
        ("2026-01-31T12:00:00.5+00:00", NOW + 0.5),
        ("2026-01-31", NOW - 13 * 3600),
        ("20260131", NOW - 13 * 3600),
        # Clocks went from 02:00 to 03:00 on 2026-03-29, and back from 03:00 to 02:00 on 2026-10-25.
        ("2026-03-29", NOW + 56.5 * 86400 - 3600),
        ("2026-03-30", NOW + 57.5 * 86400 - 7200),
        ("2026-10-26", NOW + 267.5 * 86400 - 3600),
    ],
)
def test_a_moment_is_a_duration_back_or_a_local_time(written: str, moment: float) -> None:
    assert parse_moment(written, NOW) == moment


@pytest.mark.parametrize("wrong", ["", "yesterday", "12:00", "2026-13-01", "0001-01-01T00:00+23:59x", "-1h"])
def test_what_is_no_moment_is_refused_with_what_would_be_right(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"is not a time: .*24h"):
        parse_moment(wrong, NOW)


@given(st.text())
def test_whatever_is_typed_is_a_moment_or_refused_in_words(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert isinstance(parse_moment(text, NOW), float)


VALIDITY = [
    (61.9, "61 days left", "61d"),
    (4.99, "4 days left", "4d"),
    (2.0, "2 days left", "2d"),
    (1.5, "36 hours left", "36h"),
    (0.05, "1 hour left", "1h"),
    (0.01, "less than 1 hour left", "0h"),
    (-0.01, "expired less than 1 hour ago", "-0h"),
    (-1.0, "expired 24 hours ago", "-24h"),
    (-3.9, "expired 3 days ago", "-3d"),
    (1e9, "1000000000 days left", "9999d"),
    (-1e9, "expired 1000000000 days ago", "-999d"),
]


@pytest.mark.parametrize(("days", "text", "brief"), VALIDITY)
def test_the_validity_of_a_certificate_is_rounded_towards_now(days: float, text: str, brief: str) -> None:
    assert (format_validity(days), format_validity_briefly(days)) == (text, brief)


@given(st.floats(-1e6, 1e6))
def test_both_ways_to_write_a_validity_agree(days: float) -> None:
    text, brief = format_validity(days), format_validity_briefly(days)
    assert text.startswith("expired") is brief.startswith("-")
    assert len(brief) <= 5
