"""The JSON Schema says what the loader says."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from monitor.config import json_schema, starter

SAMPLE = Path(__file__).parents[2] / "sample_config.toml"
URL = '[[endpoints]]\nurl = "https://a/"\n'


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    schema = json_schema()
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def errors(validator: Draft202012Validator, text: str) -> list[str]:
    document: Any = tomllib.loads(text)
    return [error.message for error in validator.iter_errors(document)]


@pytest.mark.parametrize(
    "text",
    [
        SAMPLE.read_text(encoding="utf-8"),
        starter(),
        URL + "interval = 5\ntimeout = '2s'\nexpect = { status = [200, '3xx'], body = 'x' }",
        URL + "down_after = '${N:-3}'\nenabled = '${ON:-true}'",
        URL + "auth = { basic = ['u', 'p'] }\ntls = { verify = false }",
        "[groups.a]\ninterval = 5\n[defaults]\nsend = 'x'",
        "[dashboard]\ntheme = 'light'\nkeys = { 'overview.check' = ['R', 'f5'], quit = 'Q' }",
        "[dashboard.themes.mine]\nbase = 'light'\ngood = '#00ff00'",
    ],
    ids=lambda _: "",
)
def test_what_loads_is_valid(validator: Draft202012Validator, text: str) -> None:
    assert errors(validator, text) == []


@pytest.mark.parametrize(
    "text",
    [
        "intervall = 3",
        "dashboard.keys.check = 'R'",
        "dashboard.themes.mine.soul = 'red'",
        "[[endpoints]]\nname = 'x'",
        URL + "intervall = 3",
        URL + "send = 'x'",
        "[[endpoints]]\nurl = 'tcp://a:1'\nmethod = 'GET'",
        "[[endpoints]]\nurl = 'tcp://a:1'\nexpect.status = 200",
        URL + "expect.status = '0xx'",
        URL + "http_version = '4'",
        URL + "timeout = true",
        "[defaults]\nname = 'x'",
        "[groups.a]\ngroup = 'b'",
    ],
)
def test_what_does_not_load_is_not_valid(validator: Draft202012Validator, text: str) -> None:
    assert errors(validator, text)


def test_every_key_is_explained() -> None:
    schema = json_schema()
    assert all(one.get("description") or one.get("anyOf") for one in schema["$defs"].values())
