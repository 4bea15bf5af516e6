"""Kills engine and notifier at random moments while endpoints go up and down, and counts what arrives.

``python tests/alerts/delivery_kills.py --kills 300 --seed 7`` prints the figures; a test runs fewer kills.
The receivers are a web server and an SMTP server that refuse messages, or take them and cut the connection.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Any

import msgspec
from aiosmtpd.controller import Controller
from servers import free_port

from monitor.alerts.mail import thread_id
from monitor.alerts.outbox import Item
from monitor.model import Ending, Incident
from monitor.store.reader import Reader
from monitor.store.restoring import read_past

NAMES = ("a", "b", "c", "d")
ALERTS = ("hook", "mail")
_REFUSES, _CUTS = 0.15, 0.1
"""Shares of the messages that a receiver refuses, and takes without saying so."""
_HELD_DOWN = 10.0
"""Seconds for which an endpoint is down at most, if its messages do not arrive before."""


@dataclass(frozen=True)
class Receipt:
    """A message that a receiver has taken."""

    alert: str
    id: str
    threads: frozenset[str]
    lines: tuple[str, ...]

    def tells(self, incident: Incident) -> str:
        """``down`` or ``up``, if it says so of this incident; else nothing."""
        if thread_id(incident.id) not in self.threads:
            return ""
        kinds = {f"{incident.name} is down": "down", f"{incident.name} was down": "up"}
        found = (kind for start, kind in kinds.items() for line in self.lines if line.startswith(start))
        return next(found, "")


@dataclass
class World:
    """Endpoints that a test switches off and on, and receivers that fail at random."""

    rng: random.Random
    down: set[str] = field(default_factory=set)
    receipts: list[Receipt] = field(default_factory=list)
    healthy: bool = False
    """From now on the receivers take everything."""
    lock: Lock = field(default_factory=Lock)

    def fate(self) -> str:
        """What a receiver does with the next message."""
        with self.lock:
            number = 1.0 if self.healthy else self.rng.random()
        return "refuse" if number < _REFUSES else "cut" if number < _REFUSES + _CUTS else "take"

    def take(self, alert: str, id: str, threads: Iterator[str], text: str) -> None:
        with self.lock:
            self.receipts.append(Receipt(alert, id, frozenset(threads), tuple(text.splitlines())))


# ── the servers ─────────────────────────────────────────────────────────────────────────────────


@contextmanager
def web_server(world: World) -> Iterator[str]:
    """The endpoints (GET), and the receiver of webhooks (POST)."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(500 if self.path.strip("/") in world.down else 200)

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            fate = world.fate()
            if fate != "refuse":
                threads = (thread_id(one["id"]) for one in body["incidents"])
                world.take("hook", self.headers["Idempotency-Key"], threads, body["text"])
            if fate == "cut":
                self.close_connection = True
            else:
                self._answer(503 if fate == "refuse" else 204)

        def _answer(self, status: int) -> None:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class Mailbox:
    """The SMTP server's handler."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        fate = self._world.fate()
        if fate == "refuse":
            return "451 try later"
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        text = message.get_body(("plain",))
        threads = (one.partition("@")[0].strip("<") for one in str(message["References"]).split())
        self._world.take("mail", str(message["Message-ID"]), threads, text.get_content() if text else "")
        if fate == "cut":
            server.transport.abort()
        return "250 OK"


@contextmanager
def mail_server(world: World) -> Iterator[int]:
    server = Controller(Mailbox(world), hostname="127.0.0.1", port=free_port())
    server.start()
    try:
        yield server.port
    finally:
        server.stop()


# ── the program ─────────────────────────────────────────────────────────────────────────────────


def write_config(folder: Path, web: str, mail: int) -> Path:
    """The config of the daemon: each transition is a message of its own, or of one moment."""
    file = folder / "monitor.toml"
    endpoints = "".join(f'[[endpoints]]\nname = "{name}"\nurl = "{web}/{name}"\n' for name in NAMES)
    to = "from=monitor@example.test&to=ann@example.test"
    file.write_text(
        f"""
        [monitor]
        history = "h.db"
        socket = "s.sock"
        [defaults]
        interval = "300ms"
        retry_interval = "100ms"
        down_after = 2
        up_after = 1
        [[alerts]]
        name = "hook"
        url = "{web}/hook"
        on = ["down", "up"]
        digest = "0s"
        [[alerts]]
        name = "mail"
        url = "mailto://localhost:{mail}?{to}"
        on = ["down", "up"]
        digest = "0s"
        {endpoints}
        """
    )
    return file


class Daemon:
    """The daemon, which is started again after each kill."""

    def __init__(self, config: Path) -> None:
        self._socket = config.parent / "s.sock"
        self._command = [sys.executable, "-m", "monitor", "daemon", "-c", str(config)]
        self._start()

    def _start(self) -> None:
        self.process = subprocess.Popen(
            self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL
        )

    def listens(self) -> bool:
        """Whether it has started."""
        with socket.socket(socket.AF_UNIX) as link:
            return not link.connect_ex(str(self._socket))

    def kill_engine(self) -> None:
        self.process.kill()
        self.process.wait()
        self._start()

    def kill_notifier(self) -> bool:
        """Kill the process that sends, if it runs."""
        folder = Path(f"/proc/{self.process.pid}/task/{self.process.pid}")
        for child in _read(folder / "children").split():
            if "notifier" in _read(Path(f"/proc/{child}/cmdline")):
                with suppress(ProcessLookupError):
                    os.kill(int(child), signal.SIGKILL)
                return True
        return False

    def end(self) -> None:
        self.process.kill()
        self.process.wait()


def _read(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:
        return ""


# ── one run ─────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Figures:
    """What came of the transitions, each counted for each alert."""

    kills: dict[str, int]
    incidents: int = 0
    once: int = 0
    repeated: int = 0
    """Delivered more than once, with the same id."""
    in_one: int = 0
    """Outages that were told together with their end."""
    left_out: int = 0
    """Incidents that were over before a message was decided."""
    wrong: list[str] = field(default_factory=list)


def run(kills: int, seed: int, folder: Path) -> Figures:
    """Kill so often, let everything recover, and compare what arrived with the incidents."""
    world, counted = World(random.Random(seed)), {"engine": 0, "notifier": 0}
    rng = random.Random(seed + 1)
    with ExitStack() as stack:
        web = stack.enter_context(web_server(world))
        config = write_config(folder, web, stack.enter_context(mail_server(world)))
        daemon = Daemon(config)
        stack.callback(daemon.end)
        switch = Switch(world, rng)
        while sum(counted.values()) < kills:
            if rng.random() < 0.8:  # else perhaps during the start
                switch.until(daemon.listens)
            switch.until(lambda: False, rng.uniform(0.1, 1.5))
            if rng.random() < 0.65:
                daemon.kill_engine()
                counted["engine"] += 1
            else:
                counted["notifier"] += switch.until(daemon.kill_notifier)
        # It owes messages about what ended before the last kill.
        assert switch.until(daemon.listens, 60.0)
        world.down.clear()
        world.healthy = True
        _settle(folder / "h.db")
    with Reader(folder / "h.db") as reader:
        return judge(reader.incidents(0.0, time.time()), world.receipts, counted)


class Switch:
    """Switches endpoints off, and on again once their messages have arrived or some seconds are over."""

    def __init__(self, world: World, rng: random.Random) -> None:
        self._world, self._rng = world, rng
        self._since: dict[str, tuple[float, int]] = {}
        """When it was switched off, and how many messages had arrived by then."""

    def until(self, holds: Callable[[], bool], seconds: float = 20.0) -> bool:
        """Go on until ``holds``, or for so long; whether it does."""
        end = time.monotonic() + seconds
        while not (done := holds()) and time.monotonic() < end:
            self._step()
            time.sleep(0.05)
        return done

    def _step(self) -> None:
        world, now = self._world, time.monotonic()
        for name, (since, before) in list(self._since.items()):
            if now - since > _HELD_DOWN or self._has_arrived(name, before):
                world.down.discard(name)
                del self._since[name]
        if self._rng.random() < 0.1 and len(self._since) < len(NAMES):
            name = self._rng.choice([one for one in NAMES if one not in self._since])
            self._since[name] = now, len(world.receipts)
            world.down.add(name)

    def _has_arrived(self, name: str, before: int) -> bool:
        told = {
            one.alert
            for one in self._world.receipts[before:]
            if any(line.startswith(f"{name} is down") for line in one.lines)
        }
        return told == set(ALERTS)


def _settle(history: Path, seconds: float = 200.0) -> None:
    """Wait until every incident is over and every message done."""
    end, quiet = time.monotonic() + seconds, 0
    still_open: list[str] = []
    waiting: list[Item] = []
    while time.monotonic() < end:
        time.sleep(0.5)
        with suppress(OSError, sqlite3.Error):
            past = read_past(history, time.time())
            still_open = [one.name for one in past.tracker.incidents if one.ended is None]
            waiting = [msgspec.msgpack.decode(one, type=Item) for one in past.waiting]
        if still_open or waiting:
            quiet = 0
        elif (quiet := quiet + 1) > 4:  # the last recovery may become a message still
            return
    waits = [(one.key, one.tries, one.error) for one in waiting]
    raise TimeoutError(f"open: {still_open}, waiting: {waits}")


def judge(incidents: list[Incident], receipts: list[Receipt], kills: dict[str, int]) -> Figures:
    """Compare what arrived with what happened."""
    figures = Figures(kills, incidents=len(incidents))
    for incident in incidents:
        for alert in ALERTS:
            told = [(one.tells(incident), one.id) for one in receipts if one.alert == alert]
            _judge_one(incident, alert, [one for one in told if one[0]], figures)
    return figures


def _judge_one(incident: Incident, alert: str, told: list[tuple[str, str]], figures: Figures) -> None:
    downs, ups = ([id for kind, id in told if kind == wanted] for wanted in ("down", "up"))
    about = f"{incident.id} of {incident.name!r} through {alert!r}"
    for kind, ids in (("down", downs), ("up", ups)):
        if len(set(ids)) > 1:
            figures.wrong.append(f"{kind} with {len(set(ids))} ids: {about}")
    if downs and ups and told[0][0] != "down":
        figures.wrong.append(f"up before down: {about}")
    recovered = incident.ending is Ending.RECOVERED and incident.ended is not None
    if recovered and downs and not ups:
        figures.wrong.append(f"down without up: {about}")
    if recovered and not downs and not ups:
        figures.left_out += 1
        if incident.ended and incident.ended - incident.began > _HELD_DOWN:
            figures.wrong.append(f"nothing: {about}")
    figures.in_one += bool(ups and not downs)
    figures.once += sum(len(ids) == 1 for ids in (downs, ups))
    figures.repeated += sum(len(ids) > 1 for ids in (downs, ups))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = run(args.kills, args.seed, Path(folder))
    print(json.dumps(figures.__dict__, indent=2))
    return 1 if figures.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
