"""What one HTTP check costs: CPU time of the client process alone, nginx answering on loopback.

    python bench/checks.py [--checks 400] [--rounds 7] [--at-once 1000]

Every way makes the same request over a fresh connection (over TLS: verified, never resumed), first
one after the other and then ``--at-once`` of them in flight: bare C (``bench/peers/epoll.c``), Go's
net/http (``bench/peers/nethttp.go``), our exchange alone, a check with its probe and its verdict,
the whole engine in a process of its own that tells a dashboard of every check, and stock httpx;
many at once also by prometheus-blackbox-exporter, where it is installed.
Over TLS, checks take the shortcut by rustls where it is installed; one way is OpenSSL alone.
Ways take turns, and each figure is the median of its rounds, so that a busy moment hits all.
"""

from __future__ import annotations

import argparse
import asyncio
import ssl
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import exporter
import peers
import rig

from monitor.checks.run_probe import run_probe
from monitor.demo.certs import Authority
from monitor.judge.expectations import STATUS
from monitor.judge.verdict import judge
from monitor.link.process import engine
from monitor.model import Reason
from monitor.probes.http import Http
from monitor.trace import Trace
from monitor.wire import http1, tls
from monitor.wire.connection import connect
from monitor.wire.tls import TlsOptions

TLS_FACTOR = 4
"""How many times fewer checks are made over TLS: each takes about so many times longer."""

BLACKBOX = "blackbox_exporter"
Check = Callable[[], Awaitable[object]]
Way = Callable[[int, int], Awaitable[float]]
"""Microseconds of CPU per check, when so many are made with so many of them in flight."""


@dataclass(frozen=True)
class Target:
    """What is checked: one page of one server, and who vouches for it."""

    port: int
    url: str
    ca: Path | None = None

    @property
    def tls(self) -> TlsOptions | None:
        return TlsOptions(ca=str(self.ca)) if self.ca else None

    @property
    def context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.ca and str(self.ca))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--checks", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--at-once", type=int, default=1000)
    arguments = parser.parse_args()
    if min(arguments.checks, arguments.rounds, arguments.at_once) < 1:
        parser.error("each of them has to be 1 or more")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        authority, built = Authority(folder), peers.build(folder)
        with rig.nginx(folder, authority.pem("valid")) as ports:
            plain = Target(ports.plain, f"http://127.0.0.1:{ports.plain}/")
            secure, secure_h2 = (
                Target(port, f"https://localhost:{port}/", authority.ca)
                for port in (ports.secure, ports.secure_h2)
            )
            for words, target, factor in (("HTTP", plain, 1), ("HTTPS", secure, TLS_FACTOR)):
                ways = peer_ways(built, target) | own_ways(target)
                if target is secure:
                    ways["check by OpenSSL alone"] = in_process(check(target, ByOpenssl))
                    ways["check over HTTP/2"] = in_process(check(secure_h2))
                asyncio.run(compare(f"{words}, one after the other", ways, arguments, factor, 1))
                with (
                    blackbox(folder, target) as theirs,
                    whole_engine(folder, target, arguments.at_once) as engine_way,
                ):
                    ways = {**ways, **theirs, "whole engine": engine_way}
                    title = f"{words}, {arguments.at_once} at once"
                    asyncio.run(compare(title, ways, arguments, factor, arguments.at_once))


# ── the ways ────────────────────────────────────────────────────────────────────────────────────


def peer_ways(built: Mapping[str, Path], target: Target) -> dict[str, Way]:
    """Those programs that could be built."""
    ways: dict[str, Way] = {}
    if "epoll" in built and target.ca is None:
        ways["bare C"] = lambda checks, most: peers.cost(built["epoll"], target.port, checks, most)
    if "nethttp" in built:
        trusted = [target.ca] if target.ca else []
        ways["Go"] = lambda checks, most: peers.cost(built["nethttp"], target.url, checks, most, *trusted)
    return ways


def own_ways(target: Target) -> dict[str, Way]:
    return {
        "our exchange": in_process(exchange(target)),
        "our check": in_process(check(target)),
        "stock httpx": in_process(stock(target)),
    }


