"""What counts of the certificates that a server sends, held against ``openssl verify`` and Go."""

from __future__ import annotations

import json
import shutil
import ssl
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import pytest
from chain_table import CASES, Case
from issuing import Wanted, authority, leaf, pem, private_pem, root

from monitor.errors import ProbeError
from monitor.model import Certificate, Reason
from monitor.wire import chain
from monitor.wire.hosts import verified_name
from monitor.wire.secure import Secure
from monitor.wire.tls import TlsOptions, context

GO = shutil.which("go")
"""Not among the programs that CI installs: it is large, and openssl says nearly as much."""


class Met:
    """A client that has met the server of a case."""

    def __init__(self, case: Case, folder: Path, *, verify: bool = True) -> None:
        trusted = folder / "ca.pem"
        trusted.write_text("".join(pem(one.der()) for one in case.roots))
        options = TlsOptions(ca=str(trusted), verify=verify)
        self.secure = Secure(context(options), case.host)
        self.reason: Reason | None = None
        self.message = ""
        self._shake_hands(_Server(case, folder))

    def _shake_hands(self, server: _Server) -> None:
        try:
            while not self.secure.shake_hands():
                self.secure.feed(server.answer(self.secure.outgoing()))
        except ProbeError as error:
            self.reason, self.message = error.reason, error.message

    @property
    def certificate(self) -> Certificate:
        assert self.secure.certificate is not None
        return self.secure.certificate


class _Server:
    def __init__(self, case: Case, folder: Path) -> None:
        file = folder / "server.pem"
        file.write_text("".join(pem(one.der()) for one in case.sent) + private_pem(case.sent[0].key))
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.set_ciphers("ALL:@SECLEVEL=0")
        made.load_cert_chain(file)
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._session = made.wrap_bio(self._incoming, self._outgoing, server_side=True)

    def answer(self, said: bytes) -> bytes:
        self._incoming.write(said)
        with suppress(ssl.SSLWantReadError):
            self._session.do_handshake()
        return self._outgoing.read()


SERVED = [name for name, case in CASES.items() if case.served]


@pytest.mark.parametrize("name", SERVED)
def test_every_chain_has_its_verdict(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    met = Met(case, tmp_path)
    assert met.reason is case.reason, met.message
    assert met.certificate.days_left(time.time()) == pytest.approx(case.days, abs=0.01)
    assert len(met.certificate.unneeded) == case.unneeded


@pytest.mark.parametrize("name", SERVED)
def test_without_verification_every_chain_is_accepted_and_shown(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    met = Met(case, tmp_path, verify=False)
    assert met.reason is None
    assert met.certificate.fingerprint == sha256(case.sent[0].der()).hexdigest()
    shown = 1 + len(met.certificate.issuers) + len(met.certificate.unneeded)
    assert shown == len({one.der() for one in case.sent})


@pytest.mark.parametrize(
    ("sent", "days"),
    [
        ((leaf("I"), authority("I", "R", until=20), authority("Old", "R", until=-3)), 20),
        ((leaf("I"), authority("Old", "R", until=-3), authority("I", "R", until=20)), 20),
        ((leaf("I"), authority("I", "R", until=20), authority("I", "R", until=50)), 50),
        ((leaf("I"), authority("I", "R", until=50), root("R", until=30)), 30),
        ((leaf("I", until=-3), authority("I", "R")), -3),
    ],
)
def test_without_verification_those_that_issued_it_count(
    sent: tuple[Wanted, ...], days: float, tmp_path: Path
) -> None:
    met = Met(Case(sent=sent), tmp_path, verify=False)
    assert met.certificate.days_left(time.time()) == pytest.approx(days, abs=0.01)


def test_the_path_goes_up_to_the_trusted_one(tmp_path: Path) -> None:
    certificate = Met(CASES["wrong order"], tmp_path).certificate
    assert [one.subject for one in certificate.issuers] == ["CN=J", "CN=I", "CN=R"]


def test_many_certificates_that_all_may_have_issued_each_other_are_no_burden() -> None:
    alike = [authority("A", "A2" if number % 2 else "A", serial=bytes((1, number))) for number in range(100)]
    sent = (leaf("A").der(), *(one.der() for one in alike))
    began = time.perf_counter()
    chain.certificate_of(sent, chain.issuing(sent[:1], sent))
    assert time.perf_counter() - began < 1


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "a name in the common name alone",
            "no subjectAltName, and the common name in CN=host.example does not count",
        ),
        ("another name", "it is for other.example"),
        ("an expired intermediate", "the certificate of the issuer CN=I expired 3 days ago"),
        ("expired", "the certificate expired 3 days ago"),
        ("not yet valid", "not yet valid"),
        ("another name on one that is not yet valid", "not yet valid"),
    ],
)
def test_the_message_says_why(name: str, words: str, tmp_path: Path) -> None:
    assert words in Met(CASES[name], tmp_path).message


def test_an_odd_certificate_makes_no_python_warning(tmp_path: Path) -> None:
    """Warnings are errors in this suite, so that reading it is enough."""
    odd = [case.sent for name, case in CASES.items() if name in ("a negative serial number", "version 4")]
    for sent in odd:
        assert chain.certificate_of(tuple(one.der() for one in sent), (sent[0].der(),)).names == (
            "host.example",
        )


@pytest.mark.parametrize("name", CASES)
def test_openssl_gives_the_same_verdict(name: str, tmp_path: Path, needs: Callable[[str], str]) -> None:
    case = CASES[name]
    files = {"roots": case.roots, "others": case.sent[1:], "leaf": case.sent[:1]}
    for file, those in files.items():
        (tmp_path / file).write_text("".join(pem(one.der()) for one in those))
    host = verified_name(case.host)
    kind = "-verify_ip" if host[-1].isdigit() else "-verify_hostname"
    options = ["-partial_chain", "-purpose", "sslserver", "-auth_level", "2", kind, host]
    others = ["-untrusted", "others"] if case.sent[1:] else []
    command = [needs("openssl"), "verify", *options, "-CAfile", "roots", "-no-CApath", *others, "leaf"]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    accepted = case.reason is None if case.openssl is None else case.openssl
    assert (said.returncode == 0) is accepted, said.stderr


@pytest.mark.skipif(GO is None, reason="go is not installed")
def test_go_gives_the_same_verdict(tmp_path: Path) -> None:
    cases = [
        {
            "name": name,
            "host": verified_name(case.host),
            "sent": [pem(one.der()) for one in case.sent],
            "roots": [pem(one.der()) for one in case.roots],
        }
        for name, case in CASES.items()
    ]
    (tmp_path / "cases.json").write_text(json.dumps(cases))
    command = [str(GO), "run", str(Path(__file__).with_name("verify.go")), str(tmp_path / "cases.json")]
    environment = {
        "HOME": str(tmp_path),
        "GOCACHE": str(tmp_path / "cache"),
        "PATH": "/usr/bin:/bin",
        "GO111MODULE": "off",
    }
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=50)
    verdicts = json.loads(said.stdout)
    wanted = {name: case.reason is None if case.go is None else case.go for name, case in CASES.items()}
    assert {name: verdicts[name] == "" for name in CASES} == wanted, verdicts
