"""The HTTP check against servers that behave, and servers that do not."""

import json
import re
from asyncio import StreamReader, StreamWriter
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from monitor.checks.run_probe import run_probe
from monitor.demo.auth import PASSWORD, TOKEN, USER
from monitor.demo.process import RunningZoo
from monitor.demo.server import serve
from monitor.errors import FieldError
from monitor.judge.verdict import judge
from monitor.model import Observation, Reason, Result
from monitor.probes.http import Http
from monitor.redact import MASK, Secretive
from monitor.trace import Resources
from monitor.wire.auth import Auth, OAuth2
from monitor.wire.tls import TlsOptions

REFUSED_OPENLY = (USER, "wrong")


async def ask(
    zoo: RunningZoo, path: str, server: str = "http", timeout: float = 10, **keys: Any
) -> Observation:
    scheme = "https" if server.startswith(("tls-", "h2")) and server != "h2c" else "http"
    if scheme == "https" and "tls" not in keys:
        keys["tls"] = TlsOptions(ca=zoo.ca)
    return await run_probe(Http(url=f"{scheme}://{zoo.addresses[server]}{path}", **keys), timeout)


# ── answers ─────────────────────────────────────────────────────────────────────────────────────


async def test_an_answer_is_told_with_its_facts(zoo: RunningZoo) -> None:
    seen = await ask(zoo, "/healthy")
    assert (seen.reason, seen.message) == (None, "200 OK")
    assert seen.facts["status"] == 200
    assert seen.facts["body"] == b"ok\n"
    assert seen.facts["charset"] == "utf-8"
    assert seen.facts["http_version"] == "1.1"
    assert seen.facts["headers"]["x-demo"] == "yes"
    assert seen.address == zoo.addresses["http"]
    assert seen.http is not None
    assert (seen.http.status, seen.http.version, seen.http.redirects, seen.http.bytes) == (
        200,
        "HTTP/1.1",
        0,
        3,
    )


async def test_phases_follow_each_other_and_fit_into_the_latency(zoo: RunningZoo) -> None:
    seen = await ask(zoo, "/slow-body?ms=60", "tls-valid")
    assert list(seen.phases_ms) == ["connect", "tls", "wait", "transfer"]
    assert seen.phases_ms["transfer"] > 50 > seen.phases_ms["wait"]
    assert seen.latency_ms is not None
    assert sum(seen.phases_ms.values()) <= seen.latency_ms


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/chunked", b"ok, chunked"),
        ("/close", b"ok\n"),
        ("/gzip", b"ok, zipped\n"),
        ("/deflate", b"ok, deflated\n"),
        ("/early-hints", b"ok\n"),
        ("/no-content", b""),
        ("/slow-body?ms=1", b"halfhalf"),
        ("/drip?ms=0", b"ok\n"),
        ("/unknown-encoding", b"???"),
        ("/latin-1", "schön".encode("latin-1")),
    ],
)
async def test_every_framing_and_encoding_is_read(zoo: RunningZoo, path: str, body: bytes) -> None:
    seen = await ask(zoo, path)
    assert (seen.reason, seen.facts["body"]) == (None, body)


@pytest.mark.parametrize(
    "path",
    ["/size?bytes=5000", "/endless-body", "/endless-chunks", "/bomb?mb=20"],
    ids=lambda path: path[1:6],
)
async def test_a_long_body_is_cut(zoo: RunningZoo, path: str) -> None:
    seen = await ask(zoo, path, max_body=1000)
    assert (seen.reason, len(seen.facts["body"])) == (None, 1000)
    assert seen.http is not None
    assert seen.http.bytes == 1000


async def test_head_has_no_body(zoo: RunningZoo) -> None:
    seen = await ask(zoo, "/size?bytes=5000", method="HEAD")
    assert (seen.reason, seen.facts["body"], seen.facts["headers"]["content-length"]) == (None, b"", "5000")


