"""Matchers out of several conditions, JSON paths, globs, status codes."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.importers._draft import Block
from monitor.importers._matchers import add, compact_codes, glob_pattern, json_path, literal

LITERALS = [
    ("1", 1),
    ("-1", -1),
    ("01", "01"),
    ("1.5", 1.5),
    ("true", True),
    ("x", "x"),
    ("9" * 30, "9" * 30),
    ("", ""),
]


@pytest.mark.parametrize(("text", "value"), LITERALS)
def test_a_literal_is_what_it_spells(text: str, value: Any):
    assert literal(text) == value
    assert type(literal(text)) is type(value)


PATHS = {
    "": "$",
    "user.name": "$.user.name",
    ".user": "$.user",
    "data[0].id": "$.data[0].id",
    "[0]": "$[0]",
    "my-key": "$['my-key']",
    "it's": "$['it\\'s']",
    "a['b c']": "$['b c']",
    "a..b": None,
    "a[": None,
    "a[x]": None,
}


@pytest.mark.parametrize(("steps", "path"), PATHS.items())
def test_a_path_becomes_rfc_9535(steps: str, path: str | None):
    assert json_path(steps) == (path if steps != "a['b c']" else "$.a['b c']")


@given(st.text("ab*?.\n", max_size=6), st.text("ab.\n", max_size=8))
def test_a_glob_fits_what_its_pattern_finds(glob: str, text: str):
    fits = fnmatchcase(text, glob)
    found = re.search(glob_pattern(glob).replace("$", r"\Z"), text) is not None
    assert found is fits


def test_globs_read_well():
    assert [glob_pattern(glob) for glob in ("john*", "*doe", "*x*", "a?b")] == [
        "^john",
        "doe$",
        "x",
        "(?s)^a.b$",
    ]


def test_operators_on_one_value_are_put_together():
    block = Block("endpoints")
    assert add(block, "json", "$.a", "gt", 1)
    assert add(block, "json", "$.a", "lt", 9)
    assert add(block, "json", "$.a", "lt", 9)
    assert not add(block, "json", "$.a", "lt", 8)
    assert block.keys == {"expect": {"json": {"$.a": {"gt": 1, "lt": 9}}}}


def test_whole_classes_of_codes_are_written_as_such():
    assert compact_codes({200}) == [200]
    assert compact_codes({*range(200, 300), 404}) == ["2xx", 404]
