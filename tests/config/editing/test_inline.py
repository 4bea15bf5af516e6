"""TOML values on one line."""

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from toml_values import VALUES

from monitor.config.editing.inline import dotted, inline, pair


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (["web", "eu"], '["web", "eu"]'),
        ({"X-Team": "shop", "a b": 1}, '{ X-Team = "shop", "a b" = 1 }'),
        ({"$.depth": {"lt": 100}}, '{ "$.depth" = { lt = 100 } }'),
        ({}, "{}"),
        ([], "[]"),
        (True, "true"),
        ("two\nlines", '"two\\nlines"'),
    ],
)
def test_small_values_look_as_people_write_them(value: Any, written: str) -> None:
    assert inline(value) == written


@given(st.text(max_size=8), VALUES)
def test_whatever_is_written_is_one_line_and_reads_the_same(key: str, value: Any) -> None:
    written = pair(key, value)
    assert "\n" not in written
    assert tomllib.loads(written) == {key: value}


def test_each_part_of_a_dotted_key_is_quoted_if_need_be() -> None:
    assert dotted(["expect", "json", "$.a b"]) == 'expect.json."$.a b"'