@pytest.mark.parametrize(
    ("path", "reason", "words"),
    [
        ("/empty", Reason.PROTOCOL_ERROR, "closed the connection without an answer"),
        ("/reset", Reason.CONNECTION_RESET, "reset"),
        ("/reset-body", Reason.CONNECTION_RESET, "reset"),
        ("/cut-status", Reason.PROTOCOL_ERROR, "in the middle of the headers"),
        ("/cut-headers", Reason.PROTOCOL_ERROR, "in the middle of the headers"),
        ("/cut-body", Reason.PROTOCOL_ERROR, "after 9 of 1000 bytes"),
        ("/cut-chunk", Reason.PROTOCOL_ERROR, "chunked body, after 9 bytes"),
        ("/cut-last-chunk", Reason.PROTOCOL_ERROR, "chunked body, after 3 bytes"),
        ("/bad-chunk", Reason.PROTOCOL_ERROR, "breaks HTTP"),
        ("/chunk-overrun", Reason.PROTOCOL_ERROR, "breaks HTTP"),
        ("/garbage", Reason.PROTOCOL_ERROR, "not HTTP"),
        ("/other-protocol", Reason.PROTOCOL_ERROR, "SSH-2.0-OpenSSH"),
        ("/http09", Reason.PROTOCOL_ERROR, "not HTTP"),
        ("/bad-status", Reason.PROTOCOL_ERROR, "breaks HTTP"),
        ("/bad-version", Reason.PROTOCOL_ERROR, "breaks HTTP"),
        ("/bad-header", Reason.PROTOCOL_ERROR, "breaks HTTP"),
        ("/bad-length", Reason.PROTOCOL_ERROR, "breaks HTTP"),
        ("/two-lengths", Reason.PROTOCOL_ERROR, "breaks HTTP"),
        ("/oversized-header", Reason.PROTOCOL_ERROR, "longer than"),
        ("/endless-line", Reason.PROTOCOL_ERROR, "longer than"),
        ("/endless-headers", Reason.PROTOCOL_ERROR, "headers are longer than"),
        ("/endless-hints", Reason.PROTOCOL_ERROR, "longer than"),
        ("/wrong-encoding", Reason.PROTOCOL_ERROR, "compression is broken"),
        ("/cut-gzip", Reason.PROTOCOL_ERROR, "ends too early"),
        ("/redirect/loop", Reason.TOO_MANY_REDIRECTS, "more than 10 redirects"),
    ],
)
async def test_a_broken_answer_is_told_as_what_it_is(
    zoo: RunningZoo, path: str, reason: Reason, words: str
) -> None:
    seen = await ask(zoo, path)
    assert seen.reason == reason
    assert words in seen.message


@pytest.mark.parametrize(
    ("server", "path", "reason"),
    [
        ("refused", "/", Reason.CONNECTION_REFUSED),
        ("unaccepted", "/", Reason.CONNECT_TIMEOUT),
        ("http", "/silence", Reason.READ_TIMEOUT),
        ("http", "/slow-body?ms=60000", Reason.READ_TIMEOUT),
        ("tls-stall", "/", Reason.TLS_TIMEOUT),
        ("tls-plain", "/", Reason.TLS_ERROR),
        ("tls-expired", "/", Reason.CERTIFICATE_EXPIRED),
        ("tls-self-signed", "/", Reason.CERTIFICATE_UNTRUSTED),
    ],
)
async def test_a_check_that_gets_nowhere_says_how_far_it_came(
    zoo: RunningZoo, server: str, path: str, reason: Reason
) -> None:
    assert (await ask(zoo, path, server, timeout=0.4)).reason == reason


async def test_an_http_check_of_a_tls_port_is_no_http(zoo: RunningZoo) -> None:
    seen = await run_probe(Http(url=f"http://{zoo.addresses['tls-valid']}/"), 10)
    assert seen.reason in (Reason.PROTOCOL_ERROR, Reason.CONNECTION_RESET)


async def test_what_a_server_says_cannot_reach_the_terminal_through_the_message(zoo: RunningZoo) -> None:
    seen = await ask(zoo, "/escapes")
    assert seen.facts["status"] == 503
    assert "\x1b" not in seen.message


# ── requests ────────────────────────────────────────────────────────────────────────────────────


async def test_headers_replace_ours_whatever_their_case(zoo: RunningZoo) -> None:
    seen = await ask(zoo, "/echo", headers={"user-agent": "mine", "HOST": "shop.example"})
    said = seen.facts["body"].decode().lower()
    assert "mine" in said
    assert "monitor/" not in said
    assert "shop.example" in said


