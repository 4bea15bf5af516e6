"""Tokens: kept while they last, and fetched anew when they do not."""

import asyncio
from asyncio import StreamReader, StreamWriter
from urllib.parse import parse_qsl

import pytest

from monitor.checks.run_probe import run_probe
from monitor.demo.auth import PASSWORD, TOKEN, USER
from monitor.demo.http import read_request
from monitor.demo.process import RunningZoo
from monitor.demo.server import serve
from monitor.errors import ProbeError
from monitor.model import Reason
from monitor.probes.http import Http
from monitor.trace import Resources, Trace
from monitor.wire.auth import Auth, OAuth2
from monitor.wire.fetch import Route
from monitor.wire.oauth2 import Tokens, token


async def test_a_token_is_kept_until_it_is_forgotten(zoo: RunningZoo) -> None:
    url = f"http://{zoo.addresses['http']}/oauth2/token"
    options = OAuth2(token_url=url, client_id=USER, client_secret=PASSWORD, scope="one")
    trace = Trace()
    assert await token(options, Route(), trace) == TOKEN
    assert await token(options, Route(), trace) == TOKEN
    assert [hop.answered for hop in trace.hops] == ["200 OK"]
    tokens = trace.resources.of(Tokens)
    tokens.forget(options, "an older one")
    assert await token(options, Route(), trace) == TOKEN
    assert len(trace.hops) == 1
    tokens.forget(options, TOKEN)
    await token(options, Route(), trace)
    assert len(trace.hops) == 2


class Issuer:
    """A token endpoint that answers when it is let, and counts."""

    def __init__(self, status: str = "200 OK") -> None:
        self.asked, self.open, self._status = 0, asyncio.Event(), status

    async def __call__(self, reader: StreamReader, writer: StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.asked += 1
        await self.open.wait()
        body = b'{"access_token": "T%d"}' % self.asked
        head = f"HTTP/1.1 {self._status}\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()


def options_for(port: int) -> OAuth2:
    return OAuth2(token_url=f"http://127.0.0.1:{port}/", client_id="a", client_secret="b")


async def until_asked(issuer: Issuer, times: int) -> None:
    async with asyncio.timeout(5):
        while issuer.asked < times:
            await asyncio.sleep(0.001)


def wanted(port: int, count: int) -> list[asyncio.Task[str]]:
    resources = Resources()
    return [
        asyncio.create_task(token(options_for(port), Route(), Trace(resources=resources)))
        for _ in range(count)
    ]


async def test_who_wants_the_same_token_at_the_same_time_has_it_fetched_once() -> None:
    issuer = Issuer()
    async with serve(issuer) as port:
        wanting = wanted(port, 9)
        await until_asked(issuer, 1)
        issuer.open.set()
        assert set(await asyncio.gather(*wanting)) == {"T1"}
    assert issuer.asked == 1


async def test_who_waited_for_a_token_that_is_refused_is_told_the_same() -> None:
    issuer = Issuer("503 Busy")
    async with serve(issuer) as port:
        wanting = wanted(port, 9)
        await until_asked(issuer, 1)
        issuer.open.set()
        came = await asyncio.gather(*wanting, return_exceptions=True)
    assert {one.reason for one in came if isinstance(one, ProbeError)} == {Reason.STATUS_MISMATCH}
    assert len({str(one) for one in came}) == issuer.asked == 1


async def test_when_the_one_who_fetches_gives_up_another_goes_on() -> None:
    issuer = Issuer()
    async with serve(issuer) as port:
        first, second = wanted(port, 2)
        await until_asked(issuer, 1)
        first.cancel()
        await until_asked(issuer, 2)
        issuer.open.set()
        assert await second == "T2"
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_a_token_endpoint_that_hangs_is_told_from_an_endpoint_that_does() -> None:
    async with serve(Issuer()) as port:
        seen = await run_probe(Http(url="http://127.0.0.1:1/", auth=Auth(oauth2=options_for(port))), 0.1)
    assert (seen.reason, seen.message) == (
        Reason.READ_TIMEOUT,
        "no answer within 100ms (waiting for the token endpoint)",
    )
    assert seen.phases_ms.keys() == {"token"}


# ── what token endpoints want and say ───────────────────────────────────────────────────────────


class Scripted:
    """A token endpoint that takes one way of saying who asks, and remembers the forms."""

    def __init__(self, document: str = '{"access_token": "T"}', *, form_only: bool = False) -> None:
        self.forms: list[dict[str, str]] = []
        self._document, self._form_only = document, form_only

    async def __call__(self, reader: StreamReader, writer: StreamWriter) -> None:
        request = await read_request(reader)
        assert request is not None
        form = dict(parse_qsl(request.body.decode()))
        self.forms.append(form)
        known = "client_secret" in form if self._form_only else "authorization" in request.headers
        status, text = ("200 OK", self._document) if known else ("401 No", '{"error": "invalid_client"}')
        writer.write(f"HTTP/1.1 {status}\r\nConnection: close\r\n\r\n{text}".encode())


async def asked(issuer: Scripted, **keys: object) -> str:
    async with serve(issuer) as port:
        url = f"http://127.0.0.1:{port}/"
        options = OAuth2(token_url=url, client_id="a", client_secret="b+/", **keys)  # type: ignore[arg-type]
        return await token(options, Route(), Trace())


@pytest.mark.parametrize(("at_once", "requests"), [(False, 2), (True, 1)])
async def test_an_endpoint_that_takes_the_form_only_gets_it(at_once: bool, requests: int) -> None:
    issuer = Scripted(form_only=True)
    assert await asked(issuer, client_secret_post=at_once) == "T"
    assert len(issuer.forms) == requests
    assert issuer.forms[-1] == {"grant_type": "client_credentials", "client_id": "a", "client_secret": "b+/"}


async def test_the_audience_and_the_scope_are_asked_for() -> None:
    issuer = Scripted()
    await asked(issuer, audience="https://api.example", scope="one two")
    assert issuer.forms == [
        {"grant_type": "client_credentials", "scope": "one two", "audience": "https://api.example"}
    ]


@pytest.mark.parametrize("life", ["null", "60", '"60"', "0", "1e999"])
async def test_a_token_is_good_however_its_life_is_given(life: str) -> None:
    assert await asked(Scripted(f'{{"access_token": "T", "expires_in": {life}}}')) == "T"


@pytest.mark.parametrize("life", ['"soon"', "[]", "1" + "0" * 400])
async def test_a_life_that_makes_no_sense_is_a_protocol_error(life: str) -> None:
    with pytest.raises(ProbeError, match="holds no token"):
        await asked(Scripted(f'{{"access_token": "T", "expires_in": {life}}}'))


async def test_a_refusal_says_what_the_endpoint_says() -> None:
    with pytest.raises(ProbeError, match=r"401 Unauthorized \(invalid_client\)"):
        await asked(Scripted(), client_secret_post=True)
