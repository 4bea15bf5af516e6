"""Terms of a selection for what a filter has found."""

from __future__ import annotations

import pytest
from fake_source import info, row
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import UsageError
from monitor.syntax.selection import compile_selection
from monitor.tui.data.board import Entry
from monitor.tui.lists.query import parse
from monitor.tui.lists.selecting import read, terms, written

ENTRIES = [
    Entry(info(0, "shop front", group="shop", tags=("eu",)), row(0)),
    Entry(info(1, "shop api", group="shop"), row(1)),
    Entry(info(2, "mail", group="office", kind="tcp"), row(2)),
    Entry(info(3, "api [1]", target="https://shop.test/"), row(3)),
]


def terms_of(filter: str) -> tuple[str, ...]:
    query = parse(filter)
    return terms(filter, [one for one in ENTRIES if query.matches(one, 0.0)], ENTRIES)


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
    found = ENTRIES[1:3]
    selects = compile_selection(terms(filter, found, ENTRIES))
    assert [one for one in ENTRIES if selects(one.info)] == found


@given(st.lists(st.text(st.characters(exclude_characters="\0"), min_size=1).filter(str.strip), min_size=1))
def test_written_terms_can_be_read(names: list[str]):
    select = tuple(f"name:{name}" for name in names)
    assert read(written(select)) == select


@pytest.mark.parametrize("line", ["", "  ", "'shop", "grup:shop", "group:"])
def test_a_line_that_cannot_be_meant_is_refused(line: str):
    with pytest.raises(UsageError):
        read(line)
