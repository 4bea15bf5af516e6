import asyncio

import httpx
import pytest

from monitor.demo.certs import Authority
from monitor.demo.proxy import http_proxy, refusing, socks5
from monitor.demo.serve import LOGIN, site
from monitor.demo.server import Handler, refused, serve


async def _through(handler: Handler, proxy: str, url: str, authority: Authority) -> httpx.Response:
    async with serve(handler) as port:
        address = f"{proxy}127.0.0.1:{port}"
        async with httpx.AsyncClient(proxy=address, verify=authority.client_context()) as client:
            return await client.post(url, content=b"hello")


@pytest.mark.parametrize(
    ("handler", "proxy"),
    [
        (http_proxy(), "http://"),
        (http_proxy(LOGIN), "http://demo:open%20sesame@"),
        (socks5(), "socks5://"),
        (socks5(LOGIN), "socks5://demo:open%20sesame@"),
    ],
)
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_proxy_passes_a_request_on(handler: Handler, proxy: str, scheme: str, authority: Authority):
    tls = authority.server_context() if scheme == "https" else None
    async with serve(site(), tls=tls) as port:
        answer = await _through(handler, proxy, f"{scheme}://127.0.0.1:{port}/echo?a=b", authority)
    said = answer.json()
    assert (said["target"], said["body"]) == ("/echo?a=b", "hello")
    assert "proxy-authorization" not in said["headers"]


@pytest.mark.parametrize(
    ("handler", "status"), [(http_proxy(LOGIN), 407), (refusing, 403), (http_proxy(), 502)]
)
async def test_a_proxy_may_say_no(handler: Handler, status: int, authority: Authority):
    with refused() as port:
        answer = await _through(handler, "http://", f"http://127.0.0.1:{port}/", authority)
    assert answer.status_code == status


CONNECT = b"\x05\x01\x00\x01\x7f\x00\x00\x01"


@pytest.mark.parametrize(
    ("handler", "hello", "answer"),
    [
        (socks5(LOGIN), b"\x05\x01\x00", b"\x05\xff"),
        (socks5(LOGIN), b"\x05\x01\x02\x01\x01u\x01p", b"\x05\x02\x01\x01"),
        (socks5(), b"\x05\x01\x00" + CONNECT, b"\x05\x00\x05\x05\x00\x01" + bytes(6)),
    ],
)
async def test_a_socks_proxy_may_say_no(handler: Handler, hello: bytes, answer: bytes):
    with refused() as nowhere:
        async with serve(handler) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(hello + nowhere.to_bytes(2, "big"))
            assert await reader.readexactly(len(answer)) == answer
            writer.close()
