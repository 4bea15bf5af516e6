"""The filter's language."""

from __future__ import annotations

import pytest
from fake_source import NOW, failed, info, row, silence
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import UsageError
from monitor.model import Slowdown, State
from monitor.syntax.selection import compile_selection
from monitor.tui.data.board import Entry
from monitor.tui.lists.query import QueryError, parse, read_terms, selection_terms, written_terms

SLOWER = Slowdown(phase="wait", since=NOW, ms=800.0, usual_ms=200.0)
ENTRIES = {
    "shop": Entry(
        info(0, "Shop front", group="shop", tags=("web", "eu")),
        row(
            0, http_status=200, latency_ms=120.0, uptime=0.985, not_after=NOW + 10 * 86400, acknowledged=True
        ),
    ),
    "db": Entry(
        info(1, "db:5432", kind="tcp", target="tcp://db:5432"),
        failed(1, uptime=1.0, silenced=silence(until_up=True)),
    ),
    "slow": Entry(
        info(2, "slow one", tags=("us",)),
        row(2, State.DEGRADED, http_status=503, latency_ms=900.0, slower=SLOWER),
    ),
}

QUERIES = [
    ("", "shop db slow"),
    ("shop", "shop"),
    ("SHOP", "shop"),
    ("shop slow", ""),
    ("!shop", "db slow"),
    ("!", "shop db slow"),
    ("g:shop", "shop"),
    ("group:sh*", "shop"),
    ("t:eu", "shop"),
    ("tag:e?", "shop"),
    ("!t:eu", "db slow"),
    ("type:tcp", "db"),
    ("k:tcp", "db"),
    ("s:down", "db"),
    ("state:d*", "db slow"),
    ("s:acknowledged", "shop"),
    ("s:ack", "shop"),
    ("state:do", "db"),
    ("s:silenced", "db"),
    ("s:slower", "slow"),
    ("S:D", "db slow"),
    ("state:?own", "db"),
    ("reason:connection*", "db"),
    ("target:tcp*", "db"),
    ("code:503", "slow"),
    ("code:5xx", "slow"),
    ("code:5XX", "slow"),
    ("code:20", "shop"),
    ("code:[25]xx", "shop slow"),
    ("code:404", ""),
    ("!code:2xx", "db slow"),
    ("message:REFUSED", "db"),
    ('message:"200 ok"', "shop slow"),
    ("message:2*", ""),
    ("group:*", "shop"),
    ("Shop*", "shop"),
    ("s*", "shop slow"),
    ("!s*", "db"),
    ("*5432", "db"),
    ("tcp*", ""),
    ("[s]hop front", ""),
    ('"[s]hop front"', "shop"),
    ("h?st", ""),
    ("name:", "shop db slow"),
    ("db:5432", "db"),
    ("latency>100", "shop slow"),
    ("lat > 100", "shop slow"),
    ("lat>=900ms", "slow"),
    ("latency>0.5s", "slow"),
    ("since>9m since<=10m", "shop db slow"),
    ("host=2", ""),
    ("cert<14", "shop"),
    ("up<99", "shop"),
    ("up=100%", "db slow"),
    ("~^s", "shop slow"),
    ("~front$", "shop"),
    ("~^tcp", "db"),
    ("!~^s", "db"),
    ('"slow one"', "slow"),
    ("host2", "slow"),
]


@pytest.mark.parametrize(("text", "expected"), QUERIES)
def test_what_a_query_lets_through(text, expected):
    query = parse(text)
    assert [name for name, entry in ENTRIES.items() if query.matches(entry, NOW)] == expected.split()


@pytest.mark.parametrize("text", ["~(", '"open', "!~[", "~(?P<"])
def test_what_means_nothing_is_refused_with_words(text):
    with pytest.raises(QueryError, match=r"\S"):
        parse(text)


REFUSED = [
    ("grup:shop", "there is no grup: to filter by; did you mean group: ?"),
    ("state:gone", "there is no state 'gone'; there are pending, up, .* flapping, acknowledged"),
    ("lat>", "lat> … what?"),
    ("lat>x", "'x' is not a number such as 250ms"),
    (
        "!foo>3",
        "there is no foo to compare; there are latency, p95, uptime, cert",
    ),
]