async def test_a_header_that_is_replaced_is_sent_once(zoo: RunningZoo) -> None:
    own = {
        "User-Agent": "mine",
        "Accept": "a/b",
        "authorization": "Bearer abc",
        "Accept-Encoding": "identity",
    }
    seen = await ask(zoo, "/echo", headers=own, auth=Auth(basic=("alice", "sesame")))
    assert seen.explanation is not None
    names = [line.partition(":")[0].lower() for line in seen.explanation.asked.splitlines()[1:]]
    assert sorted(names) == sorted({*names})
    assert "Accept: a/b" in seen.explanation.asked


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"body": "a=b"}, "a=b"),
        ({"json": {"a": ["ü"]}}, "application/json"),
    ],
)
async def test_a_body_is_sent(zoo: RunningZoo, keys: Mapping[str, Any], words: str) -> None:
    seen = await ask(zoo, "/echo", method="POST", **keys)
    assert words in seen.facts["body"].decode()


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("post", "POST"),
        ("Patch", "PATCH"),
        ("OPTIONS", "OPTIONS"),
        ("purge", "purge"),
        ("Propfind", "Propfind"),
    ],
)
async def test_a_standard_method_goes_out_in_upper_case(zoo: RunningZoo, written: str, sent: str) -> None:
    seen = await ask(zoo, "/echo", method=written)
    assert json.loads(seen.facts["body"])["method"] == sent


async def test_json_beyond_the_limit_of_the_body_is_called_that(zoo: RunningZoo) -> None:
    expect = Http.expectations["json"].compile("expect.json", {"$.method": "GET"})
    result = judge("x", await ask(zoo, "/echo", max_body=20), expect, ())
    assert result.message == "expected json $.method GET, got a body that was cut at max_body"


async def test_a_redirected_post_becomes_a_get_however_it_is_written(zoo: RunningZoo) -> None:
    seen = await ask(zoo, "/redirect?to=/echo&code=302", method="post", body="x")
    assert json.loads(seen.facts["body"])["method"] == "GET"


@pytest.mark.parametrize(
    ("keys", "key"),
    [
        ({"url": "ftp://x/"}, "url"),
        ({"url": "http:///nowhere"}, "url"),
        ({"url": "http://x:99999/"}, "url"),
        ({"url": "http://a b/"}, "url"),
        ({"method": "GET /"}, "method"),
        ({"body": "x", "json": 1}, "json"),
        ({"headers": {"X": "a\r\nY: b"}}, "headers.X"),
        ({"headers": {"X Y": "a"}}, "headers.X Y"),
        ({"headers": {"X": "☃"}}, "headers.X"),
        ({"proxy": "ftp://x"}, "proxy"),
        ({"connect_to": "a:b:c:d:zz"}, "connect_to"),
        ({"max_redirects": -1}, "max_redirects"),
        ({"reuse_connection": True, "http_version": "2"}, "reuse_connection"),
    ],
)
def test_a_request_that_cannot_be_made_is_refused_early(keys: dict[str, Any], key: str) -> None:
    with pytest.raises(FieldError) as caught:
        Http(**{"url": "http://x/", **keys})
    assert caught.value.key == key


async def test_connect_to_dials_elsewhere_and_keeps_the_name(zoo: RunningZoo) -> None:
    probe = Http(
        url="https://localhost/healthy", connect_to=zoo.addresses["tls-valid"], tls=TlsOptions(ca=zoo.ca)
    )
    seen = await run_probe(probe, 10)
    assert (seen.message, seen.address) == ("200 OK", zoo.addresses["tls-valid"])


# ── redirects and cookies ───────────────────────────────────────────────────────────────────────


async def test_redirects_are_followed_and_noted(zoo: RunningZoo) -> None:
    seen = await ask(zoo, "/redirect?hops=3&to=/healthy")
    assert seen.message == "200 OK"
    assert seen.http is not None
    assert seen.http.redirects == 3
    assert seen.explanation is not None
    assert [hop.answered[:9] for hop in seen.explanation.hops] == ["302 Found"] * 3 + ["200 OK"]


async def test_a_redirect_can_be_the_answer(zoo: RunningZoo) -> None:
    seen = await ask(zoo, "/redirect?to=/healthy", follow_redirects=False)
    assert (seen.message, seen.facts["status"]) == ("302 Found", 302)


async def test_a_limit_of_none_is_kept(zoo: RunningZoo) -> None:
    seen = await ask(zoo, "/redirect?to=/healthy", max_redirects=0)
    assert seen.reason == Reason.TOO_MANY_REDIRECTS


