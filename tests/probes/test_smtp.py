"""SMTP checks, against Postfix, aiosmtpd and scripted servers."""

import os
import shutil
import ssl
import subprocess
from asyncio import StreamReader, StreamWriter
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from servers import folder_of, free_port, running

from monitor.checks.run_probe import run_probe
from monitor.demo.certs import Authority
from monitor.demo.server import Handler, serve
from monitor.judge.expectations import REPLY
from monitor.judge.verdict import judge
from monitor.model import Reason, Result, Status
from monitor.probes.smtp import Smtp
from monitor.probes.tls import Tls
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


MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
daemon_directory = {daemons}
mail_owner = postfix
setgid_group = postdrop
inet_protocols = ipv4
myhostname = mail.demo.test
mydestination =
alias_maps =
alias_database =
local_recipient_maps =
mynetworks = 127.0.0.0/8
smtpd_peername_lookup = no
maillog_file = /dev/stdout
smtpd_tls_security_level = may
smtpd_tls_cert_file = {folder}/valid.pem
"""
MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
postlog unix-dgram n - n - 1 postlogd
anvil unix - - n - 1 anvil
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
"""


@pytest.fixture(scope="module")
def postfix(authority: Authority, needs: Callable[[str], str]) -> Iterator[int]:
    """The port of a Postfix that offers STARTTLS."""
    program = needs("postfix")
    if os.geteuid() != 0:
        pytest.skip("Postfix can only be started by root")
    daemons = next(one for one in map(Path, DAEMONS) if (one / "master").exists())
    with folder_of("root") as folder:
        for name in ("etc", "queue", "data"):
            (folder / name).mkdir()
        shutil.chown(folder / "data", "postfix")
        shutil.copy(authority.pem("valid"), folder)
        port = free_port()
        (folder / "etc/main.cf").write_text(MAIN.format(folder=folder, daemons=daemons))
        (folder / "etc/master.cf").write_text(MASTER.format(port=port))
        with running([program, "-c", folder / "etc", "start-fg"], port, folder=folder):
            try:
                yield port
            finally:  # its master is in a session of its own
                subprocess.run([program, "-c", folder / "etc", "stop"], capture_output=True, check=True)


DAEMONS = ("/usr/lib/postfix/sbin", "/usr/libexec/postfix", "/usr/lib/postfix")


async def check(url: str, reply: object = None, **keys: object) -> Result:
    expect = () if reply is None else REPLY.compile("expect.reply", reply)
    return judge("x", await run_probe(Smtp(url=url, **keys), 3.0, expect), expect, ())  # type: ignore[arg-type]


async def test_a_greeting_is_enough(port: int) -> None:
    result = await check(f"smtp://127.0.0.1:{port}", {"contains": "SMTP"})
    assert (result.status, result.message[:4]) == (Status.UP, "220 ")
    assert result.phases_ms.keys() == {"connect", "wait"}


async def test_postfix_greets(postfix: int) -> None:
    result = await check(f"smtp://127.0.0.1:{postfix}", {"contains": "mail.demo.test ESMTP"})
    assert (result.status, result.message) == (Status.UP, "220 mail.demo.test ESMTP Postfix")


async def test_postfix_without_logins_refuses_them_after_starttls(postfix: int, authority: Authority) -> None:
    url = f"smtp://alice:sesame@localhost:{postfix}"
    result = await check(url, tls=TlsOptions(ca=str(authority.ca)))
    assert result.reason is Reason.AUTH_ERROR
    assert result.certificate is not None


async def test_postfix_turns_tls_on_when_it_is_asked(postfix: int, authority: Authority) -> None:
    probe = Tls(url=f"tls://localhost:{postfix}", starttls="smtp", tls=TlsOptions(ca=str(authority.ca)))
    seen = await run_probe(probe, 3.0)
    assert seen.reason is None
    assert list(seen.phases_ms) == ["dns", "connect", "starttls", "tls"]


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


async def test_no_password_goes_to_a_server_that_offers_no_login() -> None:
    heard: list[bytes] = []
    async with serve(answers(b"SIZE", heard)) as port:
        result = await check(f"smtp://a:b@127.0.0.1:{port}")
    assert (result.reason, result.message) == (Reason.AUTH_ERROR, "the server offers no login")
    assert [line for line in heard if line] == [b"EHLO monitor.invalid"]


def answers(offered: bytes, heard: list[bytes]) -> Handler:
    async def talk(reader: StreamReader, writer: StreamWriter) -> None:
        writer.write(b"220 hi\r\n")
        for answer in (b"250-hello\r\n250 " + offered, b"334 VXNlcm5hbWU6", b"334 UGFzc3dvcmQ6", b"235 in"):
            heard.append((await reader.readline()).rstrip())
            writer.write(answer + b"\r\n")
        await reader.read()

    return talk


@pytest.mark.parametrize("offered", [b"AUTH CRAM-MD5 LOGIN", b"AUTH=LOGIN", b"AUTH=CRAM-MD5 LOGIN"])
async def test_login_is_spoken_where_plain_is_not_offered(offered: bytes) -> None:
    heard: list[bytes] = []
    async with serve(answers(offered, heard)) as port:
        result = await check(f"smtp://alice:open%20sesame@127.0.0.1:{port}")
    assert (result.status, result.message) == (Status.UP, "220 hi")
    assert heard[1:] == [b"AUTH LOGIN", b64encode(b"alice"), b64encode(b"open sesame")]


async def test_a_login_that_we_cannot_do_says_nothing_of_the_server() -> None:
    async with serve(answers(b"AUTH CRAM-MD5 GSSAPI", [])) as port:
        result = await check(f"smtp://a:b@127.0.0.1:{port}")
    assert result.status is Status.INCONCLUSIVE
    assert result.message == (
        "the server offers logins by CRAM-MD5, GSSAPI only; monitor supports PLAIN and LOGIN"
    )


async def test_a_real_server_is_asked_over_tls_from_the_first_byte(authority: Authority) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.pem("valid"))
    keys = {"authenticator": authenticate, "auth_require_tls": False}
    server = Controller(object(), hostname="127.0.0.1", port=free_port(), ssl_context=context, **keys)
    server.start()
    try:
        url = f"smtps://alice:open%20sesame@localhost:{server.port}"
        result = await check(url, tls=TlsOptions(ca=str(authority.ca)))
    finally:
        server.stop()
    assert (result.status, result.reason) == (Status.UP, None)
    assert list(result.phases_ms) == ["dns", "connect", "tls", "wait", "login"]
