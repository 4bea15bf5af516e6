"""A form for one endpoint: what it asks for, and what is meant by what is typed."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config.editing.form import asked, kind_of, table, text_of, texts, value_of
from monitor.config.schema import Schema
from monitor.errors import FieldError
from monitor.fields import Asked
from monitor.probes import kinds
from monitor.text import plain_line

HTTP = "https://shop.test/"


def of(kind: str, **inherited: Any) -> dict[str, Asked]:
    return {one.key: one for one in asked(kind, inherited)}


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://a", "http"),
        ("HTTP:", "http"),
        ("redis", ""),
        ("gopher://a", ""),
        ("push:x", "push"),
        ("", ""),
    ],
)
def test_the_scheme_picks_the_kind(url: str, kind: str):
    assert kind_of(url) == kind


@pytest.mark.parametrize("kind", ["", *kinds()])
def test_every_kind_is_asked_for_its_url_first_and_every_key_is_explained(kind: str):
    fields = asked(kind, {})
    assert [fields[0].key, fields[1].key] == ["url", "name"]
    assert all(field.help for field in fields)
    assert len({field.key for field in fields}) == len(fields)


def test_keys_stand_with_what_they_belong_to():
    parts = dict.fromkeys(field.part for field in asked("http", {}))
    assert list(parts) == ["", "http", "expect", "warn"]
    assert {field.part for field in asked("", {})} == {""}


def test_a_key_tells_its_default_its_example_and_its_choices():
    http = of("http")
    assert (http["interval"].default, http["down_after"].default, http["enabled"].default) == (
        "30s",
        "3",
        "true",
    )
    assert (http["max_body"].default, http["max_redirects"].default) == ("1MiB", "10")
    assert http["expect.status"].default == "2xx"
    assert http["warn.status"].default == ""
    assert http["headers"].example == '{ X-Team = "shop" }'
    assert http["ip_version"].choices == ("auto", "4", "6", "both")


def test_what_is_inherited_is_the_default():
    http = of("http", interval="10s", tags=["eu", "web"], expect={"latency": "2s", "status": 200})
    assert (http["interval"].default, http["tags"].default) == ("10s", "eu, web")
    assert (http["expect.latency"].default, http["expect.status"].default) == ("2s", "200")


TYPED = [
    ("name", "  Shop front ", "Shop front"),
    ("name", "3", "3"),
    ("name", '"3 "', "3 "),
    ("tags", "web, eu,", ["web", "eu"]),
    ("tags", '["a, b"]', ["a, b"]),
    ("interval", "30s", "30s"),
    ("interval", "5", 5),
    ("timeout", "${T}", "${T}"),
    ("enabled", "false", False),
    ("down_after", "two", "two"),
    ("max_body", "1MiB", "1MiB"),
    ("ip_version", "6", 6),
    ("http_version", "2", "2"),
    ("headers", '{ X-Team = "shop" }', {"X-Team": "shop"}),
    ("json", '{ a = [1] }', {"a": [1]}),
    ("json", "text", "text"),
    ("body", "a = 1", "a = 1"),
    ("body", '"two\\nlines"', "two\nlines"),
    ("expect.status", "2xx", "2xx"),
    ("expect.status", "200", 200),
    ("expect.status", '[200, "3xx"]', [200, "3xx"]),
    ("expect.http_version", "1.1", "1.1"),
    ("warn.latency", "500ms", "500ms"),
    ("expect.body", '{ contains = "ok" }', {"contains": "ok"}),
]  # fmt: skip


@pytest.mark.parametrize(("key", "text", "value"), TYPED)
def test_what_is_meant_by_what_is_typed(key: str, text: str, value: Any):
    made = table({"url": HTTP, key: text})
    top, dot, name = key.partition(".")
    found = made[top][name] if dot else made[key]
    assert found == value
    assert type(found) is type(value)
    back = texts(made)
    assert table(back) == made
    assert set(back) == {"url", key}


def test_one_of_several_is_typed_as_it_is():
    assert texts({"url": HTTP, "depends_on": "Gateway", "tags": ["a"]}) == {
        "url": HTTP,
        "depends_on": "Gateway",
        "tags": "a",
    }


def test_what_is_left_empty_is_left_out():
    assert table({"url": HTTP, "name": "", "expect.status": "  "}) == {"url": HTTP}
    assert table({}) == {}


def test_keys_stay_in_their_order_but_for_the_name_which_comes_first():
    typed = {"url": HTTP, "warn.latency": "1s", "group": "a", "name": "b", "warn.status": "200"}
    assert list(table(typed)) == ["name", "url", "warn", "group"]


@pytest.mark.parametrize(
    ("key", "text"),
    [("headers", "{ a = "), ("tags", '["a"'), ("name", '"a'), ("expect.body", "'"), ("json", "[" * 9999)],
)
def test_what_begins_as_toml_and_is_none_is_reported(key: str, text: str):
    with pytest.raises(FieldError, match="is no TOML value") as caught:
        table({"url": HTTP, key: text})
    assert caught.value.key == key


@pytest.mark.parametrize("typed", [{"expect": "200"}, {"expect.status": "200", "expect": "{ status = 200 }"}])
def test_a_whole_table_is_typed_key_by_key(typed: dict[str, str]):
    with pytest.raises(FieldError) as caught:
        table({"url": "https://a", **typed})
    assert caught.value.key == "expect"


def test_more_than_one_value_is_text():
    assert value_of("json", "1\ny = 2", {}) == "1\ny = 2"


SCHEMAS: list[Schema] = [
    {},
    {"type": "string"},
    {"type": ["string", "number"]},
    {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
]
SCALARS = st.one_of(
    st.integers(-99, 99),
    st.booleans(),
    st.text(max_size=8),
    st.text('\x1b\x85\u202e\n\t "a', max_size=4),
    st.sampled_from(["1", "true", "[a", "4"]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
)


@given(VALUES, st.sampled_from(SCHEMAS))
def test_what_would_be_typed_for_a_value_means_that_value(value: Any, schema: Schema):
    text = text_of(value, schema)
    assert plain_line(text, len(text)) == text
    assert isinstance(value, _fitting(schema)) <= (value_of("", text, schema) == value)


def _fitting(schema: Schema) -> tuple[type, ...]:
    """The types of the values that ``schema`` may have."""
    if schema.get("type") == "string":
        return (str,)
    return (list,) if "anyOf" in schema else (object,)
