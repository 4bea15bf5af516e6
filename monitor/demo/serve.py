"""Every temperament at once, for `monitor demo`, the fault table and the benchmarks.

``python -m monitor.demo.serve`` runs all of them in a process of its own. It prints one line of JSON when
everything listens, and ends when its standard input does, or on SIGTERM; so it cannot outlive the process
that started it. It removes its folder.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from functools import partial
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

from monitor.demo import dns, h2, proxy, starttls, tcp, tls
from monitor.demo.auth import AUTH, PASSWORD, USER
from monitor.demo.certs import KINDS, Authority
from monitor.demo.faults import FAULTS
from monitor.demo.http import application
from monitor.demo.pages import PAGES
from monitor.demo.server import LOOPBACK, Handler, refused, serve, serve_datagrams, unaccepted

CONFIG = "demo.toml"
_STDIN = 0
_PLACE = re.compile(r"\{([a-z0-9.-]+)\}")
LOGIN = (USER, PASSWORD)


@dataclass(frozen=True)
class Zoo:
    """All servers, running. ``addresses`` is name -> ``host:port``."""

    ca: str
    client: str
    """A PEM file with a client certificate and its key."""
    addresses: Mapping[str, str]


def site() -> Handler:
    """The HTTP/1.1 server with all its paths."""
    return application({**PAGES, **FAULTS, **AUTH})


@asynccontextmanager
async def open_zoo(folder: Path) -> AsyncIterator[Zoo]:
    """Run every server; certificates go to ``folder``."""
    authority = Authority(folder)
    async with AsyncExitStack() as running:
        builder = _Builder(running, authority)
        await builder.http()
        await builder.plain()
        await builder.tls()
        await builder.names_and_nowhere()
        yield Zoo(str(authority.ca), str(authority.pem("client")), builder.addresses)


class _Builder:
    """Starts servers one by one, and notes their addresses."""

    def __init__(self, running: AsyncExitStack, authority: Authority) -> None:
        self.addresses: dict[str, str] = {}
        self._running = running
        self._authority = authority

    def _note(self, name: str, port: int) -> None:
        self.addresses[name] = f"{LOOPBACK}:{port}"

    async def _start(self, name: str, handler: Handler) -> None:
        self._note(name, await self._running.enter_async_context(serve(handler)))

    async def _start_tls(self, name: str, kind: str, handler: Handler) -> None:
        running = tls.serve_tls(self._authority, kind, handler)
        self._note(name, await self._running.enter_async_context(running))

    async def http(self) -> None:
        both = serve(h2.either(site()), tls=h2.context(self._authority))
        broken = serve(h2.either(site(), h2.garbage), tls=h2.context(self._authority))
        self._note("h2", await self._running.enter_async_context(both))
        self._note("h2-garbage", await self._running.enter_async_context(broken))
        await self._start("http", site())
        await self._start("h2c", h2.handle)
        await self._start("proxy", proxy.http_proxy())
        await self._start("proxy-login", proxy.http_proxy(LOGIN))
        await self._start("proxy-refusing", proxy.refusing)
        await self._start("socks5", proxy.socks5())
        await self._start("socks5-login", proxy.socks5(LOGIN))

    async def plain(self) -> None:
        for name, handler in tcp.TEMPERAMENTS.items():
            await self._start(f"tcp-{name}", handler)

    async def tls(self) -> None:
        for kind in (*KINDS, *tls.BROKEN, *tls.CONTEXTS, *tls.STRICT):
            await self._start_tls(f"tls-{kind}", kind, site())
        upgraded = partial(starttls.upgrading, context=self._authority.server_context())
        for name, dialogue in starttls.DIALOGUES.items():
            await self._start(f"starttls-{name}", upgraded(dialogue))
        for name, dialogue in starttls.REFUSALS.items():
            await self._start(f"starttls-{name}-refused", upgraded(dialogue))
        await self._start("starttls-early-bytes", upgraded(starttls.early_bytes))

    async def names_and_nowhere(self) -> None:
        self._note("dns", await self._running.enter_async_context(dns.serve_dns()))
        self._note("udp-echo", await self._running.enter_async_context(serve_datagrams(tcp.udp_echo)))
        self._note("udp-silent", await self._running.enter_async_context(serve_datagrams(tcp.udp_silent)))
        self._note("refused", self._running.enter_context(refused()))
        self._note("unaccepted", self._running.enter_context(unaccepted()))


async def run(folder: Path) -> None:
    """Serve until standard input ends; certificates and the demo's config go to ``folder``."""
    ended = _end_of_input()
    async with open_zoo(folder) as zoo:
        config = folder / CONFIG
        config.write_text(demo_config(zoo), encoding="utf-8")
        print(json.dumps({**asdict(zoo), "config": str(config)}), flush=True)
        await ended.wait()


def demo_config(zoo: Zoo) -> str:
    """``demo.toml`` with the servers' addresses filled in. KeyError for a server that does not exist."""
    template = files("monitor.demo").joinpath("demo.toml").read_text(encoding="utf-8")
    places = {**zoo.addresses, "ca": zoo.ca}
    return _PLACE.sub(lambda place: places[place[1]], template)


def _end_of_input() -> asyncio.Event:
    ended, loop = asyncio.Event(), asyncio.get_running_loop()

    def read() -> None:
        while os.read(_STDIN, 4096):
            pass
        loop.call_soon_threadsafe(ended.set)

    loop.add_signal_handler(signal.SIGTERM, ended.set)
    Thread(target=read, daemon=True).start()  # a thread, as an event loop cannot wait for every kind of file
    return ended


def main() -> None:
    with TemporaryDirectory(prefix="monitor-demo-") as folder:
        asyncio.run(run(Path(folder)))


if __name__ == "__main__":
    main()
