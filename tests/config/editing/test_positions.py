"""Where every key of a TOML document stands."""

import tomllib
from typing import Any

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st
from toml_values import SCALARS, VALUES

from monitor.config.editing.positions import Path, array_lines, positions, sections


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        ("a = 1\nb = 2", ("b",), 2),
        ("[t]\nx = 1", ("t", "x"), 2),
        ("[t]\nx = 1", ("t",), 1),
        ("[a.b]\n[a.c]\ny = 1", ("a", "c", "y"), 3),
        ("[[e]]\n[[e]]\nname = 1", ("e", 1, "name"), 3),
        ("[[e]]\n[[e]]\n[e.expect]\nstatus = 1", ("e", 1, "expect", "status"), 4),
        ("[[e]]\nx.y.z = 1", ("e", 0, "x", "y", "z"), 2),
        ("a = [\n  1, # one\n  2,\n]", ("a", 1), 3),
        ("a = { b = 1, c = { d = [1, 2] } }", ("a", "c", "d", 1), 1),
        ("a = [\n {b = 1},\n {b = 2},\n]\nc = 1", ("a", 1, "b"), 3),
        ('a = """\n[x]\nb = 1\n"""\nb = 2', ("b",), 5),
        ("a = '''\n]\n'''\nb = 2", ("b",), 4),
        ('"quoted.key" = 1\n"\\u0041" = 2', ("A",), 2),
        ('a = "\\"#not a comment" # a comment\nb = 1', ("b",), 2),
        ("# only a comment\n\n\na = 2020-01-01T00:00:00Z\nb = 1", ("b",), 5),
        ('a = """x\\"""""\nb = 1', ("b",), 2),
    ],
)
def test_a_key_has_its_line(text: str, path: Path, line: int) -> None:
    tomllib.loads(text)
    assert positions(text)[path] == line


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ("[[e]]\n[[e]]\n", [1, 2]),
        ("a = 1\n\n  [[ e ]]  # the first\nb = 1\n[[e.f]]\n[[ee]]\n[e.g]\n[[e]]", [3, 8]),
        ("# [[e]]\na = '[[e]]'\n[[e]]", [3]),
        ('a = """\n[[e]]\n"""\n[[e]]', []),
        ("a = '''\n[[e]]\n'''\n[[e]]", []),
    ],
)
def test_headers_of_an_array_are_found_by_a_search_where_it_is_safe(text: str, lines: list[int]) -> None:
    tomllib.loads(text)
    assert list(array_lines(text, "e")) == lines
    assert all(positions(text)[("e", at)] == line for at, line in enumerate(lines))


def paths(value: Any, at: Path = ()) -> list[Path]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path for key, item in items for path in ((*at, key), *paths(item, (*at, key)))]


@given(st.dictionaries(st.text(max_size=5), VALUES, max_size=5), st.booleans())
def test_every_key_of_any_document_has_a_line(document: dict[str, Any], multiline: bool) -> None:
    text = tomli_w.dumps(document, multiline_strings=multiline)
    found = positions(text)
    assert set(paths(tomllib.loads(text))) <= set(found)
    assert all(1 <= line <= text.count("\n") + 1 for line in found.values())


@given(st.lists(st.tuples(st.text("abc", min_size=1, max_size=3), SCALARS), unique_by=lambda pair: pair[0]))
def test_keys_on_lines_of_their_own_have_those_lines(pairs: list[tuple[str, Any]]) -> None:
    text = "".join(tomli_w.dumps({key: value}) for key, value in pairs)
    found = positions(text)
    assert [found[key,] for key, _ in pairs] == list(range(1, len(pairs) + 1))


def test_sections_know_where_their_pairs_and_values_begin_and_end() -> None:
    text = 'a = 1 # one\r\n[t]\r\n  b.c = """\r\n[x]""" \r\n[[e]]\r\n[e.f]\r\n'
    found = sections(text)
    assert [(one.path, one.start) for one in found] == [
        ((), 0),
        (("t",), text.index("[t]")),
        (("e", 0), text.index("[[e]]")),
        (("e", 0, "f"), text.index("[e.f]")),
    ]
    written = [(one.path, text[one.start : one.value], text[one.value : one.end]) for one in found[1].pairs]
    assert written == [(("t", "b", "c"), "b.c = ", '"""\r\n[x]"""')]
    assert text[found[0].pairs[0].value : found[0].end] == "1"