def exchange(target: Target) -> Check:
    """The exchange alone, with no probe around it."""
    request = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    host = "127.0.0.1" if target.tls is None else "localhost"
    context = tls.context(target.tls, ("http/1.1",)) if target.tls else None

    async def run() -> None:
        trace = Trace()
        with await connect(host, target.port, trace) as connection:
            if context is not None:
                await connection.start_tls(context, host, trace)
            assert (await http1.exchange(connection, request, "GET", trace, 1 << 20)).status == 200

    return run


class ByOpenssl(Http):
    """A check that takes no shortcut by rustls."""

    repeatable = False


def check(target: Target, kind: type[Http] = Http) -> Check:
    """A check as the engine makes it, judged."""
    probe = kind(url=target.url, tls=target.tls or tls.DEFAULT)
    expect = STATUS.compile("status", "2xx")

    async def run() -> None:
        result = judge("x", await run_probe(probe, 60), expect, ())
        # A machine that is busy with other work makes checks inconclusive, and they cost the same.
        assert result.reason in (None, Reason.LOCAL_ERROR), result.message

    return run


def stock(target: Target) -> Check:
    """httpx as most would use it: a client per check for a fresh connection, the context shared."""
    import httpx

    context = target.context

    async def run() -> None:
        async with httpx.AsyncClient(verify=context, timeout=60) as client:
            assert (await client.get(target.url)).status_code == 200

    return run


def in_process(make: Check) -> Way:
    """The cost of a check that runs here."""

    async def cost(checks: int, most: int) -> float:
        await make()
        before = time.process_time()
        await in_turns(make, checks, most)
        return (time.process_time() - before) / checks * 1e6

    return cost


async def in_turns(make: Check, checks: int, most: int) -> None:
    """Make so many checks, with so many of them in flight."""
    left = iter(range(checks))

    async def take_turns() -> None:
        for _ in left:
            await make()

    await asyncio.gather(*(take_turns() for _ in range(most)))


@contextmanager
def blackbox(folder: Path, target: Target) -> Iterator[dict[str, Way]]:
    """The exporter, for as long as this lasts; nothing where it is not installed."""
    if exporter.program() is None:
        print("blackbox_exporter is left out: it is not installed here")
        yield {}
        return
    with exporter.exporter(folder, target.ca) as theirs:

        async def cost(checks: int, most: int) -> float:
            before = theirs.cpu_seconds()
            await in_turns(lambda: theirs.probe(target.url), checks, most)
            return (theirs.cpu_seconds() - before) / checks * 1e6

        yield {BLACKBOX: cost}
        assert not theirs.failed, f"{theirs.failed} probes by the exporter failed"


@contextmanager
def whole_engine(folder: Path, target: Target, endpoints: int) -> Iterator[Way]:
    """The cost of checking every endpoint of an engine at once, for as long as this lasts."""
    trusted = f'tls = {{ ca = "{target.ca}" }}' if target.ca else ""
    urls = rig.pages(target.url.rstrip("/"), endpoints)
    config = rig.write_config(folder, urls, f'interval = "1h"\n{trusted}')
    with engine(config=str(config)) as child:
        source = child.source()
        every: list[int] = []

        async def cost(_checks: int, _most: int) -> float:
            if not every:
                await rig.first_checks(source)
                every.extend((await rig.picture(source)).handles)
            return await rig.all_at_once(source, child.pid, every)

        yield cost


# ── the comparison ──────────────────────────────────────────────────────────────────────────────


async def compare(
    title: str, ways: Mapping[str, Way], arguments: argparse.Namespace, factor: int, most: int
) -> None:
    """Let ``ways`` take turns, and print each one's median beside those of the peers."""
    checks = max(arguments.checks // factor, most)
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(arguments.rounds):
        for name, way in ways.items():
            taken[name].append(await way(checks, most))
    medians = {name: statistics.median(figures) for name, figures in taken.items()}
    beside = [name for name in ("bare C", "Go", "stock httpx", BLACKBOX) if name in medians]
    print(f"\n{title:<30}µs of CPU" + "".join(f"{f'x {name}':>20}" for name in beside))
    for name, median in medians.items():
        ratios = "".join(f"{median / medians[other]:20.2f}" for other in beside)
        print(f"  {name:<28}{median:9.0f}{ratios}")


if __name__ == "__main__":
    main()
