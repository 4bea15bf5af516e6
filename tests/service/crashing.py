"""A daemon that is killed again and again while it checks a target that counts every check.

Used by ``test_crash.py`` for a few kills, and by ``bench/crash.py`` for hundreds.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import pairwise
from pathlib import Path
from threading import Thread

import msgspec
from monitor_command import monitor

from monitor.engine.saved import EndpointState
from monitor.link.client import Client
from monitor.link.figures import Report
from monitor.link.messages import Acknowledge, EndpointStatus, Order, Pause, Resume, Snapshot
from monitor.link.silences import EndSilence, StartSilence
from monitor.model import State, Status
from monitor.probes._heartbeats import Heard
from monitor.store.reader import Reader, StoredResult
from monitor.store.restoring import Past, read_past

CONFIG = """
[monitor]
socket = "s"
history = "h.db"
listen = "127.0.0.1:0"

[defaults]
interval = "{interval}s"
retry_interval = "{interval}s"
timeout = "1s"

[[endpoints]]
name = "up"
url = "{base}/up"

[[endpoints]]
name = "down"
url = "{base}/down"

[[endpoints]]
name = "failing"
url = "{base}/failing"
down_after = 1000000

[[endpoints]]
name = "paused"
url = "{base}/paused"

[[endpoints]]
name = "job"
url = "push:job"
interval = "1h"
"""
INTERVAL = 0.1
PATIENCE = 2 * INTERVAL + 1
"""Seconds without a check after which time is unknown."""
CHECKED = ("up", "down", "failing", "paused")
_IN_FLIGHT = 1.0
"""Seconds after a kill in which the target may still count a check that began before."""


class Target:
    """An HTTP server that notes when each check came; ``/down`` and ``/failing`` answer 500."""

    def __init__(self) -> None:
        self.hits: dict[str, list[float]] = {name: [] for name in CHECKED}
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        starting = asyncio.start_server(self._answer, "127.0.0.1", 0)
        self._server = asyncio.run_coroutine_threadsafe(starting, self._loop).result()
        self.port = self._server.sockets[0].getsockname()[1]

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = await reader.readline()
        name = line.split(b" ")[1].decode().strip("/") if b" " in line else ""
        if name in self.hits:
            self.hits[name].append(time.time())
            status = b"500 Oops" if name in ("down", "failing") else b"200 OK"
            writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()

    def close(self) -> None:
        """Stop listening."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._server.close()
        self._loop.close()


