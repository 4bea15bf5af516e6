"""Chains that the ``ssl`` module did not see, and the verdict that it would give."""

import time
from pathlib import Path

import pytest
from chain_table import CASES
from issuing import authority, leaf, pem, root

from monitor.errors import ProbeError
from monitor.model import Certificate, Reason
from monitor.wire import verification
from monitor.wire.tls import TlsOptions


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
