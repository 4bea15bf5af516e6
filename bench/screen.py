"""What the dashboard costs in a real pseudo-terminal, beside the same rows in Textual's DataTable.

    python bench/screen.py [--endpoints 10000] [--results 1000] [--seconds 10] [--size 200x50]
                           [--keys 60] [--only ours|datatable] [--wall]

The engine is a stand-in in a process of its own (bench/standin.py) and talks over a real link. Figures
are of the dashboard's process alone: how long it takes to open on a running engine until the picture is
full; bytes a second while nothing changes, while only ages below a minute do, and while results come; its
share of a core, its memory and its event loop's lag meanwhile; from a key to its effect on the screen,
moving, filtering and going back in time; moving as well over a line of 32 kB/s with 200 ms there and back.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import rig

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests" / "tui"))

from terminal_pty import Terminal  # noqa: E402 -- found by the line above

SETTLING = 7.0
"""Seconds until the figures in the header have settled."""
FULL = 40
"""Rows that fill most of a screen."""
PATIENCE = 15.0
"""Seconds after which a key counts as not answered."""
FILTER = (
    *(
        ("", "host"),
        ("", "service-3"),
        ("group:", "group*"),
        ("state:", "up"),
        ("latency>", "100"),
        ("!", "host"),
    ),
    *(("p95>", "150"), ("~", "ost.*7")),
)
"""What is typed into the filter: at once, and then letter by letter. DataTable's knows but the first two."""
EFFECT = {"ours": re.compile("▌".encode()), "datatable": re.compile(rb"(\d+)/\d+ ")}
"""What a move of the cursor sends: its sign, or the figure that tells its place (the sign is a colour)."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--endpoints", type=int, default=10_000)
    parser.add_argument("--results", type=float, default=1000)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--size", default="200x50", help="COLUMNSxLINES")
    parser.add_argument("--keys", type=int, default=60)
    parser.add_argument("--only", choices=["ours", "datatable"])
    parser.add_argument("--wall", action="store_true", help="what the wall sends instead")
    arguments = parser.parse_args()
    if arguments.wall:
        _wall(arguments)
        return
    kinds = [arguments.only] if arguments.only else ["ours", "datatable"]
    told = {kind: measured(kind, arguments) for kind in kinds}
    print(f"{arguments.endpoints:,} endpoints, {arguments.results:,.0f} results/s, {arguments.size}")
    print(f"{'':<44}" + "".join(f"{kind:>14}" for kind in kinds))
    for name in told[kinds[0]]:
        print(f"{name:<44}" + "".join(f"{told[kind].get(name, '-'):>14}" for kind in kinds))


def _wall(arguments: argparse.Namespace) -> None:
    for results in (0, arguments.results):
        with (
            engine(arguments.endpoints, results) as socket,
            shown("ours", socket, arguments) as terminal,
        ):
            terminal.type("5")
            read_for(terminal, SETTLING)
            sent = read_for(terminal, arguments.seconds)
        what = f"{arguments.endpoints:,} endpoints, {results:,.0f} results/s, {arguments.size}"
        print(f"the wall, {what}: {sent / arguments.seconds:,.0f} B/s")


def measured(kind: str, arguments: argparse.Namespace) -> dict[str, str]:
    """Every figure of one way to show the rows."""
    with engine(arguments.endpoints, 0) as socket:
        idle = _idle(kind, socket, arguments)
    with engine(arguments.endpoints, arguments.results) as socket:
        busy = _busy(kind, socket, arguments)
    with engine(arguments.endpoints, arguments.results) as socket:
        far = _far(kind, socket, arguments)
    young = _young(arguments) if kind == "ours" else {}
    return idle | young | busy | far


@contextmanager
def engine(endpoints: int, results: float, fallen: int = 0) -> Iterator[Path]:
    """A stand-in for an engine, of whose endpoints some have just gone down; where it listens."""
    with tempfile.TemporaryDirectory() as folder:
        socket = Path(folder) / "socket"
        command = [
            sys.executable,
            str(HERE / "standin.py"),
            str(socket),
            str(endpoints),
            str(results),
            str(fallen),
        ]
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        child.stdout.readline()
        try:
            yield socket
        finally:
            child.stdin.close()
            child.wait()


@contextmanager
def shown(
    kind: str, socket: Path, arguments: argparse.Namespace, make: type[Seen] | None = None
) -> Iterator[Seen]:
    """A terminal with the rows in it, once all are there; ``opened`` is how many seconds that took."""
    columns, _, lines = arguments.size.partition("x")
    report = socket.with_name(f"report-{time.monotonic_ns()}")
    words = [str(HERE / "drawn.py"), kind, str(socket), str(report)]
    began = time.perf_counter()
    with (make or Seen)(*words, size=(int(columns), int(lines))) as terminal:
        whole = f"/{arguments.endpoints} ".encode()
        while whole not in terminal.read(0.01):
            assert time.perf_counter() - began < 120
        terminal.opened = time.perf_counter() - began
        yield terminal
        if make is None:  # at the end of a long line, a DataTable is killed instead: it may take a minute
            terminal.type("\x11")
            terminal.ended()
            terminal.report = json.loads(report.read_text())


def _idle(kind: str, socket: Path, arguments: argparse.Namespace) -> dict[str, str]:
    opened = []
    for _ in range(3):
        with shown(kind, socket, arguments) as terminal:
            opened.append(terminal.opened)
    with shown(kind, socket, arguments) as terminal:
        read_for(terminal, SETTLING)
        sent = read_for(terminal, arguments.seconds)
    return {
        "opened, full picture": f"{statistics.median(opened):.2f} s",
        "nothing changes": f"{sent / arguments.seconds:,.0f} B/s",
    }


def _young(arguments: argparse.Namespace) -> dict[str, str]:
    """Bytes while nothing changes but the ages, which have seconds below a minute."""
    figures = {}
    for fallen in (1, FULL):
        with engine(arguments.endpoints, 0, fallen) as socket, shown("ours", socket, arguments) as terminal:
            read_for(terminal, SETTLING)
            sent = read_for(terminal, arguments.seconds)
        figures[f"{fallen} down for less than a minute"] = f"{sent / arguments.seconds:,.0f} B/s"
    return figures


def _busy(kind: str, socket: Path, arguments: argparse.Namespace) -> dict[str, str]:
    with shown(kind, socket, arguments) as terminal:
        read_for(terminal, SETTLING)
        before = rig.cpu_seconds(terminal.process.pid)
        sent = read_for(terminal, arguments.seconds)
        cpu = (rig.cpu_seconds(terminal.process.pid) - before) / arguments.seconds
        moves = moving(terminal, kind, arguments.keys)
        filters = filtering(terminal, FILTER if kind == "ours" else FILTER[:2])
        back = {"going back in time": told(going_back(terminal))} if kind == "ours" else {}
        memory = rig.resident_mb(terminal.process.pid)
    lag = terminal.report
    return {
        "bytes": f"{sent / arguments.seconds / 1000:,.1f} kB/s",
        "of a core": f"{cpu:.1%}",
        "memory": f"{memory:.0f} MB",
        "event loop late p99, max": f"{lag['p99']:.0f}, {lag['max']:.0f} ms",
        "key to paint, moving": told(moves),
        "filtering, per key": told([ms / 1000 for ms in lag["filling"]]),
        **back,
        **{f"key to paint, filter {word}": told(seconds) for word, seconds in filters.items()},
    }


def _far(kind: str, socket: Path, arguments: argparse.Namespace) -> dict[str, str]:
    with shown(kind, socket, arguments, FarTerminal) as terminal:
        read_for(terminal, SETTLING)
        moves = moving(terminal, kind, arguments.keys if kind == "ours" else 5)
    return {"32 kB/s, 200 ms: key to paint, moving": told(moves)}


def told(seconds: list[float]) -> str:
    """The median and the p95 in milliseconds."""
    return f"{statistics.median(seconds) * 1000:.0f}, {rig.percentile(seconds, 0.95) * 1000:.0f} ms"


# ── what an operator does ───────────────────────────────────────────────────────────────────────


def moving(terminal: Seen, kind: str, keys: int) -> list[float]:
    """Seconds from each key that moves the cursor to the cursor's being there."""
    return [key_to_paint(terminal, "j" if number % 3 else "k", EFFECT[kind]) for number in range(1, keys + 1)]


