"""SMTP checks, against aiosmtpd and scripted servers."""

import ssl
from asyncio import StreamReader, StreamWriter
from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from servers import free_port

from monitor.demo.certs import Authority
from monitor.demo.server import Handler, serve
from monitor.expectations import REPLY
from monitor.model import Reason, Result, Status
from monitor.observe import observe
from monitor.probes.smtp import Smtp
from monitor.verdict import judge
from monitor.wire.tls import TlsOptions


def authenticate(
    _server: object, _session: object, _envelope: object, _how: str, login: object
) -> AuthResult:
    assert isinstance(login, LoginPassword)
    return AuthResult(success=login == LoginPassword(b"alice", b"open sesame"), handled=False)


@pytest.fixture(scope="module")
def port(authority: Authority) -> Iterator[int]:
    """A server that lets nobody log in without STARTTLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.pem("valid"))
    server = Controller(
        object(),
        hostname="127.0.0.1",
        port=free_port(),
        tls_context=context,
        authenticator=authenticate,
        auth_required=False,
    )
    server.start()
    yield server.port
    server.stop()


async def check(url: str, reply: object = None, **keys: object) -> Result:
    expect = () if reply is None else REPLY.compile("expect.reply", reply)
    return judge("x", await observe(Smtp(url=url, **keys), 3.0, expect), expect, ())  # type: ignore[arg-type]


async def test_a_greeting_is_enough(port: int) -> None:
    result = await check(f"smtp://127.0.0.1:{port}", {"contains": "SMTP"})
    assert (result.status, result.message[:4]) == (Status.UP, "220 ")
    assert result.phases_ms.keys() == {"connect", "wait"}


async def test_a_login_goes_over_tls(port: int, authority: Authority) -> None:
    url = f"smtp://alice:open%20sesame@localhost:{port}"
    result = await check(url, tls=TlsOptions(ca=str(authority.ca)))
    assert (result.status, result.reason) == (Status.UP, None)
    assert result.phases_ms.keys() >= {"connect", "wait", "login", "tls"}
    assert (await check(url)).reason is Reason.CERTIFICATE_UNTRUSTED


async def test_a_refused_login_is_an_auth_error(port: int, authority: Authority) -> None:
    url = f"smtp://alice:wrong@localhost:{port}"
    result = await check(url, tls=TlsOptions(ca=str(authority.ca)))
    assert result.reason is Reason.AUTH_ERROR
    assert result.message.startswith("the login was refused: 535")


def says(data: bytes) -> Handler:
    async def talk(reader: StreamReader, writer: StreamWriter) -> None:
        writer.write(data)
        await writer.drain()
        if data.startswith(b"2"):
            await reader.read()

    return talk


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"554 go away\r\n",
        b"SSH-2.0-x\r\n",
        b"220-" + b"x" * 9000,
        b"220-a\r\n" * 200,
        b"421 \x1b[2Jbusy\r\n",
    ],
)
async def test_what_is_no_welcome_is_a_protocol_error(data: bytes) -> None:
    async with serve(says(data)) as port:
        result = await check(f"smtp://127.0.0.1:{port}")
    assert result.reason is Reason.PROTOCOL_ERROR
    assert "\x1b" not in result.message


async def test_a_server_that_offers_no_login_is_told() -> None:
    async def talk(reader: StreamReader, writer: StreamWriter) -> None:
        for answer in (b"220 hi\r\n", b"250 hello\r\n", b"503 not here\r\n"):
            writer.write(answer)
            await reader.readline()

    async with serve(talk) as port:
        result = await check(f"smtp://a:b@127.0.0.1:{port}")
    assert (result.reason, result.message) == (Reason.AUTH_ERROR, "the login was refused: 503 not here")
