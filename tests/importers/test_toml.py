"""The text of a config."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config.interpolate import Interpolation
from monitor.importers._draft import Draft
from monitor.importers._secrets import placeholder
from monitor.importers._toml import written


def text_of(**keys: Any) -> str:
    draft = Draft("file", "tool")
    draft.endpoint("a").keys |= keys
    return str(written(draft))


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ue000\ue001")))
def test_a_text_comes_back_as_it_was(text: str):
    table = tomllib.loads(text_of(body=text, json={"k": [text]}))
    filled = Interpolation({}).fill(table, None, lambda *_: pytest.fail("not filled"))  # type: ignore[arg-type]
    assert filled["endpoints"][0]["body"].replace("\r\n", "\n") == text.replace("\r\n", "\n")
    assert filled["endpoints"][0]["json"]["k"] == [text]


@pytest.mark.parametrize("before", ["", "$", "$$", "x", "${"])
def test_a_placeholder_is_filled_in_whatever_stands_before_it(before: str):
    table = tomllib.loads(text_of(body=before + placeholder("A")))
    filled = Interpolation({"A": "secret"}).fill(table, None, lambda *_: pytest.fail("not filled"))  # type: ignore[arg-type]
    assert filled["endpoints"][0]["body"] == f"{before}secret"


def test_keys_stand_in_the_usual_order():
    text = text_of(expect={"status": 200}, tls={"verify": False}, url="https://a", interval="1m")
    assert [line.partition(" ")[0] for line in text.splitlines()[3:]] == [
        "name",
        "url",
        "interval",
        "tls",
        "expect.status",
    ]


def test_a_text_of_several_lines_is_written_as_such():
    assert 'body = """\none\ntwo"""' in text_of(body="one\ntwo")


def test_a_long_table_has_a_line_for_each_key():
    assert f'headers.X-A = "{"a" * 90}"' in text_of(headers={"X-A": "a" * 90, "X-B": "b"})


def test_a_refused_table_is_a_comment_with_its_reason():
    draft = Draft("file", "tool")
    block = draft.endpoint("a")
    block.keys |= {"url": "sctp://a", "body": "one\ntwo"}
    block.refuse("because")
    text = str(written(draft))
    assert "# not carried over: because\n# [[endpoints]]\n" in text
    assert not tomllib.loads(text)


def test_a_note_cannot_break_out_of_its_comment():
    draft = Draft("file", "tool")
    draft.endpoint("a").note("x", "one\n[[alerts]]\r\x1b[2J")
    assert tomllib.loads(str(written(draft))).keys() == {"endpoints"}


def test_what_to_set_is_listed_on_top():
    draft = Draft("file", "tool")
    draft.secrets.hide("hunter22", "the password", "shop")
    assert "#   SHOP  the password" in str(written(draft)).splitlines()
