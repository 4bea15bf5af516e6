"""Tokens: kept while they last, and fetched anew when they do not."""

import asyncio
from asyncio import StreamReader, StreamWriter

import pytest

from monitor.checks.run_probe import run_probe
from monitor.demo.auth import PASSWORD, TOKEN, USER
from monitor.demo.process import RunningZoo
from monitor.demo.server import serve
from monitor.errors import ProbeError
from monitor.model import Reason
from monitor.probes.http import Http
from monitor.trace import Trace
from monitor.wire.auth import Auth, OAuth2
from monitor.wire.fetch import Route
from monitor.wire.oauth2 import forget, token


async def test_a_token_is_kept_until_it_is_forgotten(zoo: RunningZoo) -> None:
    url = f"http://{zoo.addresses['http']}/oauth2/token"
    options = OAuth2(token_url=url, client_id=USER, client_secret=PASSWORD, scope="one")
    trace = Trace()
    assert await token(options, Route(), trace) == TOKEN
    assert await token(options, Route(), trace) == TOKEN
    assert [hop.answered for hop in trace.hops] == ["200 OK"]
    forget(options, "an older one")
    assert await token(options, Route(), trace) == TOKEN
    assert len(trace.hops) == 1
    forget(options, TOKEN)
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


async def test_who_wants_the_same_token_at_the_same_time_has_it_fetched_once() -> None:
    issuer = Issuer()
    async with serve(issuer) as port:
        wanting = [asyncio.create_task(token(options_for(port), Route(), Trace())) for _ in range(9)]
        await until_asked(issuer, 1)
        issuer.open.set()
        assert set(await asyncio.gather(*wanting)) == {"T1"}
    assert issuer.asked == 1


async def test_who_waited_for_a_token_that_is_refused_is_told_the_same() -> None:
    issuer = Issuer("503 Busy")
    async with serve(issuer) as port:
        wanting = [asyncio.create_task(token(options_for(port), Route(), Trace())) for _ in range(9)]
        await until_asked(issuer, 1)
        issuer.open.set()
        came = await asyncio.gather(*wanting, return_exceptions=True)
    assert {one.reason for one in came if isinstance(one, ProbeError)} == {Reason.STATUS_MISMATCH}
    assert len({str(one) for one in came}) == issuer.asked == 1


async def test_when_the_one_who_fetches_gives_up_another_goes_on() -> None:
    issuer = Issuer()
    async with serve(issuer) as port:
        first, second = (asyncio.create_task(token(options_for(port), Route(), Trace())) for _ in range(2))
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