def filtering(terminal: Seen, words: Sequence[tuple[str, str]]) -> dict[str, list[float]]:
    """Seconds from each letter of a filter to the line that names it with how many fit."""
    found = {}
    for begun, word in words:
        terminal.type("/" + begun)
        read_for(terminal, 1.0)
        typed = [f"/{begun}{word[: at + 1]} " for at in range(len(word))]
        seen = (re.compile(re.escape(text.encode())) for text in typed)
        found[begun + word] = [key_to_paint(terminal, key, one) for key, one in zip(word, seen, strict=True)]
        terminal.type("\x1b")
        read_for(terminal, 1.0)
    return found


def going_back(terminal: Seen) -> list[float]:
    """Seconds from the key that goes back a minute to the whole table as it was then."""
    taken = []
    for _ in range(10):
        taken.append(key_to_paint(terminal, "[", re.compile(b"AS OF")))
        terminal.type("T")
        read_for(terminal, 1.0)
    return taken


def key_to_paint(terminal: Seen, key: str, effect: re.Pattern[bytes]) -> float:
    """Seconds from a key, at whatever moment of the dashboard's tick, to what comes of it."""
    read_for(terminal, random.uniform(0.1, 0.4))
    got, began = b"", time.perf_counter()
    terminal.type(key)
    while time.perf_counter() - began < PATIENCE:
        got += terminal.read(0.001)
        if effect.search(got):
            break
    return time.perf_counter() - began


