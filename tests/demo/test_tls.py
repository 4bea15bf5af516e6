import asyncio
import ssl

import pytest

from monitor.demo.certs import Authority
from monitor.demo.tcp import banner
from monitor.demo.tls import serve_tls


async def _handshake(authority: Authority, name: str, client: ssl.SSLContext) -> str:
    async with serve_tls(authority, name, banner) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client)
        try:
            assert await reader.readline() == b"220 demo ready\r\n"
            return writer.get_extra_info("ssl_object").version()
        finally:
            writer.close()


def _lenient(authority: Authority) -> ssl.SSLContext:
    client = authority.client_context()
    client.minimum_version = ssl.TLSVersion.TLSv1
    client.set_ciphers("ALL:@SECLEVEL=0")
    return client


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("tls1.0", "TLSv1"),
        ("tls1.1", "TLSv1.1"),
        ("tls1.2", "TLSv1.2"),
        ("tls1.3", "TLSv1.3"),
        ("valid", "TLSv1.3"),
    ],
)
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
async def test_a_listener_speaks_its_version(authority: Authority, name: str, version: str):
    assert await _handshake(authority, name, _lenient(authority)) == version


@pytest.mark.parametrize("name", ["tls1.0", "tls1.1", "plain", "alert", "expired", "client-cert"])
async def test_an_ordinary_client_cannot_agree_with_some(authority: Authority, name: str):
    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        await _handshake(authority, name, authority.client_context())


@pytest.mark.parametrize("name", ["cut", "reset"])
async def test_some_go_away_in_the_handshake(authority: Authority, name: str):
    with pytest.raises(ConnectionError):
        await _handshake(authority, name, authority.client_context())


async def test_some_never_answer_the_handshake(authority: Authority):
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await _handshake(authority, "stall", authority.client_context())


async def test_a_client_certificate_opens_the_door(authority: Authority):
    client = authority.client_context()
    client.load_cert_chain(authority.pem("client"))
    assert await _handshake(authority, "client-cert", client) == "TLSv1.2"


@pytest.mark.parametrize(
    ("name", "alert"),
    [("strict-tls1.0", "PROTOCOL_VERSION"), ("strict-client-cert", "HANDSHAKE_FAILURE|CERTIFICATE")],
)
async def test_a_strict_listener_says_why_not(authority: Authority, name: str, alert: str):
    with pytest.raises(ssl.SSLError, match=f"(?i){alert.replace('_', '.')}"):
        await _handshake(authority, name, authority.client_context())
