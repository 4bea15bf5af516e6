"""HTTP temperaments that keep to the protocol: healthy, slow, failing, redirecting, picky."""

from __future__ import annotations

import asyncio
import gzip
import json
import time
import zlib
from collections.abc import Mapping

from monitor.demo.http import Exchange, Route, head

_JSON = (("Content-Type", "application/json"),)


async def healthy(exchange: Exchange) -> None:
    await exchange.send(headers=(("Content-Type", "text/plain; charset=utf-8"), ("X-Demo", "yes")))


async def json_health(exchange: Exchange) -> None:
    """``?status=`` sets the status in the document; default ``ok``."""
    status = exchange.request.query.get("status", "ok")
    document = {"status": status, "queue": {"depth": 3}, "nodes": [{"name": "a", "up": True}]}
    await exchange.send(body=json.dumps(document).encode(), headers=_JSON)


async def slow(exchange: Exchange) -> None:
    """``?ms=`` before the answer begins."""
    await asyncio.sleep(exchange.request.number("ms", 300) / 1000)
    await exchange.send()


async def slow_body(exchange: Exchange) -> None:
    """``?ms=`` between the two halves of the body."""
    await exchange.raw(head(200, (("Content-Length", "8"),)) + b"half")
    await asyncio.sleep(exchange.request.number("ms", 300) / 1000)
    await exchange.raw(b"half")


async def flaky(exchange: Exchange) -> None:
    """``?pattern=1101``: for each request in turn 1 is healthy and anything else a 503."""
    pattern = exchange.request.query.get("pattern", "110")
    turn = exchange.memory.seen[exchange.request.target]
    exchange.memory.seen[exchange.request.target] += 1
    await _healthy_or_not(exchange, pattern[turn % len(pattern)] == "1")


async def tide(exchange: Exchange) -> None:
    """Healthy for ``?up=`` seconds, then failing for ``?down=``, and again."""
    up, down = exchange.request.number("up", 40), exchange.request.number("down", 30)
    age = time.monotonic() - exchange.memory.started
    await _healthy_or_not(exchange, age % (up + down) < up)


async def _healthy_or_not(exchange: Exchange, well: bool) -> None:
    if well:
        await exchange.send()
    else:
        await exchange.send(503, b"overloaded, try again later\n", (("Retry-After", "5"),))


async def status(exchange: Exchange) -> None:
    """``?code=503``."""
    await exchange.send(int(exchange.request.number("code", 503)), b"as you asked\n")


async def redirect(exchange: Exchange) -> None:
    """``?to=`` with ``?code=``, after ``?hops=`` redirects to itself (default 1 in all)."""
    query = exchange.request.query
    to, code = query.get("to", "/healthy"), int(exchange.request.number("code", 302))
    hops = int(exchange.request.number("hops", 1))
    target = to if hops <= 1 else f"/redirect?to={to}&code={code}&hops={hops - 1}"
    await exchange.send(code, b"", (("Location", target),))


async def redirect_loop(exchange: Exchange) -> None:
    await exchange.send(302, b"", (("Location", exchange.request.target),))


async def redirect_nowhere(exchange: Exchange) -> None:
    await exchange.send(302, b"")


async def echo(exchange: Exchange) -> None:
    """The request as JSON."""
    request = exchange.request
    said = {
        "method": request.method,
        "target": request.target,
        "version": request.version,
        "headers": dict(request.headers),
        "body": request.body.decode("utf-8", "replace"),
    }
    await exchange.send(body=json.dumps(said).encode(), headers=_JSON)


async def close(exchange: Exchange) -> None:
    """No length at all: the body ends with the connection."""
    exchange.last = True
    await exchange.raw(head(200, (("Connection", "close"),)) + b"ok\n")


async def chunked(exchange: Exchange) -> None:
    await exchange.raw(head(200, (("Transfer-Encoding", "chunked"),)))
    await exchange.raw(b"3\r\nok,\r\n8;name=value\r\n chunked\r\n0\r\nX-Trailer: yes\r\n\r\n")


async def zipped(exchange: Exchange) -> None:
    await exchange.send(body=gzip.compress(b"ok, zipped\n"), headers=(("Content-Encoding", "gzip"),))


async def deflated(exchange: Exchange) -> None:
    await exchange.send(body=zlib.compress(b"ok, deflated\n"), headers=(("Content-Encoding", "deflate"),))


async def size(exchange: Exchange) -> None:
    """A body of ``?bytes=``."""
    await exchange.send(body=b"x" * int(exchange.request.number("bytes", 1000)))


async def latin(exchange: Exchange) -> None:
    """A body that is not UTF-8, and says so."""
    await exchange.send(
        body="schön".encode("latin-1"), headers=(("Content-Type", "text/plain; charset=latin-1"),)
    )


async def no_content(exchange: Exchange) -> None:
    await exchange.send(204, b"")


async def early_hints(exchange: Exchange) -> None:
    """Two informational answers before the real one."""
    await exchange.raw(head(103, (("Link", "</style.css>; rel=preload"),)) + head(102))
    await exchange.send()


async def set_cookie(exchange: Exchange) -> None:
    """Sets a cookie and redirects to where it is demanded."""
    headers = (("Location", "/cookie/check"), ("Set-Cookie", "session=demo; Path=/; HttpOnly"))
    await exchange.send(302, b"", headers)


async def check_cookie(exchange: Exchange) -> None:
    welcome = "session=demo" in exchange.request.headers.get("cookie", "")
    await exchange.send(200 if welcome else 403, b"ok\n" if welcome else b"no cookie\n")


PAGES: Mapping[str, Route] = {
    "/healthy": healthy,
    "/json": json_health,
    "/slow": slow,
    "/slow-body": slow_body,
    "/flaky": flaky,
    "/tide": tide,
    "/status": status,
    "/redirect": redirect,
    "/redirect/loop": redirect_loop,
    "/redirect/nowhere": redirect_nowhere,
    "/echo": echo,
    "/close": close,
    "/chunked": chunked,
    "/gzip": zipped,
    "/deflate": deflated,
    "/size": size,
    "/latin-1": latin,
    "/no-content": no_content,
    "/early-hints": early_hints,
    "/cookie/set": set_cookie,
    "/cookie/check": check_cookie,
}
"""Path -> temperament."""
