"""Matchers: literals and operators."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import FieldError
from monitor.matcher import MISSING, compile_matcher, describe
from monitor.redact import MASK, Secretive

NOWHERE_BUT_NEGATIONS = [
    ("ok", False),
    ({"eq": "ok"}, False),
    ({"ne": "ok"}, True),
    ({"lt": 1}, False),
    ({"ge": 0}, False),
    ({"contains": ""}, False),
    ({"not_contains": "x"}, True),
    ({"matches": ""}, False),
    ({"not_matches": "x"}, True),
    ({"in": [1]}, False),
    ({"exists": True}, False),
    ({"exists": False}, True),
]


@pytest.mark.parametrize(
    ("written", "actual", "holds"),
    [
        ("ok", "ok", True),
        ("ok", "OK", False),
        (5, 5, True),
        (5, 5.0, True),
        (5, "5", True),
        (5, "five", False),
        ("5", 5, False),
        (True, True, True),
        (True, 1, False),
        (1, True, False),
        (True, "true", False),
        (False, 0, False),
        ([1, "a"], [1, "a"], True),
        ([1], [True], False),
        ([1, 2], [1], False),
        ({"eq": {"a": 1}}, {"a": 1}, True),
        ({"eq": {"a": 1}}, {"a": 1, "b": 2}, False),
        ({"ne": "ok"}, "bad", True),
        ({"ne": 1}, True, True),
        ({"lt": 100}, 99.9, True),
        ({"lt": 100}, 100, False),
        ({"le": 100}, 100, True),
        ({"gt": 1}, "1.5", True),
        ({"gt": 1}, "much", False),
        ({"gt": 0}, True, False),
        ({"ge": 1, "lt": 10}, 5, True),
        ({"ge": 1, "lt": 10}, 10, False),
        ({"contains": "ok"}, "it is ok", True),
        ({"contains": "a"}, ["a", "b"], True),
        ({"contains": "a"}, ["ab"], False),
        ({"contains": "a"}, {"a": 1}, True),
        ({"contains": 2}, [1, 2], True),
        ({"contains": 2}, "1 2 3", True),
        ({"contains": "a"}, 5, False),
        ({"not_contains": "err"}, "fine", True),
        ({"not_contains": "err"}, "error", False),
        ({"matches": "^v[0-9]+$"}, "v12", True),
        ({"matches": "b"}, "abc", True),
        ({"matches": "^2"}, 200, True),
        ({"matches": "true"}, True, True),
        ({"matches": "x"}, ["x"], False),
        ({"not_matches": "^5"}, "200", True),
        ({"in": ["a", 2]}, "2", True),
        ({"in": ["a", 2]}, True, False),
        ({"exists": True}, None, True),
        ({"exists": False}, "", False),
        *((written, MISSING, holds) for written, holds in NOWHERE_BUT_NEGATIONS),
    ],
)
def test_a_matcher_holds_as_written(written: Any, actual: Any, holds: bool) -> None:
    assert compile_matcher("body", written).holds(actual) is holds


@pytest.mark.parametrize(
    ("written", "key", "told"),
    [
        ({"contians": "x"}, "body.contians", "did you mean 'contains'"),
        ({"zzz": 1}, "body.zzz", "use one of eq, ne"),
        ({}, "body", "at least one of"),
        ({"matches": "("}, "body.matches", "not a regular expression"),
        ({"matches": 5}, "body.matches", "in quotes"),
        ({"lt": "5"}, "body.lt", "with a number"),
        ({"lt": True}, "body.lt", "with a number"),
        ({"in": "abc"}, "body.in", "list"),
        ({"in": []}, "body.in", "list"),
        ({"exists": 1}, "body.exists", "true or false"),
        ({"contains": ["a"]}, "body.contains", "text or a number"),
    ],
)
def test_what_is_no_matcher_is_refused_with_what_would_be_right(written: Any, key: str, told: str) -> None:
    with pytest.raises(FieldError) as caught:
        compile_matcher("body", written)
    assert caught.value.key == key
    assert told in caught.value.text


def test_a_date_has_to_be_in_quotes() -> None:
    with pytest.raises(FieldError, match="in quotes"):
        compile_matcher("value", date(2026, 1, 1))


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("ok", "ok"),
        ("", "''"),
        (True, "true"),
        (["a"], '["a"]'),
        ({"lt": 100}, "< 100"),
        ({"ge": 1, "le": 3}, "≥ 1 and ≤ 3"),
        ({"contains": "ok"}, "contains 'ok'"),
        ({"not_matches": "^5"}, "does not match '^5'"),
        ({"ne": "x"}, "not 'x'"),
        ({"in": [1, 2]}, "one of [1, 2]"),
        ({"exists": True}, "a value"),
        ({"exists": False}, "no value"),
    ],
)
def test_a_matcher_reads_as_an_expectation(written: Any, told: str) -> None:
    assert str(compile_matcher("x", written)) == told


def test_matchers_are_equal_when_the_same_was_written() -> None:
    assert compile_matcher("a", {"lt": 1}) == compile_matcher("a", {"lt": 1})
    assert hash(compile_matcher("a", ["x"])) == hash(compile_matcher("a", ["x"]))
    assert compile_matcher("a", 1) != compile_matcher("a", True)
    assert compile_matcher("a", 1) != compile_matcher("a", "1")


SECRET = Secretive("hunter2", MASK)


@pytest.mark.parametrize(
    "written",
    [
        *(SECRET, [SECRET], {"in": [SECRET]}, {"eq": {"k": SECRET}}),
        *({name: SECRET} for name in ("eq", "ne", "contains", "matches")),
    ],
)
def test_a_secret_in_a_matcher_is_never_shown(written: Any) -> None:
    matcher = compile_matcher("x", written)
    assert "hunter2" not in f"{matcher} {matcher!r}"
    assert MASK in str(matcher)


def test_a_secret_in_a_matcher_is_compared_as_it_is() -> None:
    assert compile_matcher("x", SECRET).holds("hunter2")
    assert not compile_matcher("x", SECRET).holds(MASK)


def test_a_pattern_that_backtracks_without_end_is_given_up() -> None:
    for operator in ("matches", "not_matches"):
        matcher = compile_matcher("body", {operator: r"(x+x+)+(x+x+)+(x+x+)+y(?<!y)"})
        assert "takes longer" in str(matcher.complaint("x" * 5000))


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("", "''"),
        (MISSING, "nothing"),
        (None, "null"),
        ([1, "é"], '[1, "é"]'),
        (True, "true"),
        ("a\x1bb", "a␛b"),
    ],
)
def test_an_actual_value_is_described_on_one_line(value: Any, told: str) -> None:
    assert describe(value) == told


def test_a_value_nested_without_end_is_described_all_the_same() -> None:
    value: Any = 0
    for _ in range(100_000):
        value = [value]
    assert describe(value) == "a deeply nested value"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(json_values.filter(lambda v: v is not None and not isinstance(v, dict)), json_values)
def test_every_operator_and_its_opposite_disagree(operand: Any, actual: Any) -> None:
    for name, opposite in (("eq", "ne"), ("contains", "not_contains"), ("matches", "not_matches")):
        try:
            one, other = compile_matcher("x", {name: operand}), compile_matcher("x", {opposite: operand})
        except FieldError:
            continue
        assert one.holds(actual) is not other.holds(actual)


@given(json_values.filter(lambda v: v is not None and not isinstance(v, dict)))
def test_a_literal_equals_itself(value: Any) -> None:
    assert compile_matcher("x", value).holds(value) or None in flat(value)


def flat(value: Any) -> list[Any]:
    if isinstance(value, dict):
        value = list(value.values())
    return [item for part in value for item in flat(part)] if isinstance(value, list) else [value]