async def test_a_redirect_without_a_location_is_final(zoo: RunningZoo) -> None:
    seen = await ask(zoo, "/redirect/nowhere")
    assert seen.reason is None
    assert 300 <= seen.facts["status"] < 400


async def test_cookies_set_on_the_way_are_brought_along(zoo: RunningZoo) -> None:
    assert (await ask(zoo, "/cookie/set")).message == "200 OK"
    assert (await ask(zoo, "/cookie/set", headers={"Cookie": "mine=1"})).message == "200 OK"


# ── credentials ─────────────────────────────────────────────────────────────────────────────────


def oauth2(zoo: RunningZoo, secret: str = PASSWORD, server: str = "http") -> Auth:
    url = f"http://{zoo.addresses[server]}/oauth2/token"
    return Auth(oauth2=OAuth2(token_url=url, client_id=USER, client_secret=secret))


@pytest.mark.parametrize(
    ("path", "auth", "status"),
    [
        ("/auth/basic", Auth(basic=(USER, PASSWORD)), 200),
        ("/auth/basic", Auth(basic=REFUSED_OPENLY), 401),
        ("/auth/basic", None, 401),
        ("/auth/bearer", Auth(bearer=TOKEN), 200),
        ("/auth/bearer", Auth(bearer="wrong"), 401),
        ("/auth/digest", Auth(digest=(USER, PASSWORD)), 200),
        ("/auth/digest?algorithm=SHA-256", Auth(digest=(USER, PASSWORD)), 200),
        ("/auth/digest", Auth(digest=REFUSED_OPENLY), 401),
    ],
)
async def test_credentials_are_shown(zoo: RunningZoo, path: str, auth: Auth | None, status: int) -> None:
    seen = await ask(zoo, path, auth=auth)
    assert seen.facts["status"] == status
    assert seen.http is not None
    assert seen.http.redirects == 0


async def test_a_user_in_the_url_is_sent_and_never_shown(zoo: RunningZoo) -> None:
    password = PASSWORD.replace(" ", "%20")
    probe = Http(url=f"http://{USER}:{password}@{zoo.addresses['http']}/auth/basic")
    seen = await run_probe(probe, 10)
    assert seen.message == "200 OK"
    assert seen.explanation is not None
    assert password not in seen.explanation.asked
    assert f"Authorization: {MASK}" in seen.explanation.asked


async def test_a_token_may_be_longer_than_the_body_to_read(zoo: RunningZoo) -> None:
    seen = await ask(zoo, "/auth/bearer", auth=oauth2(zoo), max_body=1)
    assert seen.message == "200 OK"


async def test_a_token_is_fetched_once_and_kept(zoo: RunningZoo) -> None:
    resources = Resources()
    probe = Http(url=f"http://{zoo.addresses['http']}/auth/bearer", auth=oauth2(zoo))
    first = await run_probe(probe, 10, resources=resources)
    second = await run_probe(probe, 10, resources=resources)
    assert (first.message, second.message) == ("200 OK", "200 OK")
    assert first.explanation is not None
    assert second.explanation is not None
    assert [hop.asked.split()[0] for hop in first.explanation.hops] == ["POST", "GET"]
    assert second.explanation.hops == ()


@pytest.mark.parametrize(
    ("secret", "server", "reason"),
    [("wrong", "http", Reason.AUTH_ERROR), (PASSWORD, "refused", Reason.CONNECTION_REFUSED)],
)
async def test_a_token_endpoint_that_fails_is_named(
    zoo: RunningZoo, secret: str, server: str, reason: Reason
) -> None:
    seen = await ask(zoo, "/auth/bearer", auth=oauth2(zoo, secret, server))
    assert seen.reason == reason
    assert seen.message.startswith("token endpoint")


@pytest.mark.parametrize(
    "headers", [{"Authorization": "Bearer abc"}, {"Cookie": "a=b"}, {"X-Key": Secretive("abc", MASK)}]
)
async def test_secrets_stay_with_their_origin(zoo: RunningZoo, headers: Mapping[str, str]) -> None:
    elsewhere = zoo.addresses["tls-valid"]
    name, value = next(iter(headers.items()))
    here = await ask(zoo, "/redirect?to=/echo", headers=headers)
    there = await ask(
        zoo, f"/redirect?to=https://{elsewhere}/echo", headers=headers, tls=TlsOptions(ca=zoo.ca)
    )
    assert str(value) in here.facts["body"].decode()
    assert there.facts["status"] == 200
    assert name.lower() not in there.facts["body"].decode().lower()
    assert here.explanation is not None
    assert f"{name}: {MASK}" in here.explanation.asked


