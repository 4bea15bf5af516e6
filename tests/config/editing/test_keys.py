"""Changing keys of endpoints, in whichever form they are written."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config.editing.inline import inline, pair
from monitor.config.editing.keys import with_keys
from monitor.errors import EditError

FILE = '''\
[[endpoints]]
name = "front"     # the one that sells
url = "https://shop.test/"
# timeout = "1s"

# The database.
[[endpoints]]
  name = "db"
  url = """
# tcp://db.test:1
[[endpoints]]"""

[groups.shop]
timeout = "3s"
'''


def test_a_new_key_is_written_below_the_others_and_the_rest_stays():
    changes = {0: {"interval": "5s", "tags": ["eu"]}, 1: {"url": "tcp://db.test:2", "group": "shop"}}
    assert with_keys(FILE, changes) == (
        """\
[[endpoints]]
name = "front"     # the one that sells
url = "https://shop.test/"
interval = "5s"
tags = ["eu"]
# timeout = "1s"

# The database.
[[endpoints]]
  name = "db"
  url = "tcp://db.test:2"
  group = "shop"

[groups.shop]
timeout = "3s"
"""
    )


ONE = '[[endpoints]]\nurl = "tcp://a:1"\n'
LISTED = '  tags = [\n  "eu", # Europe\n  "#1"\n  ] # all\n'
EXPECT = '\n# It must answer.\n[endpoints.expect] # hard\nstatus = 200 # ok\nlatency = "1s"\n'
HEADERS = '[endpoints.headers]\nX-A = "1"\n\n[endpoints.expect.json]\n"$.a" = 1\n'


@pytest.mark.parametrize(
    ("before", "values", "after"),
    [
        ('interval = "1s" # calm\n', {"interval": "5s"}, 'interval = "5s" # calm\n'),
        ('interval = "1s" # calm\n', {"interval": None}, "# calm\n"),
        ('interval = "1s"\n', {"interval": None}, ""),
        ("slo = 1\n", {"slo": 1.0}, "slo = 1.0\n"),
        ("slo =    1\n", {"slo": 1}, "slo =    1\n"),
        ("", {"interval": None}, ""),
        (LISTED, {"tags": ["us"]}, '  # Europe\n  tags = ["us"] # all\n'),
        (LISTED, {"tags": None}, "  # Europe\n  # all\n"),
        (
            "expect.status = 200\n[endpoints.warn]\n",
            {"group": "a"},
            'expect.status = 200\ngroup = "a"\n[endpoints.warn]\n',
        ),
        # A table with its own header.
        (
            EXPECT,
            {"expect": {"status": 201, "latency": "1s"}},
            EXPECT.replace("200", "201"),
        ),
        (
            EXPECT,
            {"expect": {"status": 200, "certificate": "7d"}},
            '\n# It must answer.\n[endpoints.expect] # hard\nstatus = 200 # ok\ncertificate = "7d"\n',
        ),
        (EXPECT, {"expect": None}, "\n# It must answer.\n# hard\n# ok\n"),
        ('\n[endpoints.warn]\nlatency = "1s"\n\n# end\n', {"warn": None}, "\n# end\n"),
        (
            EXPECT + "# end\n",
            {"warn": {"latency": "1s"}},
            EXPECT + '# end\n\n[endpoints.warn]\nlatency = "1s"\n',
        ),
        (
            HEADERS,
            {"headers": {"X-A": "2"}, "expect": {"json": {"$.a": 1, "$.b c": 2}, "status": 2}},
            HEADERS.replace('"1"', '"2"') + '"$.b c" = 2\n\n[endpoints.expect]\nstatus = 2\n',
        ),
        ('\n[endpoints.headers]\nX-A = "1"\n', {"headers": {}}, "\n[endpoints.headers]\n"),
        # Dotted keys.
        (
            'expect.status = 200 # ok\nexpect.json."$.a" = 1\n',
            {"expect": {"status": 201, "json": {"$.a": 1}, "latency": "1s"}},
            'expect.status = 201 # ok\nexpect.json."$.a" = 1\nexpect.latency = "1s"\n',
        ),
        ("expect.status = 200\ngroup = 'a'\n", {"expect": None}, "group = 'a'\n"),
        ("auth.basic = ['a', 'b']\n", {"auth": "none"}, 'auth = "none"\n'),
        # An inline table.
        (
            "expect = { status = 200 } # ok\n",
            {"expect": {"status": 200, "latency": "1s"}},
            'expect = { status = 200, latency = "1s" } # ok\n',
        ),
        (
            "url2 = 1\n[endpoints.a]\nb = { c = 1 }\n",
            {"a": {"b": {"c": 2}}},
            "url2 = 1\n[endpoints.a]\nb = { c = 2 }\n",
        ),
        # Tables in a list.
        (
            "[[endpoints.steps]]\na = 1\n[[endpoints.steps]]\na = 2\n",
            {"steps": [{"a": 3}]},
            "steps = [{ a = 3 }]\n",
        ),
    ],
)
def test_only_the_lines_of_a_changed_value_change(before: str, values: dict[str, Any], after: str):
    for newline in ("\n", "\r\n"):
        old, new = ((ONE + one).replace("\n", newline) for one in (before, after))
        assert with_keys(old, {0: values}) == new
        tomllib.loads(new)


def test_a_last_line_without_an_end_gets_one():
    assert with_keys(ONE.rstrip(), {0: {"group": "a"}}) == ONE + 'group = "a"\n'
    assert with_keys(ONE.rstrip(), {0: {"warn": {"a": 1}}}) == ONE + "\n[endpoints.warn]\na = 1\n"


def test_keys_of_an_endpoint_that_is_no_table_cannot_be_changed():
    with pytest.raises(EditError, match="not written as"):
        with_keys('endpoints = [{ url = "tcp://a:1" }]', {0: {"group": "a"}})


# ---- whatever the file looks like

NAMES = st.sampled_from(["url", "a", "dot.ted", "ü", "expect", "warn", "headers"])
VALUES = st.recursive(
    st.sampled_from([1, True, 1.5, "x # y", 'q"', "[[endpoints]]"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)
TABLES = st.dictionaries(NAMES, VALUES, max_size=4)
REMARKS = st.sampled_from(["", " # why"])


@st.composite
def written(draw: Any, table: dict[str, Any], path: str, dots: str = "") -> tuple[str, str]:
    """The lines of a table in some form: those of its own pairs, and those of the tables below it."""
    own, below = "", ""
    for key, value in table.items():
        name = pair(key, 0).removesuffix(" = 0")
        form = (
            draw(st.sampled_from(["inline", "dotted", "header"])) if value and isinstance(value, dict) else ""
        )
        if form == "dotted":
            pairs, tables = draw(written(value, f"{path}.{name}", f"{dots}{name}."))
            own, below = own + pairs, below + tables
        elif form == "header" and not dots:
            pairs, tables = draw(written(value, f"{path}.{name}"))
            below += f"\n# about it\n[{path}.{name}]{draw(REMARKS)}\n{pairs}{tables}"
        else:
            own += f"{dots}{name} = {inline(value)}{draw(REMARKS)}\n"
    return own, below


@given(st.lists(TABLES, min_size=1, max_size=3), st.data())
def test_the_endpoint_has_the_new_values_and_every_comment_stays(tables: list[dict[str, Any]], data: Any):
    pieces = [data.draw(written(one, "endpoints")) for one in tables]
    text = "".join(f"[[endpoints]]\n{own}{below}\n" for own, below in pieces) + "[groups.g]\na = 1\n"
    assert tomllib.loads(text)["endpoints"] == tables
    at, new = data.draw(st.integers(0, len(tables) - 1)), data.draw(TABLES)
    changes = {key: new.get(key) for key in (*tables[at], *new)}
    after = with_keys(text, {at: changes})
    wanted = [*tables[:at], new, *tables[at + 1 :]]
    assert tomllib.loads(after) == {"endpoints": wanted, "groups": {"g": {"a": 1}}}
    assert after.count("# about it") == text.count("# about it")
    assert after.count(" # why") + after.count("\n# why") == text.count(" # why")
    assert with_keys(after, {at: new}) == after
