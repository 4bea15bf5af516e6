"""[cluster], and the keys of endpoints that need it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.config import cluster, load
from monitor.config.cluster import for_location
from monitor.errors import ConfigError
from monitor.model import Config

Problems = Callable[[str], list[str]]

CLUSTER = '[cluster]\nnats = ["nats://127.0.0.1:4222"]\n'
ENDPOINT = '[[endpoints]]\nurl = "https://shop.example"\n'


def test_the_table_is_read(loaded: Callable[[str], Config], tmp_path: Path):
    (tmp_path / "m.creds").write_text("x")
    cluster = loaded(f'{CLUSTER}credentials = "m.creds"\nlocation = "eu"').cluster
    assert cluster
    assert (cluster.nats, cluster.location) == (("nats://127.0.0.1:4222",), "eu")
    assert cluster.credentials == str(tmp_path / "m.creds")


def test_a_login_is_read_and_never_shown(loaded: Callable[[str], Config]):
    cluster = loaded(f'{CLUSTER}user = "m"\npassword = "hunter2"\ntls = {{ verify = false }}').cluster
    assert cluster
    assert (cluster.user, cluster.password, cluster.tls.verify) == ("m", "hunter2", False)
    assert "hunter2" not in repr(cluster)


def test_without_the_table_there_is_no_cluster(loaded: Callable[[str], Config]):
    assert loaded(ENDPOINT).cluster is None


def test_an_endpoint_is_checked_everywhere_unless_it_says_otherwise(loaded: Callable[[str], Config]):
    (one,) = loaded(CLUSTER + ENDPOINT).endpoints
    assert (one.locations, one.quorum) == ((), "majority")


def test_locations_and_quorum_are_inherited(loaded: Callable[[str], Config]):
    text = f'{CLUSTER}[defaults]\nlocations = ["eu", "us"]\nquorum = 2\n{ENDPOINT}'
    (one,) = loaded(text).endpoints
    assert (one.locations, one.quorum) == (("eu", "us"), 2)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[cluster]\n", '1: cluster: lacks nats, as in nats = ["nats://127.0.0.1:4222"]'),
        (
            "[cluster]\nnats = []\n",
            '2: cluster.nats: names no server; write one as in ["nats://127.0.0.1:4222"]',
        ),
        (
            '[cluster]\nnats = ["http://x:1"]\n',
            '2: cluster.nats[0]: "http://x:1" is no NATS server; write one as "tls://nats.example.com:4222"',
        ),
        (
            CLUSTER + 'credentials = "no.creds"\n',
            "3: cluster.credentials: names no.creds, and there is no such file",
        ),
        (
            CLUSTER + 'password = "x"\n',
            "3: cluster.password: is set without user; name the user that it belongs to",
        ),
        (CLUSTER + 'user = "x"\n', "3: cluster.user: is set without password"),
        (
            CLUSTER + 'location = "e u"\n',
            '3: cluster.location: "e u" is no location; use letters, digits, "-" and "_", at most 32',
        ),
        (CLUSTER + "places = 3\n", "3: cluster.places: is no key here; there are "),
        (
            CLUSTER + ENDPOINT + 'locations = ["a.b"]\n',
            '5: endpoints[0].locations: "a.b" is no location; use letters, digits, "-" and "_", at most 32',
        ),
        (
            CLUSTER + ENDPOINT + 'locations = ["a", "a"]\n',
            "5: endpoints[0].locations: names a location twice",
        ),
        (
            CLUSTER + ENDPOINT + 'locations = ["a"]\nquorum = 2\n',
            "6: endpoints[0].quorum: is more than there are locations (1)",
        ),
        (
            CLUSTER + ENDPOINT + 'quorum = "most"\n',
            '5: endpoints[0].quorum: is the string "most"; it must be "any", "majority", "all", or a n',
        ),
        (CLUSTER + ENDPOINT + "quorum = 0\n", "5: endpoints[0].quorum: is the number 0; it must be "),
        (
            CLUSTER + ENDPOINT + "interval = 0.5\n",
            "5: endpoints[0].interval: must be 1s or more in a cluster: NATS repeats no message faster",
        ),
        (
            ENDPOINT + 'quorum = "any"\n',
            "3: endpoints[0].quorum: needs the table [cluster]: without one, this machine checks alone",
        ),
        ("cluster = 3\n", "1: cluster: is the number 3; it must be a table, which begins with [cluster]"),
    ],
)
def test_a_mistake_is_explained(problems: Problems, text: str, said: str):
    (problem,) = problems(text)
    assert problem.startswith(said)


def test_a_missing_extra_is_named(problems: Problems, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cluster, "find_spec", lambda _: None)
    (said,) = problems(CLUSTER)
    assert said == "1: cluster: needs the extra 'cluster': pip install 'monitor[cluster]'"


# ---- what one location's agent gets


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