# ── HTTP/2, proxies, kept connections ───────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("server", "version", "spoken"),
    [
        ("h2", "auto", "2"),
        ("h2", "2", "2"),
        ("h2", "1.1", "1.1"),
        ("tls-valid", "auto", "1.1"),
        ("h2c", "2", "2"),
        ("http", "auto", "1.1"),
    ],
)
async def test_the_version_is_the_one_agreed_on(
    zoo: RunningZoo, server: str, version: str, spoken: str
) -> None:
    seen = await ask(zoo, "/healthy", server, http_version=version)
    assert (seen.message, seen.facts["http_version"]) == ("200 OK", spoken)
    assert list(seen.phases_ms)[-2:] == ["wait", "transfer"]


@pytest.mark.parametrize(
    ("server", "path", "words"),
    [
        ("h2", "/reset", "reset the stream (INTERNAL_ERROR)"),
        ("h2", "/goaway", "ended the connection (ENHANCE_YOUR_CALM)"),
        ("h2", "/cut-body", "reset the stream"),
        ("h2-garbage", "/", ""),
        ("tls-valid", "/", "does not agree to HTTP/2"),
        ("http", "/healthy", ""),
    ],
)
async def test_broken_http2_is_a_protocol_error(zoo: RunningZoo, server: str, path: str, words: str) -> None:
    seen = await ask(zoo, path, server, http_version="2")
    assert seen.reason == Reason.PROTOCOL_ERROR
    assert words in seen.message


PROXIES = [("http", "proxy", ""), ("http", "proxy-login", "demo:open%20sesame@"), ("socks5", "socks5", "")]
PROXIES += [("socks5", "socks5-login", "demo:open%20sesame@")]


@pytest.mark.parametrize("server", ["http", "tls-valid", "h2"])
@pytest.mark.parametrize(("scheme", "proxy", "login"), PROXIES)
async def test_a_proxy_is_gone_through(
    zoo: RunningZoo, scheme: str, proxy: str, login: str, server: str
) -> None:
    seen = await ask(zoo, "/healthy", server, proxy=f"{scheme}://{login}{zoo.addresses[proxy]}")
    assert (seen.message, seen.address) == ("200 OK", zoo.addresses[proxy])


@pytest.mark.parametrize(("scheme", "proxy"), [("http", "proxy"), ("socks5", "socks5")])
@pytest.mark.parametrize(("url", "server"), [("http://shop.example/healthy", "http")])
async def test_an_address_to_dial_is_reached_through_the_proxy_too(
    zoo: RunningZoo, scheme: str, proxy: str, url: str, server: str
) -> None:
    through = f"{scheme}://{zoo.addresses[proxy]}"
    seen = await run_probe(Http(url=url, proxy=through, connect_to=zoo.addresses[server]), 10)
    assert (seen.message, seen.address) == ("200 OK", zoo.addresses[proxy])


@pytest.mark.parametrize("server", ["http", "tls-valid"])
async def test_what_is_exempt_goes_past_the_proxy(zoo: RunningZoo, server: str) -> None:
    nowhere = f"http://{zoo.addresses['refused']}"
    seen = await ask(zoo, "/healthy", server, proxy=nowhere, no_proxy=("127.0.0.0/8",))
    assert (seen.message, seen.address) == ("200 OK", zoo.addresses[server])


@pytest.mark.parametrize(
    ("proxy", "server", "reason"),
    [
        ("http:proxy-login", "tls-valid", Reason.AUTH_ERROR),
        ("http:proxy-refusing", "tls-valid", Reason.PROTOCOL_ERROR),
        ("http:proxy", "tls-valid-not-there", Reason.UNREACHABLE),
        ("http:refused", "http", Reason.CONNECTION_REFUSED),
        ("socks5:socks5-login", "http", Reason.AUTH_ERROR),
        ("socks5:socks5", "refused", Reason.CONNECTION_REFUSED),
    ],
)
async def test_a_proxy_that_fails_is_reported(
    zoo: RunningZoo, proxy: str, server: str, reason: Reason
) -> None:
    scheme, _, name = proxy.partition(":")
    there = zoo.addresses.get(server) or zoo.addresses["refused"]
    url = f"{'https' if server.startswith('tls') else 'http'}://{there}/"
    probe = Http(url=url, proxy=f"{scheme}://{zoo.addresses[name]}")
    assert (await run_probe(probe, 2)).reason == reason


