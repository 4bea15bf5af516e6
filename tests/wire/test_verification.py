"""Chains that the ``ssl`` module did not see, and the verdict that it would give."""

import ssl
import time
from pathlib import Path

import pytest
from chain_table import CASES
from issuing import Wanted, authority, leaf, pem, root

from monitor.errors import ProbeError
from monitor.model import Certificate, Reason
from monitor.wire import verification
from monitor.wire.tls import TlsOptions, context


def judged(
    folder: Path, sent: tuple[bytes, ...], roots: str, host: str = "host.example", **keys: bool
) -> tuple[Certificate, ProbeError | None]:
    trusted = folder / "ca.pem"
    trusted.write_text(roots)
    return verification.judged(sent, host, TlsOptions(ca=str(trusted), **keys))


@pytest.mark.parametrize("name", CASES)
def test_every_chain_gets_the_verdict_of_the_ssl_module(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    roots = "".join(pem(one.der()) for one in case.roots)
    certificate, fault = judged(tmp_path, tuple(one.der() for one in case.sent), roots, case.host)
    assert (fault and fault.reason) is case.reason, fault
    assert certificate.days_left(time.time()) == pytest.approx(case.days, abs=0.01)


def test_without_verification_there_is_nothing_to_object_to(tmp_path: Path) -> None:
    sent = (leaf("I", "other.example", until=-3).der(),)
    certificate, fault = judged(tmp_path, sent, pem(root("R").der()), verify=False)
    assert (certificate.names, fault) == (("other.example",), None)


def test_without_a_file_this_machine_says_whom_to_trust() -> None:
    sent = (leaf("I").der(), authority("I", "R").der())
    _, fault = verification.judged(sent, "host.example", TlsOptions())
    assert fault is not None
    assert fault.reason is Reason.CERTIFICATE_UNTRUSTED


def test_whom_to_trust_is_known_before_it_is_asked(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_text(pem(root("R").der()))
    options = TlsOptions(ca=str(file))
    verification.prepare(options)
    before = verification._store.cache_info().misses
    verification.judged((leaf("I").der(),), "host.example", options)
    assert verification._store.cache_info().misses == before
    file.unlink()
    verification.prepare(options)


# ---- the path that lasts longest


def trusting(folder: Path, *roots: Wanted, version: str = "1.2") -> ssl.SSLContext:
    file = folder / "ca.pem"
    file.write_text("".join(pem(one.der()) for one in roots))
    return context(TlsOptions(ca=str(file), min_version=version))  # type: ignore[arg-type]


def chosen(sent: tuple[Wanted, ...], path: tuple[Wanted, ...], trust: ssl.SSLContext) -> tuple[bytes, ...]:
    return verification.lasting(tuple(one.der() for one in sent), tuple(one.der() for one in path), trust)


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
    assert verification.lasting(sent, path, trusting(tmp_path, trusted)) == path
