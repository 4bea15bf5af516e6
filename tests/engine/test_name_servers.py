"""The names of this machine's name servers."""

from pathlib import Path

import pytest

from monitor.engine.name_servers import resolver_of
from monitor.model import Cluster, Config


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nameserver 10.0.0.2\n", "10.0.0.2"),
        (
            "# nameserver 9.9.9.9\nsearch lan\nnameserver 10.0.0.2\nnameserver fd00::2 # spare",
            "10.0.0.2, fd00::2",
        ),
        ("".join(f"nameserver 10.0.0.{n}\n" for n in range(5)), "10.0.0.0, 10.0.0.1, 10.0.0.2"),
        ("nameserver\n", "of this machine"),
        ("nameserver \x1b[2J\n", "␛[2J"),
        ("", "of this machine"),
    ],
)
def test_the_servers_that_are_asked_are_named(tmp_path: Path, text: str, expected: str):
    file = tmp_path / "resolv.conf"
    file.write_text(text)
    assert resolver_of(Config(endpoints=()), file) == expected


def test_without_the_file_it_is_this_machines(tmp_path: Path):
    assert resolver_of(Config(endpoints=()), tmp_path / "none") == "of this machine"


def test_a_cluster_has_no_resolver_of_its_own(tmp_path: Path):
    assert resolver_of(Config(endpoints=(), cluster=Cluster(nats=("nats://x",)))) == ""