async def test_a_kept_connection_connects_once(zoo: RunningZoo) -> None:
    url = f"http://{zoo.addresses['http']}/healthy"
    resources = Resources()
    probe = Http(url=url, reuse_connection=True)
    first = await run_probe(probe, 10, resources=resources)
    second = await run_probe(probe, 10, resources=resources)
    assert "connect" in first.phases_ms
    assert list(second.phases_ms) == ["wait", "transfer"]
    assert (second.message, second.address) == ("200 OK", first.address)


async def test_of_the_certificates_of_all_hops_the_first_to_expire_counts(zoo: RunningZoo) -> None:
    elsewhere = zoo.addresses["tls-valid"]
    seen = await ask(zoo, f"/redirect?to=https://{elsewhere}/healthy", "tls-expiring")
    assert seen.reason is None
    assert seen.certificate is not None
    assert seen.explanation is not None
    first, second = (hop.certificate for hop in seen.explanation.hops)
    assert first is not None
    assert second is not None
    assert seen.certificate == first
    assert seen.certificate.days_left(seen.started) == pytest.approx(5, abs=1)
    assert second.days_left(seen.started) == pytest.approx(90, abs=1)


async def test_the_certificate_that_is_refused_is_told_whatever_hop_shows_it(zoo: RunningZoo) -> None:
    elsewhere = zoo.addresses["tls-self-signed"]
    seen = await ask(zoo, f"/redirect?to=https://{elsewhere}/healthy", "tls-expiring")
    assert seen.reason is Reason.CERTIFICATE_UNTRUSTED
    assert seen.certificate is not None
    assert seen.certificate.issuer == seen.certificate.subject


async def test_a_connection_that_is_reused_still_shows_its_certificate(zoo: RunningZoo) -> None:
    probe = Http(
        url=f"https://{zoo.addresses['tls-valid']}/healthy",
        reuse_connection=True,
        tls=TlsOptions(ca=zoo.ca),
    )
    resources = Resources()
    first = await run_probe(probe, 10, resources=resources)
    second = await run_probe(probe, 10, resources=resources)
    assert "tls" not in second.phases_ms
    assert second.certificate == first.certificate is not None


# ── answers out of order ────────────────────────────────────────────────────────────────────────


async def test_what_is_out_of_order_is_noted_and_judged_where_that_is_asked_for(zoo: RunningZoo) -> None:
    note = "the header 'Server' holds control characters"
    noted = await ask(zoo, "/escaped-header")
    assert noted.explanation is not None
    assert (noted.reason, noted.explanation.notes) == (None, (note,))
    judged = await ask(zoo, "/escaped-header", strict_http=True)
    assert (judged.reason, judged.message) == (Reason.PROTOCOL_ERROR, f"the answer breaks HTTP: {note}")
    assert (await ask(zoo, "/healthy", strict_http=True)).reason is None


# ── text in other encodings ─────────────────────────────────────────────────────────────────────


