"""Another tool's settings: read with their types, and what nobody read is noted."""

from __future__ import annotations

from typing import Any

import pytest

from monitor.importers._fields import Fields, as_text, go_seconds, listed


def fields(**given: Any) -> tuple[Fields, list[tuple[str, str]]]:
    notes: list[tuple[str, str]] = []
    return Fields(given, lambda key, text: notes.append((key, text)), "top"), notes


@pytest.mark.parametrize(
    ("given", "text"),
    [("a", "a"), (1, "1"), (1.0, "1"), (1.5, "1.5"), (True, "true"), (None, None), ([], None)],
)
def test_scalars_are_texts(given: Any, text: str | None):
    assert as_text(given) == text


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        *(
            ("30s", 30),
            ("1h30m", 5400),
            ("1.5h", 5400),
            ("100ms", 0.1),
            ("2d", 172800),
            ("45", 45),
            (".5s", 0.5),
        ),
        *(("", None), ("soon", None), ("-5s", None), ("1s garbage", None), ("99999999d", None)),
    ],
)
def test_durations_are_as_go_writes_them(given: str, seconds: float | None):
    assert go_seconds(given) == (None if seconds is None else pytest.approx(seconds))


WRONG = [
    ("text", {"a": []}, "", "a text"),
    ("flag", {"a": "maybe"}, False, "true or false"),
    ("number", {"a": "x"}, None, "a number"),
    ("number", {"a": float("nan")}, None, "a number of a sensible size"),
    ("seconds", {"a": {}}, None, "a duration"),
    ("texts", {"a": [{}]}, [], "a list of texts"),
    ("pairs", {"a": {"b": []}}, {}, "a text"),
    ("tables", {"a": [1]}, [], "a table"),
]


@pytest.mark.parametrize(("method", "given", "value", "wanted"), WRONG)
def test_what_is_of_the_wrong_type_is_noted_and_left_out(method: str, given: Any, value: Any, wanted: str):
    made, notes = fields(**given)
    assert getattr(made, method)("a") == value
    ((key, text),) = notes
    assert key.startswith("top.a")
    assert wanted in text


def test_what_nobody_read_is_noted():
    made, notes = fields(read=1, unread=2, off=False, secret_token="x", table={"a": 1, "b": 2})
    made.count("read")
    made.below("table", rest=True).count("a")
    made.leftovers()
    assert notes == [
        ("top.unread", "has no counterpart (was 2)"),
        ("top.secret_token", "has no counterpart"),
        ("top.table.b", "has no counterpart (was 2)"),
    ]


SHOWN = {
    "plain words": ("by hand", " (was by hand)"),
    "a path": ("/etc/x.pem", " (was /etc/x.pem)"),
    "a truth value": (True, " (was true)"),
    "a header in JSON": ('{"Authorization":"Bearer s3cr3t"}', ""),
    "an account in a URL": ("https://u:s3cr3t@a.example", ""),
    "a parameter": ("https://a.example/?k=s3cr3t", ""),
    "a random word": ("https://a.example/hooks/8f14e45fceea167a5a36", ""),
    "a long text": ("word " * 20, ""),
}


@pytest.mark.parametrize(("value", "shown"), SHOWN.values(), ids=SHOWN)
def test_a_value_is_shown_only_if_it_cannot_hold_a_secret(value: Any, shown: str):
    made, notes = fields(setting=value)
    made.leftovers()
    assert notes == [("top.setting", f"has no counterpart{shown}")]


def test_what_is_lost_on_purpose_is_noted_with_the_reason():
    made, notes = fields(a=1, b=None)
    made.lose("because", "a", "b")
    made.leftovers()
    assert notes == [("top.a", "because")]


def test_a_long_list_is_cut():
    assert listed("abc") == "a, b, c"
    assert listed("abcdefg", 2) == "a, b and 5 more"
