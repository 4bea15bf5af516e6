import asyncio
import ftplib
import imaplib
import poplib
import smtplib
import ssl
from collections.abc import Callable

import pytest

from monitor.demo.certs import Authority
from monitor.demo.server import serve
from monitor.demo.starttls import DIALOGUES, REFUSALS, early_bytes, upgrading

TIMEOUT = 5


def _smtp(port: int, client: ssl.SSLContext) -> None:
    server = smtplib.SMTP("127.0.0.1", port, timeout=TIMEOUT)
    assert server.starttls(context=client)[0] == 220
    server.close()


def _imap(port: int, client: ssl.SSLContext) -> None:
    server = imaplib.IMAP4("127.0.0.1", port, timeout=TIMEOUT)
    server.sock.settimeout(0.5)
    with pytest.raises(OSError, match="timed out"):  # it upgrades, and says nothing more
        server.starttls(client)
    assert isinstance(server.sock, ssl.SSLSocket)
    server.sock.close()
    server.file.close()


def _pop3(port: int, client: ssl.SSLContext) -> None:
    server = poplib.POP3("127.0.0.1", port, timeout=TIMEOUT)
    assert server.stls(client).startswith(b"+OK")
    server.close()


def _ftp(port: int, client: ssl.SSLContext) -> None:
    server = ftplib.FTP_TLS(context=client, timeout=TIMEOUT)
    server.connect("127.0.0.1", port)
    assert server.auth().startswith("234")
    server.close()


@pytest.mark.parametrize(
    ("protocol", "client"), [("smtp", _smtp), ("imap", _imap), ("pop3", _pop3), ("ftp", _ftp)]
)
async def test_the_standard_library_can_upgrade(
    authority: Authority, protocol: str, client: Callable[[int, ssl.SSLContext], None]
):
    handler = upgrading(DIALOGUES[protocol], authority.server_context())
    async with serve(handler) as port:
        await asyncio.to_thread(client, port, authority.client_context())


LDAP_ASKS = bytes.fromhex("301d02010177188016") + b"1.3.6.1.4.1.1466.20037"
LDAP_CONSENTS = bytes.fromhex("300c02010178070a010004000400")


@pytest.mark.parametrize(
    ("protocol", "asks", "consents"),
    [("postgres", bytes.fromhex("0000000804d2162f"), b"S"), ("ldap", LDAP_ASKS, LDAP_CONSENTS)],
)
async def test_binary_protocols_upgrade_too(
    authority: Authority, protocol: str, asks: bytes, consents: bytes
):
    async with serve(upgrading(DIALOGUES[protocol], authority.server_context())) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(asks)
        assert await reader.readexactly(len(consents)) == consents
        await writer.start_tls(authority.client_context(), server_hostname="127.0.0.1")
        assert writer.get_extra_info("ssl_object").version() == "TLSv1.3"
        writer.close()


@pytest.mark.parametrize("protocol", DIALOGUES)
async def test_openssl_can_upgrade(authority: Authority, protocol: str, needs: Callable[[str], str]):
    async with serve(upgrading(DIALOGUES[protocol], authority.server_context())) as port:
        command = [needs("openssl"), "s_client", "-starttls", protocol, "-connect", f"127.0.0.1:{port}"]
        options = ["-brief", "-verify_return_error", "-CAfile", str(authority.ca), "-verify_ip", "127.0.0.1"]
        client = await asyncio.create_subprocess_exec(
            *command, *options, stdin=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
        )
        _, said = await asyncio.wait_for(client.communicate(), TIMEOUT)
    assert b"Verification: OK" in said, said


@pytest.mark.parametrize(
    ("protocol", "asks", "answer"),
    [
        (
            "smtp",
            b"EHLO me\r\nSTARTTLS\r\n",
            b"220 demo.test ESMTP\r\n250 demo.test\r\n502 not implemented\r\n",
        ),
        ("postgres", bytes.fromhex("0000000804d2162f"), b"N"),
    ],
)
async def test_some_do_not_offer_it(authority: Authority, protocol: str, asks: bytes, answer: bytes):
    async with serve(upgrading(REFUSALS[protocol], authority.server_context())) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(asks)
        assert await reader.readexactly(len(answer)) == answer
        writer.close()


async def test_bytes_can_come_before_their_time(authority: Authority):
    async with serve(upgrading(early_bytes, authority.server_context())) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"EHLO me\r\nSTARTTLS\r\n")
        assert await reader.readuntil(b"injected\r\n")
        writer.close()
