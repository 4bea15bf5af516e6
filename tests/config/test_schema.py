"""The JSON Schema says what the loader says."""

import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import tomlkit
from from_schema import documents
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from monitor.config import json_schema, load, starter
from monitor.config.common import Common
from monitor.errors import ConfigError
from monitor.model import Problem
from monitor.probes import kinds, probe_class

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


def examples(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    """An endpoint of that kind with one or two keys, as the schema admits them."""
    definitions, probe = json_schema()["$defs"], probe_class(kind)
    schemas = [(key.name, definitions[key.name]) for key in (*fields(probe), *fields(Common))]
    values = {key: documents(schema, definitions) for key, schema in schemas if key != "url"}
    for table in ("expect", "warn"):
        known = {key: documents(one.schema, definitions) for key, one in probe.expectations.items()}
        values[table] = st.fixed_dictionaries({}, optional=known)
    pairs = st.sampled_from(sorted(values)).flatmap(lambda key: values[key].map(lambda value: (key, value)))
    return st.lists(pairs, min_size=1, max_size=2).map(lambda keys: {"url": EXAMPLES[kind], **dict(keys)})


EXAMPLES = {
    **{kind: f"{probe_class(kind).schemes[0]}://host.example:99" for kind in kinds()},
    "dns": "dns://host.example",
    "icmp": "icmp://host.example",
    "exec": "exec:/bin/true",
    "push": "push:backup",
}


@given(st.sampled_from(kinds()).flatmap(examples))
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_each_value_is_refused_with_its_key_or_it_loads_and_is_valid(
    validator: Draft202012Validator, tmp_path: Path, endpoint: dict[str, Any]
) -> None:
    text = tomlkit.dumps({"endpoints": [endpoint]})
    file = tmp_path / "monitor.toml"
    file.write_text(text, encoding="utf-8")
    problems = problems_of(file)
    assert all(problem.line and problem.key.startswith("endpoints[0]") for problem in problems)
    assert problems or errors(validator, text) == []


def problems_of(file: Path) -> tuple[Problem, ...]:
    try:
        load(file)
    except ConfigError as error:
        return error.problems
    return ()
