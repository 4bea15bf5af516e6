"""Numbers and times in few cells."""

from datetime import datetime

import pytest
from fake_source import info, row, silence
from hypothesis import given
from hypothesis import strategies as st

from monitor.link.messages import EndpointStatus
from monitor.model import Acknowledgement, State
from monitor.tui.data.board import Entry
from monitor.tui.drawing import words

AGES = [
    (-5, "0s"),
    (0, "0s"),
    (59.9, "59s"),
    (60, "1m"),
    (3599, "59m"),
    (7200, "2h"),
    (86400 * 6, "6d"),
    (86400 * 30, "4w"),
]


@pytest.mark.parametrize(("seconds", "text"), AGES)
def test_ages(seconds, text):
    assert words.age(seconds) == text


SPANS = [
    (0, "0s", "0s"),
    (48.9, "48s", "48s"),
    (60, "1m00s", "1m"),
    (133, "2m13s", "2m"),
    (3599, "59m59s", "59m"),
    (3900, "1h05m", "1h05m"),
    (86399, "23h59m", "23h59m"),
    (86400, "1d00h", "1d00h"),
    (86400 * 99.99, "99d23h", "99d23h"),
    (86400 * 400, "400d", "400d"),
]


@pytest.mark.parametrize(("seconds", "text", "without"), SPANS)
def test_spans(seconds, text, without):
    assert (words.span(seconds), words.span(seconds, with_seconds=False)) == (text, without)
    assert len(text) <= 6


LATENCIES = [
    (None, "-"),
    (0.449, "0.45ms"),
    (41.72, "41.7ms"),
    (812.4, "812ms"),
    (2131, "2.13s"),
    (99_999, "100s"),
]


@pytest.mark.parametrize(("ms", "text"), LATENCIES)
def test_latencies(ms, text):
    assert words.latency(ms) == text


ROUGH = [(None, "-"), (0.3, "<1ms"), (41.72, "42ms"), (999.6, "1.0s"), (2131, "2.1s"), (9951, "10s")]


@pytest.mark.parametrize(("ms", "text"), ROUGH)
def test_latencies_to_be_read_from_afar(ms, text):
    assert words.rough_latency(ms) == text


UPTIMES = [
    (None, "-"),
    (1.0, "100%"),
    (0.99999, "99.99%"),
    (0.99, "99.00%"),
    (0.98999, "98.9%"),
    (0.5, "50.0%"),
    (0.1003, "10.0%"),
    (0.0959, "9.5%"),
    (0.0, "0.0%"),
]


@pytest.mark.parametrize(("share", "text"), UPTIMES)
def test_uptime_has_two_decimals_from_99_on_else_one_and_is_never_rounded_up(share, text):
    assert words.uptime(share) == text


@given(st.floats(0, 1))
def test_uptime_fits_its_column(share):
    assert len(words.uptime(share)) <= 6


@pytest.mark.parametrize("state", State)
def test_a_brief_state_fits_eight_cells_and_is_still_that_word(state):
    row = EndpointStatus(handle=0, state=state, since=0.0)
    brief = words.state(row, brief=True)
    assert len(brief) <= 8
    assert words.state(row).startswith(brief)


@pytest.mark.parametrize(
    ("state", "streak", "needed", "text", "brief"),
    [
        (State.FAILING, 2, 3, "failing 2/3", "fail 2/3"),
        (State.FAILING, 0, 0, "failing", "failing"),  # a dependency's failure explains it: it does not count
        (State.DOWN, 1, 2, "DOWN 1/2 ok", "DOWN 1/2"),
        (State.DOWN, 0, 0, "DOWN", "DOWN"),
    ],
)
def test_a_state_says_how_far_it_is_confirmed_where_anything_counts(state, streak, needed, text, brief):
    row = EndpointStatus(handle=0, state=state, since=0.0, streak=streak, needed=needed)
    assert (words.state(row), words.state(row, brief=True)) == (text, brief)


ANN = Acknowledgement(at=0.0, by="ann", note="on it")


NOON = datetime(2026, 11, 23, 12, 0).astimezone().timestamp()


@pytest.mark.parametrize(
    ("mark", "text"),
    [
        (ANN, "acknowledged by ann: on it"),
        (Acknowledgement(at=0.0, by="ann"), "acknowledged by ann"),
        (Acknowledgement(at=0.0, note="on it"), "acknowledged: on it"),
        (Acknowledgement(at=0.0), "acknowledged"),
        (Acknowledgement(at=0.0, by="ann", note="no", until=NOON), "acknowledged by ann until 12:00: no"),
    ],
)
def test_who_knows_about_it(mark, text):
    assert words.acknowledged(mark, NOON - 3600) == text


@pytest.mark.parametrize(
    ("until", "text"),
    [
        (NOON + 3600, "silenced until 13:00"),
        (NOON + 24 * 3600, "silenced until Tue 12:00"),
        (None, "silenced"),
    ],
)
def test_how_long_it_is_silenced(until, text):
    assert words.silenced(silence(until=until), NOON) == text


def test_a_silence_may_last_until_the_endpoint_is_up():
    assert words.silenced(silence(until_up=True), NOON) == "silenced until it is up"


def test_marks_are_told_one_by_one():
    row = EndpointStatus(
        handle=1, state=State.DOWN, since=0.0, acknowledged=ANN, silenced=silence(until_up=True)
    )
    assert words.marks(row, NOON) == ["acknowledged by ann: on it", "silenced until it is up"]
    assert words.marks(EndpointStatus(handle=1, state=State.UP, since=0.0), NOON) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "got 500"),
        ({"blocked_by": "Orders DB"}, "Orders DB is down · got 500"),
        ({"blocked_by": "Orders DB", "was_down": True}, "got 500 · Orders DB is down too"),
    ],
)
def test_the_cause_begins_with_the_failure_that_came_first(changes, expected):
    assert words.cause(Entry(info(0), row(0, message="got 500"), **changes)) == expected


def test_a_failure_may_wait_for_its_dependency():
    entry = Entry(info(0), row(0, State.FAILING, message="got 500"), blocked_by="Orders DB")
    assert words.cause(entry) == "Orders DB fails too · got 500"


@pytest.mark.parametrize(
    ("width", "expected"),
    [(31, "got 500 · Orders DB is down too"), (30, "Orders DB is down too · got 500")],
)
def test_the_dependency_is_not_cut_for_a_failure_of_its_own(width, expected):
    entry = Entry(info(0), row(0, message="got 500"), blocked_by="Orders DB", was_down=True)
    assert words.cause(entry, width) == expected
