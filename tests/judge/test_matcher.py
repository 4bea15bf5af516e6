"""Matchers: literals and operators."""

import math
import operator
import re
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import FieldError
from monitor.judge.matcher import MISSING, compile_matcher, describe
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
        ("ok", "ok\n", False),
        ("ok", "ok ", False),
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
        ({"gt": 1}, "1_0", False),
        (9007199254740993, "9007199254740993", True),
        (9007199254740993, "9007199254740992", False),
        ({"lt": 9007199254740993}, "9007199254740992", True),
        (5, " 5\n", True),
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
    for name in ("matches", "not_matches"):
        matcher = compile_matcher("body", {name: r"(x+x+)+(x+x+)+(x+x+)+y(?<!y)"})
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


# ── a plain model of what the operators mean ────────────────────────────────────────────────────


def number(value: Any) -> float | None:
    """What ``value`` counts as where numbers are compared."""
    if isinstance(value, str) and len(value) <= 400 and "_" not in value:
        for reading in (int, float):
            with suppress(ValueError):
                return reading(value)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def text(value: Any) -> str | None:
    """What ``value`` is on the wire, where it is a scalar."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else None


def same(actual: Any, operand: Any) -> bool:
    match operand:
        case bool():
            return actual is operand
        case int() | float():
            return bool(number(actual) == operand)
        case str():
            return isinstance(actual, str) and actual == operand
        case list():
            alike = isinstance(actual, list) and len(actual) == len(operand)
            return alike and all(same(actual[i], operand[i]) for i in range(len(operand)))
        case dict():
            alike = isinstance(actual, dict) and set(actual) == set(operand)
            return alike and all(same(actual[name], operand[name]) for name in operand)
    raise AssertionError(operand)


def has(actual: Any, operand: Any) -> bool:
    if isinstance(actual, list):
        return any(same(item, operand) for item in actual)
    return isinstance(actual, str | dict) and str(text(operand)) in actual


def model(name: str, operand: Any, actual: Any) -> bool:
    """Whether ``actual`` holds, as the interface describes the operators."""
    match name:
        case "eq":
            return same(actual, operand)
        case "contains":
            return has(actual, operand)
        case "matches":
            said = text(actual)
            return said is not None and re.search(operand, said) is not None
        case "in":
            return any(same(actual, one) for one in operand)
        case "exists":
            return bool((actual is not MISSING) == operand)
        case "ne" | "not_contains" | "not_matches":
            return not model({"ne": "eq"}.get(name, name.removeprefix("not_")), operand, actual)
        case _:
            value = number(actual)
            return value is not None and bool(getattr(operator, name)(value, operand))


numbers = st.integers(-3, 3) | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
words = st.text("ab1.-_ e\n", max_size=4) | st.sampled_from(["true", "null", "1_0", "+1", "1e1", "inf"])
scalars = st.booleans() | numbers | words
json_values = st.recursive(
    st.none() | scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
toml_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=4,
)
patterns = st.sampled_from(["", r"\s", "^a", "b$", "[0-9]+", "^true$", r"\.", "a|b", "(?i)E", "^1", "-"])
OPERANDS: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(("eq", "ne"), toml_values),
    **dict.fromkeys(("lt", "le", "gt", "ge"), numbers),
    **dict.fromkeys(("contains", "not_contains"), scalars),
    **dict.fromkeys(("matches", "not_matches"), patterns),
    "in": st.lists(toml_values, min_size=1, max_size=3),
    "exists": st.booleans(),
}


@st.composite
def near(draw: st.DrawFn, operand: Any) -> Any:
    """A value that has something to do with ``operand``, or nothing at all."""
    if isinstance(operand, list) and operand and draw(st.booleans()):
        operand = draw(st.sampled_from(operand))
    written = str(text(operand))
    scalar = [
        operand,
        written,
        f" {written}\n",
        f"a{written}b",
        operand == 1,
        written.removesuffix(".0"),
        MISSING,
    ]
    inside = [[operand], [written], [written, operand], {written: 1}, {"a": operand}]
    return draw(st.sampled_from(scalar) | st.sampled_from(inside) | json_values)


@pytest.mark.parametrize("name", OPERANDS)
@given(st.data())
def test_every_operator_holds_as_the_model_has_it(name: str, data: st.DataObject) -> None:
    operand = data.draw(OPERANDS[name])
    actual = data.draw(near(operand))
    matcher = compile_matcher("x", {name: operand})
    assert matcher.holds(actual) is model(name, operand, actual)
    assert (matcher.complaint(actual) is None) is matcher.holds(actual)


@given(st.data())
def test_a_table_of_operators_holds_when_every_one_of_them_does(data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from(sorted(OPERANDS)), min_size=1, max_size=3, unique=True))
    table = {name: data.draw(OPERANDS[name]) for name in names}
    actual = data.draw(near(table[names[0]]))
    expected = all(model(name, operand, actual) for name, operand in table.items())
    assert compile_matcher("x", table).holds(actual) is expected


@given(toml_values.filter(lambda value: not isinstance(value, dict)), st.data())
def test_a_literal_is_equality(literal: Any, data: st.DataObject) -> None:
    actual = data.draw(near(literal))
    assert compile_matcher("x", literal).holds(literal)
    assert compile_matcher("x", literal).holds(actual) is same(actual, literal)


@pytest.mark.parametrize(
    ("literal", "actual", "told"),
    [
        ("ok", "ok ", '"ok "'),
        ("ok", "ok\n", '"ok\\n"'),
        ("ok", "OK", "OK"),
        ("1", 1, "1, which is no text"),
        (True, "true", '"true"'),
    ],
)
def test_what_only_looks_as_expected_is_told_with_what_does_not_show(
    literal: Any, actual: Any, told: str
) -> None:
    assert compile_matcher("x", literal).complaint(actual) == told


def test_a_pattern_that_is_a_secret_is_not_quoted() -> None:
    with pytest.raises(FieldError) as caught:
        compile_matcher("k", {"matches": Secretive("(?P<hunter2", MASK)})
    assert caught.value.text == "is not a regular expression"


def test_a_limit_may_come_from_a_variable_and_must_be_a_number() -> None:
    matcher = compile_matcher("k", {"lt": Secretive("7", MASK)})
    assert matcher.complaint(6.5) is None
    assert matcher.complaint(7) is not None
    for operand in (Secretive("x", MASK), "7", math.nan):
        with pytest.raises(FieldError, match="compares with a number"):
            compile_matcher("k", {"lt": operand})


def test_everything_wrong_in_a_matcher_is_reported_at_once() -> None:
    with pytest.raises(FieldError) as caught:
        compile_matcher("body", {"matches": "(", "contian": "x", "lt": "y"})
    assert [error.key for error in (caught.value, *caught.value.also)] == [
        "body.matches",
        "body.contian",
        "body.lt",
    ]
