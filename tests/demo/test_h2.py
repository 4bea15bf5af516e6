import asyncio

import httpx
import pytest

from monitor.demo import h2
from monitor.demo.certs import Authority
from monitor.demo.serve import site
from monitor.demo.server import Handler, serve


async def _get(
    authority: Authority, path: str, *, http2: bool = True, handler: Handler = h2.handle
) -> httpx.Response:
    tls, client = h2.context(authority), httpx.AsyncClient(http2=http2, verify=authority.client_context())
    async with serve(h2.either(site(), handler), tls=tls) as port, client:
        return await client.get(f"https://127.0.0.1:{port}{path}")


@pytest.mark.parametrize(
    ("path", "status"), [("/healthy", 200), ("/healthy?code=503", 503), ("/nowhere", 404)]
)
async def test_a_client_that_can_gets_http2(authority: Authority, path: str, status: int):
    answer = await _get(authority, path)
    assert (answer.http_version, answer.status_code) == ("HTTP/2", status)


async def test_a_client_that_cannot_gets_http11(authority: Authority):
    assert (await _get(authority, "/healthy", http2=False)).http_version == "HTTP/1.1"


@pytest.mark.parametrize("path", ["/reset", "/goaway", "/cut-body"])
async def test_a_broken_stream_is_no_answer(authority: Authority, path: str):
    with pytest.raises(httpx.RemoteProtocolError):
        await _get(authority, path)


async def test_silence_lasts(authority: Authority):
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await _get(authority, "/silence")


async def test_http2_in_clear_needs_no_asking():
    async with serve(h2.handle) as port, httpx.AsyncClient(http1=False, http2=True) as client:
        assert (await client.get(f"http://127.0.0.1:{port}/healthy")).text == "ok over h2\n"


async def test_one_that_agrees_to_http2_may_still_talk_nonsense(authority: Authority):
    with pytest.raises(httpx.RemoteProtocolError):
        await _get(authority, "/healthy", handler=h2.garbage)
