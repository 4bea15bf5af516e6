"""NATS checks, against a real server and scripted ones."""

from asyncio import StreamReader, StreamWriter
from collections.abc import Callable, Iterator

import pytest
from servers import free_port, running

from monitor.checks.run_probe import run_probe
from monitor.demo.certs import Authority
from monitor.demo.server import Handler, serve
from monitor.demo.tls import serve_tls
from monitor.judge.verdict import judge
from monitor.model import Reason, Result, Status
from monitor.probes.nats import Nats
from monitor.redact import MASK
from monitor.wire.tls import TlsOptions


async def check(url: str, **keys: object) -> Result:
    return judge("x", await run_probe(Nats(url=url, **keys), 3.0), (), ())  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def ports(
    tmp_path_factory: pytest.TempPathFactory, authority: Authority, needs: Callable[[str], str]
) -> Iterator[tuple[int, int]]:
    """Ports of real servers: with a user and password; with TLS and no login."""
    program, port, secure = needs("nats-server"), free_port(), free_port()
    pem = str(authority.pem("valid"))
    one, other = tmp_path_factory.mktemp("nats"), tmp_path_factory.mktemp("nats-tls")
    login = [program, "-a", "127.0.0.1", "-p", port, "--user", "alice", "--pass", "sesame"]
    tls = [program, "-a", "127.0.0.1", "-p", secure, "--tls", "--tlscert", pem, "--tlskey", pem]
    with running(login, port, folder=one), running(tls, secure, folder=other):
        yield port, secure


async def test_a_real_server_takes_the_session(ports: tuple[int, int]) -> None:
    result = await check(f"nats://alice:sesame@127.0.0.1:{ports[0]}")
    assert (result.status, result.message[:5]) == (Status.UP, "NATS ")
    assert result.phases_ms.keys() == {"connect", "wait", "login"}


@pytest.mark.parametrize("login", ["", "alice:wrong@", "token@"])
async def test_a_refused_login_is_an_auth_error(ports: tuple[int, int], login: str) -> None:
    assert (await check(f"nats://{login}127.0.0.1:{ports[0]}")).reason is Reason.AUTH_ERROR


async def test_tls_is_spoken_where_the_server_wants_it(ports: tuple[int, int], authority: Authority) -> None:
    url = f"nats://localhost:{ports[1]}"
    assert (await check(url, tls=TlsOptions(ca=str(authority.ca)))).status is Status.UP
    assert (await check(url)).reason is Reason.CERTIFICATE_UNTRUSTED


async def test_the_scheme_of_tls_insists_on_it(ports: tuple[int, int], authority: Authority) -> None:
    trusting = TlsOptions(ca=str(authority.ca))
    result = await check(f"nats+tls://localhost:{ports[1]}", tls=trusting)
    assert (result.status, result.certificate is not None) == (Status.UP, True)
    result = await check(f"nats+tls://alice:sesame@localhost:{ports[0]}", tls=trusting)
    assert (result.reason, result.message) == (Reason.TLS_ERROR, "the server does not offer TLS")


async def test_a_server_that_wants_the_handshake_first_gets_it(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.probes.nats.QUIET", 0.1)

    async def talk(reader: StreamReader, writer: StreamWriter) -> None:
        writer.write(b'INFO {"version": "2.11.0", "tls_required": true}\r\n')
        await reader.readline()
        writer.write(b"PONG\r\n")
        await reader.read()

    async with serve_tls(authority, "valid", talk) as port:
        result = await check(f"nats+tls://localhost:{port}", tls=TlsOptions(ca=str(authority.ca)))
    assert (result.status, result.message) == (Status.UP, "NATS 2.11.0")


def test_a_token_is_not_in_the_target() -> None:
    assert Nats(url="nats://hunter2@a").target == f"nats://{MASK}@a"
    assert Nats(url="nats://alice:hunter2@a").target == f"nats://alice:{MASK}@a"


def says(data: bytes) -> Handler:
    async def talk(reader: StreamReader, writer: StreamWriter) -> None:
        writer.write(data)
        await reader.read(10_000)

    return talk


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 200\r\n",
        b"INFO {}\r\n" + b"+OK\r\n" * 50,
        b"INFO [1]\r\n",
        b"INFO {\r\n",
        b"INFO {}\r\n-ERR 'x'\r\n",
    ],
)
async def test_what_is_no_nats_is_a_protocol_error(data: bytes) -> None:
    async with serve(says(data)) as port:
        assert (await check(f"nats://127.0.0.1:{port}")).reason is Reason.PROTOCOL_ERROR


async def test_an_introduction_that_is_nested_deeply_is_read_or_refused() -> None:
    for depth in (900, 990, 60_000):
        info = b'INFO {"version":"2","a":' + b"[" * depth + b"]" * min(depth, 5000) + b"}\r\n"

        async def talk(reader: StreamReader, writer: StreamWriter, info: bytes = info) -> None:
            writer.write(info)
            await reader.read(1000)
            writer.write(b"PONG\r\n")
            await writer.drain()

        async with serve(talk) as port:
            result = await check(f"nats://127.0.0.1:{port}")
        assert result.reason in (None, Reason.PROTOCOL_ERROR)
