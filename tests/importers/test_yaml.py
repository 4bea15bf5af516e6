"""YAML into plain values."""

from __future__ import annotations

from typing import Any

import pytest

from monitor.errors import UsageError
from monitor.importers._yaml import parse_yaml

SCALARS: dict[str, Any] = {
    "text": "text",
    "'1'": "1",
    "1": 1,
    "-1": -1,
    "0x10": 16,
    "1.5": 1.5,
    "1e3": 1000.0,
    "true": True,
    "yes": "yes",
    "on": "on",
    "null": None,
    "~": None,
    "23:00": "23:00",
    "1_000": "1_000",
    "2026-01-31": "2026-01-31",
    "010": "010",
    "!!str 1": "1",
    ".inf": ".inf",
    "9" * 400: "9" * 400,
    "|\n  a\n  b": "a\nb",
}


@pytest.mark.parametrize(("text", "value"), SCALARS.items())
def test_a_scalar_is_as_in_yaml_1_2(text: str, value: Any):
    assert parse_yaml(f"x: {text}", "it")["x"] == value


def test_merge_keys_are_carried_out_and_what_is_written_goes_first():
    assert parse_yaml("a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\n", "it")["b"] == {"x": 1, "y": 3}
    assert parse_yaml("a: &a {x: 1}\nc: &c {x: 2, z: 3}\nb: {<<: [*a, *c]}\n", "it")["b"] == {"x": 1, "z": 3}


def test_tables_know_their_lines():
    document = parse_yaml("a: 1\nb:\n  - c: 1\n", "it")
    assert document["b"][0].line == 3


def test_aliases_count_each_time():
    level = "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
    for before, after in zip("abcdef", "bcdefg", strict=True):
        level += f"{after}: &{after} [{', '.join([f'*{before}'] * 10)}]\n"
    with pytest.raises(UsageError, match="more than 1,000,000 values"):
        parse_yaml(level, "it")
