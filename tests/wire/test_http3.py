"""HTTP/3 checks of aioquic's own server."""

import socket
import ssl
from collections.abc import AsyncIterator, Callable

import pytest
from h3_server import serve_h3

from monitor.checks.run_probe import run_probe
from monitor.demo.certs import Authority
from monitor.errors import FieldError
from monitor.model import Observation, Reason
from monitor.probes.http import Http
from monitor.wire import quic
from monitor.wire.tls import TlsOptions


@pytest.fixture
async def port(authority: Authority) -> AsyncIterator[int]:
    async with serve_h3(authority) as port:
        yield port


async def check(
    authority: Authority, port: int, path: str = "healthy", timeout: float = 3.0, **keys: object
) -> Observation:
    options = TlsOptions(ca=str(authority.ca))
    url = f"https://localhost:{port}/{path}"
    return await run_probe(Http(url=url, http_version="3", tls=options, **keys), timeout)  # type: ignore[arg-type]


async def test_an_answer_has_everything_that_others_have(authority: Authority, port: int) -> None:
    seen = await check(authority, port)
    assert (seen.reason, seen.message) == (None, "200 OK")
    assert seen.http is not None
    assert (seen.http.version, seen.http.bytes) == ("HTTP/3", 11)
    assert seen.facts["http_version"] == "3"
    assert seen.facts["body"] == b"ok over h3\n"
    assert set(seen.phases_ms) == {"dns", "connect", "tls", "wait", "transfer"}
    assert seen.latency_ms is not None
    assert sum(seen.phases_ms.values()) <= seen.latency_ms
    assert seen.certificate is not None
    assert seen.explanation is not None
    assert 'alt-svc: h3=":443"' in seen.explanation.answer
    assert seen.explanation.asked.startswith(f"GET https://localhost:{port}/healthy HTTP/3")


@pytest.mark.parametrize(
    ("path", "keys", "body"),
    [
        ("echo", {"method": "POST", "body": "hello"}, b"hello"),
        ("echo", {"method": "PUT", "body": "x" * 300_000}, b"x" * 300_000),
        ("echo", {"method": "POST"}, b""),
        ("head", {"method": "HEAD"}, b""),
        ("big", {"max_body": 1000}, b"x" * 1000),
        ("compressed", {}, b"ok " * 1000),
        ("hints", {}, b"ok"),
        ("trailers", {}, b"ok"),
        ("redirect", {}, b"ok over h3\n"),
    ],
)
async def test_every_kind_of_answer_is_read(
    authority: Authority, port: int, path: str, keys: dict[str, object], body: bytes
) -> None:
    seen = await check(authority, port, path, **keys)
    assert (seen.reason, seen.message) == (None, "200 OK")
    assert seen.facts["body"] == body


async def test_the_request_arrives_as_it_was_meant(authority: Authority, port: int) -> None:
    seen = await check(authority, port, "echo", method="DELETE", headers={"Host": "shop.example"})
    assert seen.facts["headers"]["x-method"] == "DELETE"
    assert seen.facts["headers"]["x-host"] == "shop.example"


@pytest.mark.parametrize(
    ("path", "reason", "words"),
    [
        ("silence", Reason.READ_TIMEOUT, "waiting for the answer"),
        ("half", Reason.READ_TIMEOUT, "reading the answer"),
        ("reset", Reason.PROTOCOL_ERROR, "reset the stream"),
        ("close", Reason.PROTOCOL_ERROR, "HTTP/3 ended: enough ␛[2J"),
        ("short", Reason.PROTOCOL_ERROR, "content-length"),
        ("nothing", Reason.PROTOCOL_ERROR, "without an answer"),
        ("garbage", Reason.PROTOCOL_ERROR, "HTTP/3 ended"),
    ],
)
async def test_each_fault_has_its_reason(
    authority: Authority, port: int, path: str, reason: Reason, words: str
) -> None:
    seen = await check(authority, port, path, timeout=1.5 if reason is Reason.READ_TIMEOUT else 10.0)
    assert seen.reason is reason
    assert words in seen.message


def of_version_4(der: bytes) -> bytes:
    """As appliances have them; OpenSSL reads it, and ``cryptography`` does not."""
    return der.replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x03", 1)


@pytest.mark.parametrize(
    ("changed", "verify", "reason"),
    [
        (bytes, True, None),
        (of_version_4, False, None),
        (of_version_4, True, Reason.CERTIFICATE_UNTRUSTED),  # the change breaks its signature
        (lambda der: der[:-20], False, Reason.TLS_ERROR),
        (lambda _: b"garbage", True, Reason.TLS_ERROR),
        (lambda _: b"", True, Reason.TLS_ERROR),
    ],
)
async def test_a_certificate_is_read_as_leniently_as_over_tcp(
    authority: Authority, changed: Callable[[bytes], bytes], verify: bool, reason: Reason | None
) -> None:
    async with serve_h3(authority, changed=changed) as port:
        options = TlsOptions(ca=str(authority.ca), verify=verify)
        probe = Http(url=f"https://localhost:{port}/healthy", http_version="3", tls=options)
        seen = await run_probe(probe, 5)
    assert seen.reason is reason


async def test_unreadable_certificates_behind_the_servers_own_do_not_matter(authority: Authority) -> None:
    other = ssl.PEM_cert_to_DER_cert(authority.pem("self-signed").read_text().partition("-----BEGIN PRIV")[0])
    async with serve_h3(authority, also=[b"garbage", of_version_4(other)]) as port:
        seen = await check(authority, port)
    assert (seen.reason, seen.message) == (None, "200 OK")


async def test_where_udp_is_blocked_connecting_takes_too_long(authority: Authority) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        url = f"https://127.0.0.1:{silent.getsockname()[1]}/"
        seen = await run_probe(Http(url=url, http_version="3"), 0.3)
    assert seen.reason is Reason.CONNECT_TIMEOUT


@pytest.mark.parametrize(
    ("keys", "key"),
    [
        ({"url": "http://a.example/"}, "http_version"),
        ({"url": "https://a.example/", "proxy": "http://b.example"}, "proxy"),
        ({"url": "https://a.example/", "reuse_connection": True}, "reuse_connection"),
    ],
)
def test_what_does_not_go_with_http3_is_reported(keys: dict[str, object], key: str) -> None:
    with pytest.raises(FieldError) as caught:
        Http(http_version="3", **keys)  # type: ignore[arg-type]
    assert caught.value.key == key


def test_a_missing_library_is_named_by_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quic, "installed", lambda: False)
    with pytest.raises(FieldError, match=r"monitor\[http3\]"):
        Http(url="https://a.example/", http_version="3")
