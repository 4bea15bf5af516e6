"""A real httpx client over our exchange: the same answers as the http check's, and the same times."""

import re

import httpx
import pytest
from httpx_transport import Transport

from monitor.checks.run_probe import run_probe
from monitor.demo.auth import AUTH, PASSWORD, USER
from monitor.demo.faults import FAULTS
from monitor.demo.pages import PAGES
from monitor.demo.process import RunningZoo
from monitor.errors import ProbeError
from monitor.model import Reason
from monitor.probes.http import Http
from monitor.trace import Trace
from monitor.wire.fetch import Route
from monitor.wire.tls import TlsOptions


async def get(zoo: RunningZoo, path: str, trace: Trace | None = None, **how: object) -> httpx.Response:
    transport = Transport(trace or Trace())
    async with httpx.AsyncClient(transport=transport, follow_redirects=True) as client:
        return await client.get(f"http://{zoo.addresses['http']}{path}", **how)  # type: ignore[arg-type]


async def come_of(url: str, transport: httpx.AsyncBaseTransport) -> object:
    """What a client over ``transport`` gets from ``url``: all of the answer, or the kind of error."""
    async with httpx.AsyncClient(transport=transport, follow_redirects=True, max_redirects=3) as client:
        try:
            got = await client.get(url, headers={"Connection": "close"})
        except httpx.RequestError as error:
            return type(error)
    headers = [(name.lower(), value) for name, value in got.headers.raw if name.lower() not in FRAMING]
    codes = [response.status_code for response in (*got.history, got)]
    return codes, got.url, got.http_version, got.reason_phrase, sorted(headers), got.content


FRAMING = (b"content-length", b"content-encoding", b"transfer-encoding")
"""What our transport leaves out, as it describes the body no more."""
STRICTER = ("/bad-version", "/cut-gzip", "/wrong-encoding")
"""What httpx lets pass, or tells only when the body is unpacked."""
UNFIT = re.compile("/(silence|endless-.*|slow.*|bomb|flaky|tide|auth/digest)")
"""What takes long, or is another answer each time."""
PATHS = [path for path in (*PAGES, *FAULTS, *AUTH) if not UNFIT.fullmatch(path)]


@pytest.mark.parametrize("path", [path for path in PATHS if path not in STRICTER])
async def test_httpx_gets_over_our_exchange_what_it_gets_over_its_own(zoo: RunningZoo, path: str) -> None:
    url = f"http://{zoo.addresses['http']}{path}"
    assert await come_of(url, Transport(Trace())) == await come_of(url, httpx.AsyncHTTPTransport())


@pytest.mark.parametrize("path", STRICTER)
async def test_what_breaks_the_protocol_is_told_where_httpx_lets_it_pass(zoo: RunningZoo, path: str) -> None:
    url = f"http://{zoo.addresses['http']}{path}"
    assert await come_of(url, Transport(Trace())) is httpx.RemoteProtocolError
    assert await come_of(url, httpx.AsyncHTTPTransport()) is not httpx.RemoteProtocolError


@pytest.mark.parametrize(
    "path", ["/healthy", "/chunked", "/close", "/gzip", "/deflate", "/drip", "/early-hints"]
)
async def test_httpx_gets_what_the_check_gets(zoo: RunningZoo, path: str) -> None:
    theirs = await get(zoo, path)
    ours = await run_probe(Http(url=f"http://{zoo.addresses['http']}{path}"), 5.0)
    assert ours.http is not None
    assert (theirs.status_code, theirs.content) == (ours.http.status, ours.facts["body"])


async def test_redirects_of_httpx_add_up_in_the_phases(zoo: RunningZoo) -> None:
    once, twice = Trace(), Trace()
    await get(zoo, "/healthy", once)
    response = await get(zoo, "/redirect?hops=2", twice)
    assert len(response.history) == 2
    assert twice.phases_ms.keys() == once.phases_ms.keys() == {"connect", "wait", "transfer"}
    assert twice.address == zoo.addresses["http"]


async def test_httpx_authenticates_and_keeps_cookies(zoo: RunningZoo) -> None:
    assert (await get(zoo, "/auth/digest", auth=httpx.DigestAuth(USER, PASSWORD))).status_code == 200
    assert (await get(zoo, "/auth/basic", auth=(USER, PASSWORD))).status_code == 200
    assert (await get(zoo, "/cookie/set")).status_code == 200


async def test_a_request_with_a_body_arrives(zoo: RunningZoo) -> None:
    async with httpx.AsyncClient(transport=Transport(Trace())) as client:
        answer = await client.post(f"http://{zoo.addresses['http']}/echo", json={"a": 1})
    assert answer.json()["method"] == "POST"
    assert answer.json()["body"] == '{"a":1}'


async def test_tls_is_verified_and_noted(zoo: RunningZoo) -> None:
    trace = Trace()
    route = Route(tls=TlsOptions(ca=zoo.ca), http_version="1.1")
    url = f"https://{zoo.addresses['h2']}/healthy"
    async with httpx.AsyncClient(transport=Transport(trace, route)) as client:
        assert (await client.get(url)).http_version == "HTTP/1.1"
    assert trace.certificates
    async with httpx.AsyncClient(transport=Transport(Trace())) as client:
        with pytest.raises(httpx.ConnectError) as caught:
            await client.get(url)
    assert isinstance(caught.value.__cause__, ProbeError)
    assert caught.value.__cause__.reason is Reason.CERTIFICATE_UNTRUSTED


async def test_http2_is_spoken_where_it_is_agreed_on(zoo: RunningZoo) -> None:
    transport = Transport(Trace(), Route(tls=TlsOptions(ca=zoo.ca)))
    async with httpx.AsyncClient(transport=transport) as client:
        assert (await client.get(f"https://{zoo.addresses['h2']}/healthy")).http_version == "HTTP/2"


@pytest.mark.parametrize(
    ("server", "error"),
    [
        ("refused", httpx.ConnectError),
        ("tcp-close", httpx.RemoteProtocolError),
        ("tcp-reset-when-asked", httpx.ReadError),
        ("tcp-half-open", httpx.RemoteProtocolError),
        ("tcp-binary", httpx.RemoteProtocolError),
    ],
)
async def test_failures_are_those_that_httpx_users_know(
    zoo: RunningZoo, server: str, error: type[Exception]
) -> None:
    url = f"http://{zoo.addresses[server]}/"
    assert await come_of(url, Transport(Trace())) is error
    assert await come_of(url, httpx.AsyncHTTPTransport()) is error
