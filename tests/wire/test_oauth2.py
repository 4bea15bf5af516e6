"""Tokens: kept while they last, and fetched anew when they do not."""

from monitor.demo.auth import PASSWORD, TOKEN, USER
from monitor.demo.process import RunningZoo
from monitor.trace import Trace
from monitor.wire.auth import OAuth2
from monitor.wire.fetch import Route
from monitor.wire.oauth2 import forget, token


async def test_a_token_is_kept_until_it_is_forgotten(zoo: RunningZoo) -> None:
    url = f"http://{zoo.addresses['http']}/oauth2/token"
    options = OAuth2(token_url=url, client_id=USER, client_secret=PASSWORD, scope="one")
    trace = Trace()
    assert await token(options, Route(), trace) == TOKEN
    assert await token(options, Route(), trace) == TOKEN
    assert [hop.answered for hop in trace.hops] == ["200 OK"]
    forget(options)
    await token(options, Route(), trace)
    assert len(trace.hops) == 2
