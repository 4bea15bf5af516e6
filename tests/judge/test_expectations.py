"""What ``expect`` and ``warn`` may ask: which TOML values are taken."""

from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import FieldError
from monitor.judge import expectations
from monitor.judge.expectations import Expectation, value_of
from monitor.model import Failed, Observation, Reason

ALL = {name: value for name, value in vars(expectations).items() if isinstance(value, Expectation)}


@pytest.mark.parametrize(
    ("name", "value", "key", "told"),
    [
        ("LATENCY", "soon", "k", "not a duration"),
        ("LATENCY", 0, "k", "more than 0"),
        ("CERTIFICATE", True, "k", "duration"),
        ("STATUS", "0xx", "k", '"2xx"'),
        ("STATUS", "200", "k", '"200" is no HTTP status; write a code such as 200'),
        ("STATUS", 99, "k", "99 is no HTTP status"),
        ("STATUS", 1000, "k", "1000 is no HTTP status"),
        ("STATUS", True, "k", "true is no HTTP status"),
        ("STATUS", date(2026, 1, 1), "k", '"2026-01-01" is no HTTP status'),
        ("STATUS", [], "k", "is empty; write a code such as 200"),
        ("BODY", {"has": "x"}, "k.has", "no operator 'has'"),
        ("HEADERS", "text/html", "k", "is a table"),
        ("HEADERS", {"a": {"lt": "x"}}, "k.a.lt", "number"),
        ("JSON", {}, "k", "is a table"),
        ("JSON", {"status": "ok"}, "k.status", "RFC 9535"),
        ("JSON", {"$.a": {"matches": "["}}, "k.$.a.matches", "regular expression"),
        ("HTTP_VERSION", 2, "k", '"1.1"'),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_key(name: str, value: Any, key: str, told: str) -> None:
    with pytest.raises(FieldError) as caught:
        ALL[name].compile("k", value)
    assert caught.value.key == key
    assert told in caught.value.text


@pytest.mark.parametrize("name", ALL)
def test_every_key_has_help_in_a_sentence_and_a_schema(name: str) -> None:
    assert ALL[name].help.endswith(".")
    assert ALL[name].schema


def test_a_kind_may_expect_something_of_a_fact_of_its_own() -> None:
    (assertion,) = value_of("rows", "How many rows.").compile("expect.rows", {"ge": 2})
    few, many = (Observation(started=0.0, facts={"rows": rows}) for rows in (1, 3))
    assert assertion.judge(many, "expect") is None
    failed = assertion.judge(few, "expect")
    assert failed == Failed(
        check="rows", severity="expect", expected="≥ 2", actual="1", reason=Reason.VALUE_MISMATCH
    )


@pytest.mark.parametrize(
    ("path", "right"),
    [
        ("$.25447.bill", "$['25447'].bill"),
        ("$.a.25447", "$.a['25447']"),
        ("$.content-type", "$['content-type']"),
        ("status", "$.status"),
        (".status", "$.status"),
        ("[0].id", "$[0].id"),
        ("items.0.x-id", "$.items['0']['x-id']"),
        ("$.ok[*].7", "$.ok[*]['7']"),
    ],
)
def test_the_json_path_that_is_meant_is_proposed(path: str, right: str) -> None:
    with pytest.raises(FieldError) as caught:
        ALL["JSON"].compile("expect.json", {path: 1})
    assert caught.value.text == f"is not an RFC 9535 path; did you mean {right}?"
    assert ALL["JSON"].compile("expect.json", {right: 1})


def test_a_json_path_that_means_nothing_is_answered_with_an_example() -> None:
    with pytest.raises(FieldError, match="write one such as"):
        ALL["JSON"].compile("expect.json", {"$[": 1})


@pytest.mark.parametrize(
    ("name", "table"),
    [("JSON", {"$.1": 1, "$.a": 1, "$[": 1}), ("HEADERS", {"a": {"lt": "x"}, "b": "fine", "c": {"has": 1}})],
)
def test_everything_wrong_in_a_table_is_told_at_once(name: str, table: dict[str, Any]) -> None:
    with pytest.raises(FieldError) as caught:
        ALL[name].compile("k", table)
    first, _, third = table
    (also,) = caught.value.also
    assert caught.value.key.startswith(f"k.{first}")
    assert also.key.startswith(f"k.{third}")


@given(st.text(max_size=12))
def test_any_json_path_is_taken_or_refused(path: str) -> None:
    with suppress(FieldError):
        ALL["JSON"].compile("k", {path: 1})
