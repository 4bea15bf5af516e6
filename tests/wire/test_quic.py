"""QUIC connections to aioquic's own server."""

import asyncio
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from h3_server import serve_h3

from monitor.demo.certs import Authority
from monitor.demo.server import serve_datagrams
from monitor.errors import LocalError, ProbeError
from monitor.model import Reason
from monitor.trace import Trace
from monitor.wire import quic
from monitor.wire.quic import open_quic
from monitor.wire.tls import TlsOptions


async def met(
    authority: Authority, port: int, host: str = "127.0.0.1", name: str = "", **keys: object
) -> Trace:
    trace = Trace()
    options = TlsOptions(**{"ca": str(authority.ca), **keys})  # type: ignore[arg-type]
    with await open_quic((host, port), name or host, options, trace):
        trace.finish()
    return trace


async def refusal(authority: Authority, port: int, **keys: object) -> ProbeError:
    with pytest.raises(ProbeError) as caught:
        await met(authority, port, **keys)  # type: ignore[arg-type]
    return caught.value


@pytest.mark.parametrize("retry", [False, True])
async def test_a_handshake_has_its_phases_and_certificate(authority: Authority, retry: bool) -> None:
    async with serve_h3(authority, retry=retry) as port:
        trace = await met(authority, port)
    assert list(trace.phases) == ["connect", "tls"]
    assert trace.address == f"127.0.0.1:{port}"
    assert "TLSv1.3 TLS_" in trace.tls
    assert "localhost" in trace.certificates[0].names
    assert trace.certificates[0].issuers[0].subject == "CN=monitor demo CA"


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("expired", Reason.CERTIFICATE_EXPIRED),
        ("wrong-name", Reason.CERTIFICATE_NAME_MISMATCH),
        ("self-signed", Reason.CERTIFICATE_UNTRUSTED),
        ("not-yet-valid", Reason.CERTIFICATE_UNTRUSTED),
        ("expired-self-signed", Reason.CERTIFICATE_EXPIRED),
    ],
)
async def test_each_fault_of_a_certificate_has_its_reason(
    authority: Authority, kind: str, reason: Reason
) -> None:
    async with serve_h3(authority, kind) as port:
        assert (await refusal(authority, port)).reason is reason
        assert (await met(authority, port, verify=False)).certificates


async def test_the_server_is_asked_for_by_name(authority: Authority) -> None:
    async with serve_h3(authority) as port:
        assert (
            await refusal(authority, port, name="other.example")
        ).reason is Reason.CERTIFICATE_NAME_MISMATCH
        assert (await met(authority, port, name="LOCALHOST.")).certificates


async def test_the_next_address_is_tried_where_nobody_listens(authority: Authority) -> None:
    async with serve_h3(authority) as port:
        assert (await met(authority, port, "localhost")).address == f"127.0.0.1:{port}"


async def test_the_next_address_is_tried_where_nobody_answers(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quic, "HEAD_START", 0.05)
    async with serve_h3(authority) as port:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as silent:
            silent.bind(("::1", port))
            assert (await met(authority, port, "localhost")).address == f"127.0.0.1:{port}"


async def test_a_port_where_nobody_listens_is_refused(authority: Authority) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    assert (await refusal(authority, port)).reason is Reason.CONNECTION_REFUSED


async def test_a_server_without_http3_is_reported(authority: Authority) -> None:
    async with serve_h3(authority, alpn=["hq-interop"]) as port:
        refused = await refusal(authority, port)
    assert (refused.reason, refused.message) == (
        Reason.PROTOCOL_ERROR,
        "the server does not agree to HTTP/3",
    )


async def test_a_server_of_other_versions_is_reported(authority: Authority) -> None:
    async with serve_h3(authority, versions=[0x1A2A3A4A]) as port:
        refused = await refusal(authority, port)
    assert (refused.reason, refused.message) == (
        Reason.PROTOCOL_ERROR,
        "the server speaks no version of QUIC that we speak",
    )


async def test_a_peer_that_sends_without_end_is_left(authority: Authority) -> None:
    with pytest.raises(ProbeError, match="sends without end"):
        async with serve_h3(authority) as port:
            await open_quic(
                ("127.0.0.1", port), "localhost", TlsOptions(verify=False), Trace(), allowance=100
            )


async def test_what_is_no_quic_is_waited_out(authority: Authority) -> None:
    async def babble(data: bytes) -> bytes:
        return b"HTTP/1.1 400 Bad Request\r\n\r\n"

    async with serve_datagrams(babble) as port:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await met(authority, port)


async def test_a_client_certificate_that_cannot_be_read_is_our_own_fault(
    authority: Authority, tmp_path: Path
) -> None:
    client = tmp_path / "client.pem"
    client.write_bytes(authority.pem("client").read_bytes())
    options = TlsOptions(ca=str(authority.ca), cert=str(client))
    async with serve_h3(authority) as port:
        with await open_quic(("127.0.0.1", port), "localhost", options, Trace()) as connection:
            await connection.farewell(0x100)
        client.write_text("nothing")
        with pytest.raises(LocalError, match="cannot be used over QUIC"):
            await open_quic(("127.0.0.1", port), "localhost", options, Trace())


async def test_a_name_that_no_certificate_holds_cannot_be_asked_for(authority: Authority) -> None:
    async with serve_h3(authority) as port:
        assert (await refusal(authority, port, name="a" * 300)).reason is Reason.TLS_ERROR


def test_nothing_is_loaded_before_it_is_needed() -> None:
    code = "import sys, monitor.probes.http; print('aioquic' in sys.modules, 'OpenSSL' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False", "False"]


def test_what_is_needed_is_loaded_before_any_clock_runs() -> None:
    code = (
        "import sys; from monitor.wire import quic, tls; quic.prepare(tls.DEFAULT);"
        "print('aioquic.h3.connection' in sys.modules, 'OpenSSL' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["True", "True"]
