"""[cluster], and the keys of endpoints that need it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.config import cluster
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
