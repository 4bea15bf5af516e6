"""A config as one location's agents see it."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.config import load
from monitor.config.agents import for_location
from monitor.errors import ConfigError

CONFIG = """
include = ["more.toml"]
[monitor]
listen = ":9315"
tokens = { read = "${READ}" }
max_concurrency = 7
[cluster]
nats = ["nats://127.0.0.1:4222"]
[groups.asia]
locations = ["ap"]
[[endpoints]]
name = "Everywhere"
url = "https://a.example"
depends_on = ["Europe"]
[[endpoints]]
name = "Europe"
url = "https://user:${EU_PASSWORD}@b.example"
locations = ["eu"]
[[endpoints]]
name = "Asia"
url = "https://c.example"
group = "asia"
headers = { X = "${AP_TOKEN}" }
[[endpoints]]
url = "push:backup"
token = "${PUSH_TOKEN}"
[[alerts]]
url = "https://hook.example/${HOOK}"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "more.toml").write_text(
        '[[endpoints]]\nname = "More"\nurl = "https://d.example"\nlocations = "eu"'
    )
    (tmp_path / "monitor.toml").write_text(CONFIG)
    return tmp_path / "monitor.toml"


@pytest.mark.parametrize(
    ("location", "secrets", "names"),
    [
        ("us", (), ["Everywhere"]),
        ("eu", ("EU_PASSWORD",), ["Everywhere", "Europe", "More"]),
        ("ap", ("AP_TOKEN",), ["Everywhere", "Asia"]),
    ],
)
def test_an_agent_needs_the_secrets_of_its_own_endpoints_alone(
    file: Path, location: str, secrets: tuple[str, ...], names: list[str], monkeypatch: pytest.MonkeyPatch
):
    for secret in secrets:
        monkeypatch.setenv(secret, "hunter2")
    config = load(file, location=location)
    assert [one.name for one in config.endpoints] == names
    assert (config.alerts, config.settings.listen, config.settings.max_concurrency) == ((), None, 7)


def test_a_secret_that_is_missing_is_named_with_its_line(file: Path):
    with pytest.raises(ConfigError) as caught:
        load(file, location="eu")
    (problem,) = caught.value.problems
    assert (problem.line, problem.key) == (17, "endpoints[1].url")
    assert "EU_PASSWORD is not set" in problem.text


def test_the_endpoints_of_a_location_have_the_ids_that_they_have_everywhere(
    file: Path, monkeypatch: pytest.MonkeyPatch
):
    for secret in ("READ", "EU_PASSWORD", "AP_TOKEN", "PUSH_TOKEN", "HOOK"):
        monkeypatch.setenv(secret, "hunter2")
    whole = {one.name: one.id for one in load(file).endpoints}
    for location in ("eu", "us", "ap"):
        assert all(whole[one.name] == one.id for one in load(file, location=location).endpoints)


@pytest.mark.parametrize(
    "endpoint",
    [3, {"url": "https://x", "locations": 3}, {"url": "https://x", "locations": []}, {"group": 3, "url": ""}],
)
def test_what_is_wrong_is_kept_to_be_complained_of(endpoint: object):
    assert for_location([{"endpoints": [endpoint]}], "eu") == [{"endpoints": [endpoint]}]
