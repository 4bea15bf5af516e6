"""Comparisons of numbers in the filter."""

import pytest
from fake_source import NOW, info, row

from monitor.model import State
from monitor.tui.data.board import Entry
from monitor.tui.lists.numeric_filters import NumericFilterError, comparison, figures, joined

ENTRY = Entry(info(0), row(0, State.PENDING))
ENTRY.take(
    row(
        0,
        latency_ms=250.0,
        uptime=0.999,
        not_after=NOW + 14 * 86400,
        since=NOW - 3600,
        outcomes="uuuuuuuuugd",
        latencies_ms=(*[100.0] * 9, 400.0, 900.0),
    )
)
ENTRY.uptimes = (10_000, None, 9990, 9512)
UNKNOWN = Entry(info(1), row(1, State.PENDING, latency_ms=None, uptime=None))

HOLD = [
    *("latency=250", "lat>=250ms", "latency<0.3s", "lat<1m", "p95=400", "p95>0.3s", "uptime<100", "up=99.9%"),
    *("cert=14", "cert<=14d", "certificate<15", "cert<3w", "since=3600", "age>59m", "age<1h1m"),
    *("uptime1h>=100", "up7d=99.9", "uptime30d<95.2", "up30d>95.1%", "up24h=99.9"),
]
FAIL = [
    "latency>250",
    "lat<250ms",
    "p95>400",
    "uptime<99.9",
    "cert<14",
    "since>1h",
    "cert<336.0h",
    "up7d<99.9",
]


@pytest.mark.parametrize(
    ("word", "holds"), [*((word, True) for word in HOLD), *((word, False) for word in FAIL)]
)
def test_what_compares_and_how(word, holds):
    assert comparison(word)(ENTRY, NOW) is holds


@pytest.mark.parametrize("word", ["latency>0", "p95<9", "uptime<101", "uptime7d<101", "cert<99"])
def test_what_is_not_known_compares_with_nothing(word):
    assert not comparison(word)(UNKNOWN, NOW)


@pytest.mark.parametrize("word", ["latency", "?type=mx", "type=mx", ">5", "a:b>5", "group:shop"])
def test_other_words_are_no_comparisons(word):
    assert comparison(word) is None


REFUSED = [
    ("latency>", "latency> … what?"),
    ("lat>fast", "'fast' is not a number such as 250ms"),
    ("lat>2h1d", "'2h1d' is not a number"),
    ("up<1d", "'1d' is not a number such as 99.9"),
    ("latncy>5", "did you mean latency?"),
    ("latncy=5", "did you mean latency?"),
    ("foo<5", "there are latency, p95, uptime, cert, since"),
]


@pytest.mark.parametrize(("word", "told"), REFUSED)
def test_what_cannot_be_meant_is_refused(word, told):
    with pytest.raises(NumericFilterError) as refused:
        comparison(word)
    assert told in str(refused.value)


def test_blanks_around_a_sign_do_not_part_a_comparison():
    assert joined("shop lat > 5 up<= 99") == "shop lat>5 up<=99"


def test_the_figures_that_a_filter_compares_are_known():
    assert figures("g:shop up7d < 99.9 !uptime1h>=100 lat>5 a=b") == {"uptime7d", "uptime1h", "latency", "a"}
