"""The path that lasts longest. Which paths are valid at all, the table of chains says."""

import ssl
from pathlib import Path

import pytest
from issuing import Wanted, authority, leaf, pem, root

from monitor.wire import paths
from monitor.wire.tls import TlsOptions, context


def trusting(folder: Path, *roots: Wanted, version: str = "1.2") -> ssl.SSLContext:
    file = folder / "ca.pem"
    file.write_text("".join(pem(one.der()) for one in roots))
    return context(TlsOptions(ca=str(file), min_version=version))  # type: ignore[arg-type]


def chosen(sent: tuple[Wanted, ...], path: tuple[Wanted, ...], trust: ssl.SSLContext) -> tuple[bytes, ...]:
    return paths.lasting(tuple(one.der() for one in sent), tuple(one.der() for one in path), trust)


def test_of_three_the_longest_is_taken(tmp_path: Path) -> None:
    server, trusted = leaf("I"), root("R")
    short, longer, longest = (authority("I", "R", until=days) for days in (20, 40, 60))
    trust = trusting(tmp_path, trusted)
    found = chosen((server, short, longer, longest), (server, short, trusted), trust)
    assert found == (server.der(), longest.der(), trusted.der())


def test_a_path_through_two_authorities_is_found(tmp_path: Path) -> None:
    server, old, new = leaf("J"), root("R"), root("N")
    short, cross, above = authority("J", "R", until=20), authority("J", "I", until=50), authority("I", "N")
    found = chosen((server, short, cross, above), (server, short, old), trusting(tmp_path, old, new))
    assert found == (server.der(), cross.der(), above.der(), new.der())


def test_without_another_path_it_stays(tmp_path: Path) -> None:
    server, short, trusted = leaf("I"), authority("I", "R", until=20), root("R")
    path = (server, short, trusted)
    assert chosen(path, path, trusting(tmp_path, trusted)) == tuple(one.der() for one in path)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")  # that 1.0 is old is the point
@pytest.mark.parametrize(("version", "taken"), [("1.2", False), ("1.0", True)])
def test_weak_ones_count_where_the_context_takes_them(version: str, taken: bool, tmp_path: Path) -> None:
    server, short, trusted = leaf("I"), authority("I", "R", until=20), root("R")
    weak = authority("I", "R", until=80, digest="sha1")
    trust = trusting(tmp_path, trusted, version=version)
    found = chosen((server, short, weak), (server, short, trusted), trust)
    assert (weak.der() in found) is taken


def test_what_cannot_be_read_is_passed_over(tmp_path: Path) -> None:
    server, short, trusted = leaf("I"), authority("I", "R", until=20), root("R")
    sent = (server.der(), short.der(), b"garbage")
    path = (server.der(), short.der(), trusted.der())
    assert paths.lasting(sent, path, trusting(tmp_path, trusted)) == path
