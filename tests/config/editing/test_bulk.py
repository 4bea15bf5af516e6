"""The same change to several endpoints."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from monitor.config import load
from monitor.config.editing.bulk import by_key, changes, fields
from monitor.config.editing.change import outcome
from monitor.errors import ConfigError, FieldError
from monitor.model import Config

Write = Callable[..., Path]
MAIN = """\
include = ["sub.toml"]

[defaults]
tags = ["eu"]

[groups.shop]
interval = "5s"

[[endpoints]]
name = "one"
url = "tcp://one:1"
group = "shop"   # sells
timeout = "2s"

[[endpoints]]
name = "two"
url = "tcp://two:1"
group = "shop"
timeout = "2s"
tags = ["us", "core"]
"""
SUB = '[[endpoints]]\nname = "three"\nurl = "tcp://three:1"\ninterval = "1m"\ntimeout = "2s"\n'


@pytest.fixture
def config(write: Write) -> Config:
    write(SUB, "sub.toml")
    return load(write(MAIN))


def changed(config: Config, typed: Mapping[str, str]) -> dict[str, str]:
    made = changes(config, config.endpoints, typed)
    outcome(config, made)
    return {Path(one.file).name: one.after.decode() for one in made}


def test_the_form_has_what_all_have_written_and_names_what_differs(config: Config):
    asked, texts = fields(config, config.endpoints)
    assert {one.key: one.default for one in asked} == {
        "interval": "5s | 1m",
        "timeout": "2s",
        "group": "shop | none",
        "tags": "eu | us, core",
    }
    assert texts == {"timeout": "2s"}


def test_a_value_is_written_into_every_file_beside_its_comment(config: Config):
    assert changed(config, {"group": "web", "interval": "9s"}) == {
        "monitor.toml": MAIN.replace('group = "shop"   # sells', 'group = "web"   # sells')
        .replace('group = "shop"\n', 'group = "web"\n')
        .replace('timeout = "2s"\n\n', 'timeout = "2s"\ninterval = "9s"\n\n')
        .replace('"core"]\n', '"core"]\ninterval = "9s"\n'),
        "sub.toml": SUB.replace("1m", "9s") + 'group = "web"\n',
    }


def test_an_empty_text_takes_the_key_out(config: Config):
    assert changed(config, {"timeout": ""})["sub.toml"] == SUB.replace('timeout = "2s"\n', "")


def test_a_file_whose_endpoints_have_the_value_already_stays(config: Config):
    assert changed(config, {"timeout": "2s"}) == {}
    assert list(changed(config, {"interval": "1m"})) == ["monitor.toml"]


@pytest.mark.parametrize(
    ("typed", "one", "two"),
    [
        ("+night", ["eu", "night"], ["us", "core", "night"]),
        ("-us, +eu", ["eu"], ["core", "eu"]),
        ("-eu, -us, -core", [], []),
        ("+", ["eu"], ["us", "core"]),
        ("a, +b", ["a", "+b"], ["a", "+b"]),
    ],
)
def test_tags_are_added_and_taken_away_from_those_in_force(
    config: Config, typed: str, one: list[str], two: list[str]
):
    made = outcome(config, changes(config, config.endpoints, {"tags": typed}))
    assert [list(made.endpoints[at].tags) for at in (0, 1)] == [one, two]


def test_other_keys_belong_to_one_endpoint(config: Config):
    with pytest.raises(FieldError, match="cannot be changed of several endpoints; interval, timeout, group"):
        changes(config, config.endpoints, {"url": "tcp://a:1"})


def test_a_problem_is_told_once_for_all(config: Config):
    typed = {"interval": "soon"}
    with pytest.raises(ConfigError) as caught:
        outcome(config, changes(config, config.endpoints, typed))
    assert list(by_key(caught.value.problems, typed)) == ["interval"]
    assert by_key(caught.value.problems, typed)["interval"].count("soon") == 1
    assert by_key(caught.value.problems, {"group": "x"}).keys() == {""}