async def judged(
    answers: Sequence[bytes], expect: Mapping[str, Any], asked: list[bytes] | None = None, **keys: Any
) -> Result:
    """A check of a server that gives these answers in turn; ``asked`` gets the requests."""
    left = iter(answers)

    async def answer(reader: StreamReader, writer: StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        if asked is not None:
            asked.append(request)
        writer.write(next(left))

    wanted = [one for key, value in expect.items() for one in Http.expectations[key].compile(key, value)]
    async with serve(answer) as port:
        seen = await run_probe(Http(url=f"http://127.0.0.1:{port}/", **keys), 5, wanted)
    return judge("x", seen, wanted, ())


def page(content_type: str, body: bytes, *headers: bytes) -> bytes:
    lines = [b"HTTP/1.1 200 OK", b"Content-Type: " + content_type.encode(), *headers, b"", body]
    return b"\r\n".join(lines)


@pytest.mark.parametrize(
    ("answer", "expect"),
    [
        (page("text/html", b'<meta charset="windows-1252">5 \x80'), {"body": {"contains": "5 €"}}),
        (page("text/html", b"5 \x80"), {"body": {"contains": "5 €"}}),
        (page("text/plain; charset=gb2312", b"\xa2\xe3"), {"body": "€"}),
        (
            page("application/json; charset=iso-8859-1", b'{"a": "\xe9", "b": 1}'),
            {"json": {"$.b": 1, "$.a": "é"}},
        ),
        (page("application/json", b'{"a": "\xe9", "b": 1}'), {"json": {"$.b": 1, "$.a": "é"}}),
        (page("application/json; charset=iso-8859-1", '{"a": "é"}'.encode()), {"json": {"$.a": "é"}}),
        (page("application/json", '{"a": "é"}'.encode("utf-16")), {"json": {"$.a": "é"}}),
        (page("text/plain", b"", "X-City: Zürich".encode()), {"headers": {"x-city": "Zürich"}}),
        (page("text/plain", b"", b"X-City: Z\xfcrich"), {"headers": {"x-city": "Zürich"}}),
    ],
)
async def test_text_is_read_in_the_encoding_that_it_is_in(answer: bytes, expect: Mapping[str, Any]) -> None:
    result = await judged([answer], expect)
    assert result.reason is None, result.message


@pytest.mark.parametrize(
    ("location", "target"), [("/café".encode(), b"/caf%C3%A9"), (b"/caf\xe9?a=%20", b"/caf%E9?a=%20")]
)
async def test_a_redirect_leads_where_browsers_go(location: bytes, target: bytes) -> None:
    asked: list[bytes] = []
    moved = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + location + b"\r\n\r\n"
    assert (await judged([moved, page("text/plain", b"ok")], {}, asked)).reason is None
    assert asked[1].startswith(b"GET " + target + b" HTTP/1.1\r\n")


async def test_cookies_come_back_byte_by_byte_and_never_with_control_characters() -> None:
    asked: list[bytes] = []
    cookies = b"Set-Cookie: a=\x1b\r\nSet-Cookie: b=\xe2\x82\xac\r\nSet-Cookie: c=x\x85x\r\n"
    moved = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: /\r\n" + cookies + b"\r\n"
    assert (await judged([moved, page("text/plain", b"ok")], {}, asked)).reason is None
    assert b"Cookie: b=\xe2\x82\xac; c=x\x85x\r\n" in asked[1]


async def test_no_more_cookies_are_kept_than_curl_keeps() -> None:
    asked: list[bytes] = []
    cookies = b"".join(b"Set-Cookie: c%d=x\r\n" % number for number in range(3000))
    moved = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: /\r\n" + cookies + b"\r\n"
    assert (await judged([moved, page("text/plain", b"ok")], {}, asked)).reason is None
    assert asked[1].count(b"=x") == 50


# ── digest, once more ───────────────────────────────────────────────────────────────────────────


def refusal(nonce: str, stale: str = "") -> bytes:
    offer = f'Basic realm="x", Digest realm="x", nonce="{nonce}", qop="auth"{stale}'
    return f"HTTP/1.1 401 No\r\nWWW-Authenticate: {offer}\r\n\r\n".encode()


@pytest.mark.parametrize(
    ("answers", "nonces"),
    [
        ([refusal("a"), page("text/plain", b"")], ["a"]),
        ([refusal("a"), refusal("b", ", stale=true"), page("text/plain", b"")], ["a", "b"]),
        ([refusal("a"), refusal("b", ', stale="TRUE"'), page("text/plain", b"")], ["a", "b"]),
        ([refusal("a"), refusal("b")], ["a"]),
        ([refusal("a"), refusal("a", ", stale=true")], ["a"]),
        ([refusal("a"), *[refusal(nonce, ", stale=true") for nonce in "bcd"]], ["a", "b", "c"]),
    ],
)
async def test_a_stale_nonce_is_replaced_by_the_new_one_and_not_for_ever(
    answers: list[bytes], nonces: list[str]
) -> None:
    asked: list[bytes] = []
    auth = Auth(digest=(USER, PASSWORD))
    result = await judged(answers, {"status": "2xx"}, asked, auth=auth)
    used = [found[1].decode() for request in asked if (found := re.search(rb' nonce="(.)"', request))]
    assert used == nonces
    assert result.reason is (None if answers[-1].startswith(b"HTTP/1.1 200") else Reason.STATUS_MISMATCH)