@pytest.mark.parametrize(("text", "told"), REFUSED)
def test_a_slip_of_the_pen_is_told_with_what_there_is(text, told):
    with pytest.raises(QueryError, match=told):
        parse(text)


@pytest.mark.parametrize("expression", ["name:shop*", "group:sh?p", "group:*", "tag:E*", "type:TCP", "db:*"])
def test_what_select_takes_means_the_same_here(expression):
    selects, query = compile_selection([expression]), parse(expression)
    for entry in ENTRIES.values():
        assert query.matches(entry, NOW) is selects(entry.info)


@pytest.mark.parametrize("text", ["~(a+)+$", "!~(a+)+$"])
def test_a_regex_that_takes_too_long_is_given_up_and_hides_nothing(text, monkeypatch):
    monkeypatch.setattr("monitor.tui.lists.query.SEARCH_SECONDS", 0.01)
    query = parse(text)
    trap = Entry(info(9, "a" * 5000 + "!"), row(9))
    assert [query.matches(trap, NOW) for _ in range(1000)] == [True] * 1000
    assert query.given_up


@pytest.mark.parametrize("text", ["~.*.*$x", "~(a|a)*$", "~a*b", "~a{3}"])
def test_a_regex_finds_the_same_with_and_without_a_limit_of_time(text):
    short, long = (Entry(info(9, "b" + "a" * count), row(9)) for count in (3, 400))
    assert parse(text).matches(short, NOW) is parse(text).matches(long, NOW)


def test_a_tame_regex_that_takes_long_in_all_is_given_up_as_well(monkeypatch):
    monkeypatch.setattr("monitor.tui.lists.query.SEARCH_SECONDS", 0.01)
    query = parse("~a*a*[xy]$")
    for number in range(1000):
        query.matches(Entry(info(number, "a" * 250 + str(number)), row(number)), NOW)
    assert query.given_up


@given(st.text(max_size=40))
def test_no_text_crashes_it(text):
    try:
        query = parse(text)
    except QueryError:
        return
    for entry in ENTRIES.values():
        query.matches(entry, NOW)


# ---- selections for a filter


FOUND = [
    Entry(info(0, "shop front", group="shop", tags=("eu",)), row(0)),
    Entry(info(1, "shop api", group="shop"), row(1)),
    Entry(info(2, "mail", group="office", kind="tcp"), row(2)),
    Entry(info(3, "api [1]", target="https://shop.test/"), row(3)),
]


def terms_of(filter: str) -> tuple[str, ...]:
    query = parse(filter)
    return selection_terms(filter, [one for one in FOUND if query.matches(one, 0.0)], FOUND)


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        ("", ("*",)),
        ("group:shop", ("group:shop",)),
        ("g:shop", ("group:shop",)),
        ("t:eu", ("tag:eu",)),
        ("type:tcp", ("type:tcp",)),
        ("mail", ("mail",)),
        ("fron", ("*fron*",)),
        ("shop", ("id:id-0", "id:id-1", "id:id-3")),
        ("group:shop api", ("id:id-1",)),
        ("!mail", ("id:id-0", "id:id-1", "id:id-3")),
        ("state:up", ("id:id-0", "id:id-1", "id:id-2", "id:id-3")),
        ("nothing-fits", ()),
    ],
)
def test_the_terms_cover_what_the_filter_shows(filter: str, expected: tuple[str, ...]):
    assert terms_of(filter) == expected


@given(st.text(max_size=20))
def test_the_terms_cover_exactly_what_was_found(filter: str):
    found = FOUND[1:3]
    selects = compile_selection(selection_terms(filter, found, FOUND))
    assert [one for one in FOUND if selects(one.info)] == found


@given(st.lists(st.text(st.characters(exclude_characters="\0"), min_size=1).filter(str.strip), min_size=1))
def test_written_terms_can_be_read(names: list[str]):
    select = tuple(f"name:{name}" for name in names)
    assert read_terms(written_terms(select)) == select


@pytest.mark.parametrize("line", ["", "  ", "'shop", "grup:shop", "group:"])
def test_a_line_that_cannot_be_meant_is_refused(line: str):
    with pytest.raises(UsageError):
        read_terms(line)
