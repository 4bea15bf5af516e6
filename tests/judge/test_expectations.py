"""What ``expect`` and ``warn`` may ask: which TOML values are taken."""

from datetime import date
from typing import Any

import pytest

from monitor.errors import FieldError
from monitor.judge import expectations
from monitor.judge.expectations import Expectation, value_of
from monitor.model import Failed, Observation, Reason

ALL = {name: value for name, value in vars(expectations).items() if isinstance(value, Expectation)}


@pytest.mark.parametrize(
    ("name", "value", "key", "told"),
    [
        ("LATENCY", "soon", "k", "not a duration"),
        ("LATENCY", 0, "k", "more than nothing"),
        ("CERTIFICATE", True, "k", "duration"),
        ("STATUS", "6xx", "k", '"2xx"'),
        ("STATUS", "200", "k", '"200" is no HTTP status; write a code such as 200'),
        ("STATUS", 99, "k", "99 is no HTTP status"),
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
