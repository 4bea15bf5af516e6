"""What several of these scripts need: something to check, an engine's config, and its CPU time."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from monitor.link.client import Client

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n"
_TICKS = os.sysconf("SC_CLK_TCK")


class _Answering(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, _data: bytes) -> None:
        assert isinstance(self._transport, asyncio.WriteTransport)
        self._transport.write(ANSWER)
        self._transport.close()


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Answering, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)


@contextmanager
def web_server() -> Iterator[int]:
    """A plain HTTP server in a process of its own; its port on loopback."""
    pipe = subprocess.PIPE
    child = subprocess.Popen([sys.executable, __file__], stdin=pipe, stdout=pipe)
    try:
        yield int(child.stdout.readline())
    finally:
        child.stdin.close()
        child.wait()


def write_config(folder: Path, port: int, endpoints: int, interval: float) -> Path:
    """A config of so many endpoints on that port."""
    tables = (
        f'[[endpoints]]\nname = "host {number}"\nurl = "http://127.0.0.1:{port}/{number}"\n'
        for number in range(endpoints)
    )
    file = folder / "monitor.toml"
    file.write_text(f"[defaults]\ninterval = {interval}\n" + "".join(tables))
    return file


def cpu_seconds(pid: int) -> float:
    """CPU time that process ``pid`` has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def resident_mb(pid: int) -> float:
    """Megabytes of memory that process ``pid`` holds."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


async def handles(source: Client) -> list[int]:
    """Every endpoint of the engine."""
    news = await source.hello()
    found = [card.handle for card in news.cards]
    while news.more:
        news = await source.pull()
        found += [card.handle for card in news.cards]
    return found


async def starts(source: Client) -> list[list[float]]:
    """When each endpoint's checks started, seconds since the epoch."""
    return [
        [point.at for point in (await source.detail(handle, 0.0)).points] for handle in await handles(source)
    ]


def lateness_ms(times: Sequence[Sequence[float]], interval: float) -> list[float]:
    """How late each start was on its endpoint's grid, whose phase is that of the earliest start in it."""
    late = []
    for own in times:
        offsets = [at - number * interval for number, at in enumerate(own)]
        late += [(offset - min(offsets)) * 1000 for offset in offsets]
    return late


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` of the values are; 0 when there are none."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0


if __name__ == "__main__":
    asyncio.run(_serve())