class Ordeal:
    """Runs the daemon in ``folder`` and kills it; :meth:`round` raises AssertionError if anything is lost.

    A kill may lose the results of ``allowed_loss`` seconds before it.
    """

    def __init__(self, folder: Path, seed: int, allowed_loss: float = 1.0) -> None:
        self.target = Target()
        self.kills: list[float] = []
        self.stored = 0
        self.worst_loss = 0.0
        """Seconds between a kill and the oldest check that it made lost."""
        self._allowed_loss = allowed_loss
        self._folder = folder
        self._path = folder / "h.db"
        self._chosen = random.Random(seed)
        self._acknowledged: str | None = None
        """The note that ``down`` is acknowledged with."""
        self._silences: set[str] = set()
        self._paused = False
        self._beat = 0.0
        """When the newest heartbeat was accepted."""
        self._since: dict[str, float] = {}
        self._incident = ""
        base = f"http://127.0.0.1:{self.target.port}"
        (folder / "m.toml").write_text(CONFIG.format(base=base, interval=INTERVAL))

    async def round(self) -> None:
        """Start the daemon, use it, kill it at a random moment, and look at the file."""
        before = self._past()
        with self._daemon() as process:
            if self.kills and self._chosen.random() < 0.2:  # while it starts
                await asyncio.sleep(self._chosen.uniform(0.0, 0.8))
            else:
                await self._use(process, before)
        self.kills.append(time.time())
        self._verify()

    @contextmanager
    def _daemon(self) -> Iterator[subprocess.Popen[bytes]]:
        command = monitor("daemon", "-c", str(self._folder / "m.toml"))
        with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
            try:
                yield process
            finally:
                process.kill()
                process.wait()

    async def _use(self, process: subprocess.Popen[bytes], before: Past | None) -> None:
        assert process.stderr
        while b"dashboards can attach" not in (line := await asyncio.to_thread(process.stderr.readline)):
            assert line, "the daemon ended"
        client = Client(self._folder / "s")
        try:
            seen = await client.hello()
            if before:
                _same(seen, before)
            if not self.kills:
                await self._until_down(client)
            for _ in range(self._chosen.randrange(3)):
                await self._act(client, {info.name: info.handle for info in seen.infos})
            await asyncio.sleep(self._chosen.uniform(0.0, 3.0))
            if self._chosen.random() < 0.3:  # so that the kill comes right after an answer
                await self._act(client, {info.name: info.handle for info in seen.infos})
        finally:
            await client.close()

    async def _until_down(self, client: Client) -> None:
        """The first time: wait until every state is the one that it should be from then on."""
        await self._send_heartbeat(client)
        while {one.state for one in (await client.hello()).statuses} != {
            State.UP,
            State.DOWN,
            State.FAILING,
        }:
            await asyncio.sleep(0.05)
        await asyncio.sleep(2)  # the incident and the states are in the file
        seen = await client.hello()
        self._since = {_names(seen)[one.handle]: one.since for one in seen.statuses}
        (incident,) = seen.incidents
        self._incident = incident.id

    # ── marks ───────────────────────────────────────────────────────────────────────────────────

    async def _act(self, client: Client, handles: dict[str, int]) -> None:
        """Set or take back a mark, or send a heartbeat; once it is answered, it must hold."""
        match self._chosen.randrange(4):
            case 0:
                await self._acknowledge(client, handles["down"])
            case 1:
                await self._silence(client)
            case 2:
                await self._pause(client, handles["paused"])
            case _:
                await self._send_heartbeat(client)

    async def _send_heartbeat(self, client: Client) -> None:
        answer = await client.report(Report(path="job", note="done"))
        assert answer.status == 200
        self._beat = time.time()

    async def _acknowledge(self, client: Client, handle: int) -> None:
        note = None if self._acknowledged else f"note {self._chosen.randrange(1000)}"
        order = Acknowledge(handles=(handle,), on=note is not None, by="ann", note=note or "")
        await _done(client, order)
        self._acknowledged = note

    async def _silence(self, client: Client) -> None:
        if self._silences and self._chosen.random() < 0.5:
            id = self._silences.pop()
            assert (await client.command(EndSilence(id=id, by="ann"))).ok
        else:
            silence = await client.silence(StartSilence(select=("up",), lasting=86400.0, by="ann"))
            self._silences.add(silence.id)

    async def _pause(self, client: Client, handle: int) -> None:
        await _done(client, Resume(handles=(handle,)) if self._paused else Pause(handles=(handle,)))
        self._paused = not self._paused

    # ── the file after a kill ───────────────────────────────────────────────────────────────────

    def _past(self) -> Past | None:
        try:
            return read_past(self._path, 0.0)
        except FileNotFoundError:
            return None

    def _verify(self) -> None:
        with closing(sqlite3.connect(self._path)) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        past = self._past()
        assert past
        results = self._results()
        self.stored = sum(map(len, results.values()))
        for name in CHECKED:
            self._verify_results(name, results[name])
        self._verify_states(past, results)
        self._verify_marks(past)
        self._verify_known_time(results["up"])

    def _results(self) -> dict[str, list[StoredResult]]:
        with Reader(self._path) as reader, reader.at_once():
            return {one.id: list(reader.results(one, 0.0, 9e9)) for one in reader.endpoints()}

    def _verify_results(self, name: str, results: Sequence[StoredResult]) -> None:
        """Each result in the file is one check; each check is in the file, or lost just before a kill."""
        hits = iter(self.target.hits[name])
        for result in results:
            if result.status is Status.INCONCLUSIVE:
                continue  # this machine stood still: the check may not have reached the target
            for hit in hits:
                if hit >= result.checked_at - 0.002:
                    break
                self._lost(name, hit)
            else:
                raise AssertionError(f"{name}: stored, and never checked: {result}")
            assert hit <= result.checked_at + PATIENCE, f"{name}: stored twice: {result}"
        for hit in hits:
            self._lost(name, hit)

    def _lost(self, name: str, hit: float) -> None:
        """A check that is not in the file: a kill has to follow soon, or it ended after the one before."""
        if any(0 <= hit - kill <= _IN_FLIGHT for kill in self.kills):
            return
        loss = min((kill - hit for kill in self.kills if kill >= hit), default=float("inf"))
        self.worst_loss = max(self.worst_loss, loss)
        assert loss <= self._allowed_loss, f"{name}: a check was lost {loss:.2f} s before a kill"

    def _verify_states(self, past: Past, results: dict[str, list[StoredResult]]) -> None:
        states = {state.id: state for state in past.tracker.endpoints}
        for name in ("up", "down", "failing"):
            assert states[name].since == self._since[name], name
        failures = {name: sum(one.status is Status.DOWN for one in results[name]) for name in results}
        assert states["failing"].health.streak == failures["failing"]
        (incident,) = past.tracker.incidents
        assert (incident.id, incident.ended) == (self._incident, None)
        assert incident.failed == failures["down"]

    def _verify_marks(self, past: Past) -> None:
        states = {state.id: state for state in past.tracker.endpoints}
        mark = states["down"].acknowledged
        assert (mark.note if mark else None) == self._acknowledged
        assert states["paused"].paused is self._paused
        assert {silence.id for silence in past.tracker.silences} == self._silences
        if self._beat:
            assert _heard_at(past) >= self._beat - 1.0

    def _verify_known_time(self, results: Sequence[StoredResult]) -> None:
        """Time is unknown where nobody checked, and nowhere else."""
        gaps = [later.checked_at - one.checked_at for one, later in pairwise(results)]
        unknown = sum(gap for gap in gaps if gap > PATIENCE)
        with Reader(self._path) as reader:
            endpoint = next(one for one in reader.endpoints() if one.id == "up")
            seconds = reader.availability(endpoint).seconds(results[0].checked_at, results[-1].checked_at)
        # A gap is noted with the first check after it, which a kill may have made lost.
        assert abs(seconds.unknown - unknown) <= 0.2 + 0.01 * len(self.kills), (seconds, unknown)
        assert seconds.down == 0


def _same(seen: Snapshot, past: Past) -> None:
    """A daemon that has just started says what the file said."""
    states = {state.id: state for state in past.tracker.endpoints}
    for status in seen.statuses:
        saved = states.get(_names(seen)[status.handle])
        if saved:
            _same_state(status, saved)
    open_ones = {one.id: one.began for one in past.tracker.incidents if one.ended is None}
    assert {one.id: one.began for one in seen.incidents if one.ended is None} == open_ones


def _same_state(status: EndpointStatus, saved: EndpointState) -> None:
    if saved.state not in (State.PENDING, State.INCONCLUSIVE):  # the first check may end these
        assert (status.state, status.since) == (saved.state, saved.since), saved.id
    assert status.acknowledged == saved.acknowledged, saved.id
    assert status.streak >= (saved.health.streak if saved.id == "failing" else 0)


def _names(seen: Snapshot) -> dict[int, str]:
    return {info.handle: info.id for info in seen.infos}


def _heard_at(past: Past) -> float:
    return msgspec.msgpack.decode(past.documents["heartbeat:job"], type=Heard).heard_at or 0.0


async def _done(client: Client, order: Order) -> None:
    done = await client.command(order)
    assert done.ok, done.text