def read_for(terminal: Terminal, seconds: float) -> int:
    """Bytes read in exactly so many seconds."""
    until, count = time.monotonic() + seconds, 0
    while (left := until - time.monotonic()) > 0:
        count += len(terminal.read(min(left, 0.05)))
    return count


class Seen(Terminal):
    """A terminal that shows nothing: to emulate one takes longer than to draw."""

    def __init__(self, *arguments: str, size: tuple[int, int]) -> None:
        super().__init__(*arguments, size=size)
        self._stream = self

    def feed(self, _data: bytes) -> None:
        pass


class FarTerminal(Seen):
    """A terminal at the end of a line: so many bytes a second, so long a way, and a buffer that fills."""

    RATE = 32_000
    WAY = 0.1
    """Seconds, each way."""
    BUFFER = 64_000
    """Bytes under way before the near end waits."""

    def __init__(self, *arguments: str, size: tuple[int, int]) -> None:
        super().__init__(*arguments, size=size)
        self._under_way: deque[tuple[float, bytes]] = deque()
        self._free_at = 0.0
        """When the line has sent all that it was given."""
        self._sending = threading.Thread(target=self._send, daemon=True)
        self._sending.start()

    def _send(self) -> None:
        while self.process.poll() is None:
            ahead = self._free_at - time.monotonic()
            if ahead * self.RATE > self.BUFFER:
                time.sleep(0.01)
                continue
            try:
                data = os.read(self.master, 4096)
            except OSError:
                return
            self._free_at = max(self._free_at, time.monotonic()) + len(data) / self.RATE
            self._under_way.append((self._free_at + self.WAY, data))

    def read(self, seconds: float) -> bytes:
        until, got = time.monotonic() + seconds, b""
        while time.monotonic() < until:
            while self._under_way and self._under_way[0][0] <= time.monotonic():
                data = self._under_way.popleft()[1]
                self.raw += data
                got += data
            time.sleep(0.001)
        return got

    def type(self, keys: str) -> None:
        threading.Timer(self.WAY, super().type, [keys]).start()


if __name__ == "__main__":
    main()
