"""The names in /etc/hosts."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.wire.hosts_file import HostsFile

HOSTS = """
127.0.0.1   localhost
::1         localhost ip6-localhost  # of this machine
10.0.0.5    Shop.example shop
fe80::1%lo  link
nonsense    nobody
10.0.0.6
# 10.0.0.7  gone
"""
FILES_FIRST = "passwd: files\nhosts: files dns\n"
Make = Callable[..., HostsFile]


@pytest.fixture
def now() -> list[float]:
    return [0.0]


@pytest.fixture
def make(tmp_path: Path, now: list[float]) -> Make:
    def making(hosts: str | None = HOSTS, switch: str | None = FILES_FIRST) -> HostsFile:
        for name, text in (("hosts", hosts), ("switch", switch)):
            if text is not None:
                (tmp_path / name).write_text(text)
        return HostsFile(tmp_path / "hosts", tmp_path / "switch", tmp_path / "nscd", lambda: now[0])

    return making


@pytest.mark.parametrize(
    ("name", "families"),
    [
        ("localhost", {socket.AF_INET, socket.AF_INET6, socket.AF_UNSPEC}),
        ("ip6-localhost", {socket.AF_INET6, socket.AF_UNSPEC}),
        ("shop", {socket.AF_INET, socket.AF_UNSPEC}),
        ("SHOP.EXAMPLE", {socket.AF_INET, socket.AF_UNSPEC}),
        ("link", {socket.AF_INET6, socket.AF_UNSPEC}),
        ("nobody", set()),
        ("gone", set()),
        ("10.0.0.6", set()),
        ("shop.", set()),
        ("of", set()),
        ("", set()),
    ],
)
def test_a_name_is_known_in_the_families_of_its_addresses(make: Make, name: str, families: set[int]):
    file = make()
    assert {
        family for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNSPEC) if file.has(name, family)
    } == families


@pytest.mark.parametrize(
    ("switch", "known"),
    [
        (FILES_FIRST, True),
        ("hosts:files", True),
        ("hosts: files # dns", True),
        ("hosts:\tfiles mdns4_minimal [NOTFOUND=return] dns", True),
        ("hosts: dns files", False),
        ("hosts: files [SUCCESS=merge] dns", False),
        ("hosts: resolve [!UNAVAIL=return] files", False),
        ("hosts:", False),
        ("#hosts: files", False),
        ("hostsfile: files", False),
        ("", False),
        (None, False),
    ],
)
def test_names_are_known_only_where_the_resolver_looks_there_first(
    make: Make, switch: str | None, known: bool
):
    assert make(switch=switch).has("shop", socket.AF_INET) is known


def test_without_a_hosts_file_no_name_is_known(make: Make):
    assert not make(hosts=None).has("localhost", socket.AF_INET)


def test_a_cache_that_would_be_asked_first_may_block(make: Make, tmp_path: Path):
    (tmp_path / "nscd").touch()
    assert not make().has("localhost", socket.AF_INET)


def test_a_large_file_is_read_in_a_thread(make: Make):
    blocked = "".join(f"0.0.0.0 advertising{number}.example\n" for number in range(5000))
    assert not make(hosts=HOSTS + blocked).has("localhost", socket.AF_INET)


def test_a_change_is_noticed_within_a_second(make: Make, tmp_path: Path, now: list[float]):
    file = make()
    assert file.has("shop", socket.AF_INET)
    (tmp_path / "hosts").write_text("127.0.0.1 localhost\n")
    assert file.has("shop", socket.AF_INET)
    now[0] = 1.0
    assert not file.has("shop", socket.AF_INET)
    (tmp_path / "switch").write_text("hosts: dns\n")
    now[0] = 2.0
    assert not file.has("localhost", socket.AF_INET)
