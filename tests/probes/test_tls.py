"""TLS checks: handshakes, verification and STARTTLS."""

import shutil
from asyncio import StreamReader, StreamWriter
from pathlib import Path
from ssl import CERT_REQUIRED, TLSVersion

import pytest

from monitor.checks.run_probe import run_probe
from monitor.demo.certs import Authority
from monitor.demo.process import RunningZoo
from monitor.demo.server import serve
from monitor.demo.starttls import DIALOGUES
from monitor.demo.tls import by_hand
from monitor.judge.expectations import CERTIFICATE
from monitor.judge.verdict import judge
from monitor.model import Reason, Result, Status
from monitor.probes.tls import Tls
from monitor.wire import connection
from monitor.wire.starttls import Protocol
from monitor.wire.tls import TlsOptions


async def check(zoo: RunningZoo, peer: str, warn: str = "", **keys: object) -> Result:
    host = zoo.addresses[peer].replace("127.0.0.1", "localhost")
    probe = Tls(url=f"tls://{host}", **{"tls": TlsOptions(ca=zoo.ca), **keys})  # type: ignore[arg-type]
    warned = CERTIFICATE.compile("warn.certificate", warn) if warn else ()
    return judge("x", await run_probe(probe, 2.0), (), warned)


@pytest.mark.parametrize(
    ("peer", "reason"),
    [
        ("tls-valid", None),
        ("tls-expired", Reason.CERTIFICATE_EXPIRED),
        ("tls-wrong-name", Reason.CERTIFICATE_NAME_MISMATCH),
        ("tls-self-signed", Reason.CERTIFICATE_UNTRUSTED),
        ("tls-not-yet-valid", Reason.CERTIFICATE_UNTRUSTED),
        ("tls-expired-self-signed", Reason.CERTIFICATE_EXPIRED),
        ("tls-stall", Reason.TLS_TIMEOUT),
        ("tls-cut", Reason.TLS_ERROR),
        ("tls-alert", Reason.TLS_ERROR),
        ("tls-plain", Reason.TLS_ERROR),
        ("refused", Reason.CONNECTION_REFUSED),
    ],
)
async def test_each_fault_has_its_reason(zoo: RunningZoo, peer: str, reason: Reason | None) -> None:
    assert (await check(zoo, peer)).reason is reason


@pytest.mark.parametrize("peer", ["tls-valid", "tls-expired", "tls-self-signed", "tls-wrong-name"])
async def test_the_certificate_is_told_whether_it_verifies_or_not(zoo: RunningZoo, peer: str) -> None:
    certificate = (await check(zoo, peer)).certificate
    assert certificate is not None
    assert len(certificate.fingerprint) == 64


async def test_a_certificate_that_expires_soon_is_warned_of(zoo: RunningZoo) -> None:
    result = await check(zoo, "tls-expiring", warn="30d")
    assert (result.status, result.reason) == (Status.DEGRADED, Reason.CERTIFICATE_EXPIRING)


@pytest.mark.parametrize("protocol", DIALOGUES)
async def test_starttls_comes_first_where_it_is_asked_for(zoo: RunningZoo, protocol: str) -> None:
    result = await check(zoo, f"starttls-{protocol}", starttls=protocol)
    assert result.status is Status.UP
    assert set(result.phases_ms) >= {"connect", "starttls", "tls"}


@pytest.mark.parametrize(
    ("url", "protocol", "port"),
    [
        ("tls://a.example", None, 443),
        ("tls://a.example", "sieve", 4190),
        ("tls://a.example", "xmpp", 5222),
        ("tls://a.example:587", "smtp", 587),
    ],
)
def test_each_protocol_has_its_usual_port(url: str, protocol: Protocol | None, port: int) -> None:
    assert Tls(url=url, starttls=protocol).port == port


@pytest.mark.parametrize("peer", ["starttls-smtp-refused", "starttls-early-bytes"])
async def test_a_refused_or_forged_starttls_is_a_protocol_error(zoo: RunningZoo, peer: str) -> None:
    assert (await check(zoo, peer, starttls="smtp")).reason is Reason.PROTOCOL_ERROR


async def test_an_unverified_handshake_passes_with_any_certificate(zoo: RunningZoo) -> None:
    assert (await check(zoo, "tls-self-signed", tls=TlsOptions(verify=False))).status is Status.UP


async def test_a_client_certificate_is_shown_to_those_who_ask(zoo: RunningZoo) -> None:
    shown = TlsOptions(ca=zoo.ca, cert=zoo.client)
    assert (await check(zoo, "tls-strict-client-cert", tls=shown)).status is Status.UP


@pytest.mark.parametrize("version", [TLSVersion.TLSv1_2, TLSVersion.TLSv1_3])
@pytest.mark.parametrize(("kind", "reason"), [("client", None), ("self-signed", Reason.TLS_ERROR)])
async def test_a_client_certificate_that_the_server_refuses_is_a_tls_error(
    authority: Authority, version: TLSVersion, kind: str, reason: Reason | None
) -> None:
    context = authority.server_context()
    context.minimum_version = context.maximum_version = version
    context.verify_mode = CERT_REQUIRED
    context.load_verify_locations(authority.ca)
    options = TlsOptions(ca=str(authority.ca), cert=str(authority.pem(kind)))
    async with serve(by_hand(context)) as port:
        seen = await run_probe(Tls(url=f"tls://localhost:{port}", tls=options), 5)
    assert seen.reason is reason


async def test_a_server_that_is_silent_after_the_handshake_has_no_objection(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "ADMISSION", 0.05)
    context = authority.server_context()
    context.num_tickets = 0
    options = TlsOptions(ca=str(authority.ca), cert=str(authority.pem("client")))
    async with serve(listen, tls=context) as port:
        seen = await run_probe(Tls(url=f"tls://localhost:{port}", tls=options), 5)
    assert seen.reason is None


async def listen(reader: StreamReader, writer: StreamWriter) -> None:
    await reader.read()
    writer.close()


async def test_a_ca_file_that_has_gone_is_this_machines_fault(zoo: RunningZoo, tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    shutil.copy(zoo.ca, ca)
    options = TlsOptions(ca=str(ca))
    ca.unlink()
    result = await check(zoo, "tls-valid", tls=options)
    assert (result.status, result.reason) == (Status.INCONCLUSIVE, Reason.LOCAL_ERROR)


@pytest.mark.parametrize(("peer", "ending"), [("tls-valid", "days left"), ("tls-expired", "ago")])
async def test_the_message_says_how_long_the_certificate_is_good(
    zoo: RunningZoo, peer: str, ending: str
) -> None:
    result = await check(zoo, peer, tls=TlsOptions(verify=False))
    assert result.message.startswith("TLSv1.3, certificate: ")
    assert result.message.endswith(ending)
