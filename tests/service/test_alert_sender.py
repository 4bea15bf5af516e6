"""Alerts of a real daemon, with a real receiver, over kills and restarts."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from servers import free_port
from virtual import Script, endpoint, until, virtual, watching

from monitor.alerts.delivery import Outcome
from monitor.alerts.outbox import FALLBACK_AFTER, Item
from monitor.model import Alert, Entry, Kind, Message, State
from monitor.service.alert_sender import AlertSender
from monitor.store.history import History
from monitor.store.reader import Reader

pytestmark = pytest.mark.long


@contextmanager
def daemon(config: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "monitor", "daemon", "-c", str(config)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def config(tmp_path: Path, sink) -> Path:
    port = free_port()
    file = tmp_path / "monitor.toml"
    file.write_text(
        f"""
        [monitor]
        history = "h.db"
        socket = "s.sock"
        [[alerts]]
        name = "hook"
        url = "{sink.url}"
        digest = "200ms"
        [[endpoints]]
        name = "shop"
        url = "tcp://127.0.0.1:{port}"
        interval = "300ms"
        retry_interval = "100ms"
        up_after = 1
        """
    )
    return file


def port_of(config: Path) -> int:
    return int(config.read_text().partition("tcp://127.0.0.1:")[2].partition('"')[0])


def test_an_outage_and_its_end_are_two_messages_over_kills(config: Path, sink):
    with daemon(config) as running:
        (down,) = sink.wait(1)
        _until_noted(config, 1)
        running.send_signal(signal.SIGKILL)
    assert (down["kind"], down["alert"], down["version"]) == ("down", "hook", 1)
    assert [one["name"] for one in down["endpoints"]] == ["shop"]
    assert down["incidents"][0]["reason"] == "connection_refused"
    with daemon(config), socket.create_server(("127.0.0.1", port_of(config))):
        _, up = sink.wait(2)
        _until_noted(config, 2)
    assert (up["kind"], up["incidents"][0]["id"]) == ("up", down["incidents"][0]["id"])
    with daemon(config), socket.create_server(("127.0.0.1", port_of(config))):
        time.sleep(1.5)  # nothing must come: there is nothing else to wait for
    assert len(sink.received) == 2


def test_marks_and_unsent_messages_survive_a_deleted_history_and_a_kill(config: Path, sink):
    sink.statuses = [500]
    history = config.parent / "h.db"
    with daemon(config) as running:
        (first,) = sink.wait(1)
        monitor(config, "ack", "shop", "--for", "2h", "--note", "the switch")
        silence = monitor(config, "silence", "group:none", "name:shop", "--for", "3h").strip()
        for file in history.parent.glob("h.db*"):
            if not file.name.endswith(".lock"):
                file.unlink()
        _until_waiting(history)
        running.send_signal(signal.SIGKILL)
    sink.statuses = [204]
    with daemon(config):
        *_, last = sink.wait(len(sink.received) + 1)
        _until_noted(config, 1)
        (shop,) = json.loads(monitor(config, "status", "--format", "json"))["endpoints"]
    assert (last["id"], last["kind"]) == (first["id"], "down")
    assert last["incidents"][0]["id"] == first["incidents"][0]["id"]
    assert (shop["acknowledged"]["note"], shop["silenced"]["id"]) == ("the switch", silence)


def monitor(config: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "monitor", *arguments, "-c", str(config)]
    return subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True).stdout


def _until_waiting(history: Path) -> None:
    """Wait until a new file has the whole state."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with (
            suppress(sqlite3.Error),
            closing(sqlite3.connect(f"file:{history}?mode=ro", uri=True)) as database,
        ):
            waiting = database.execute("SELECT 1 FROM outbox WHERE state = 'waiting'").fetchall()
            if waiting:
                return
        time.sleep(0.05)
    pytest.fail("no message waits in the new file")


def _until_noted(config: Path, count: int) -> None:
    """Wait until the history says that messages were sent: only from then on are they never repeated."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with closing(sqlite3.connect(config.parent / "h.db")) as database:
            sent = database.execute("SELECT 1 FROM outbox WHERE state = 'sent'").fetchall()
        if len(sent) >= count:
            return
        time.sleep(0.05)
    pytest.fail("too few messages were noted as sent")


def test_the_incident_says_which_alert_reported_it_and_which_was_kept_from_it(config: Path, sink):
    text = config.read_text()
    later = f'[[alerts]]\nname = "later"\nurl = "{sink.url}"\nafter = "1h"\n[[alerts]]\nname = "hook"'
    config.write_text(text.replace('[[alerts]]\n        name = "hook"', later))
    with daemon(config):
        sink.wait(1)
        _until_noted(config, 1)
    with Reader(config.parent / "h.db") as reader:
        (incident,) = reader.incidents(0.0, time.time())
    noted = {one.alert: (one.channel, one.state, one.detail) for one in incident.notifications}
    assert noted == {"hook": ("webhook", "delivered", ""), "later": ("webhook", "suppressed", "delay")}


class Kept:
    """A history that counts how often the alerts' state is put into it."""

    def __init__(self) -> None:
        self.puts = 0
        self.rows: list[Any] = []
        self.written: list[Any] = []

    def document(self, _name: str) -> None:
        return None

    def waiting(self, _type: type) -> list[Any]:
        return []

    def add(self, rows: Any) -> None:
        self.rows += rows

    def write_soon(self) -> None:
        self.written = [parameters[3] for _, parameters in self.rows]

    def put(self, _name: str, _data: bytes) -> None:
        self.puts += 1


@virtual
async def test_the_state_is_stored_only_when_it_may_have_changed():
    async with watching(Script(a="u" * 20 + "d"), endpoint("a")) as running:
        engine, kept = running.engine, Kept()
        engine.config = replace(engine.config, alerts=(Alert(name="hook", url="exec:true", digest=3600.0),))
        sender = AlertSender(engine, cast("History", kept))
        sender.begin()
        await until(5)
        begun = kept.puts
        await until(150)
        assert kept.puts == begun
        await until(400)
        assert kept.puts > begun
        await sender.close()


@virtual
async def test_a_digest_does_not_wait_for_a_clock_that_was_set_back(monkeypatch: pytest.MonkeyPatch):
    async with watching(Script(a="u" * 5 + "d"), endpoint("a")) as running:
        engine, sent = running.engine, []
        engine.config = replace(engine.config, alerts=(Alert(name="hook", url="exec:true", digest=3600.0),))
        sender = AlertSender(engine, None)

        async def send(items: list[Item]) -> None:
            sent.extend(items)

        monkeypatch.setattr(sender, "_send", send)
        sender.begin()
        await until(200)
        assert sent == []
        clock = engine.clock
        engine.clock = lambda: clock() - 86400
        await until(202)
        assert [one.message.kind for one in sent] == [Kind.DOWN]
        await sender.close()


@virtual
async def test_a_delivery_is_written_at_once_as_a_kill_before_that_repeats_it():
    hook = Alert(name="hook", url="https://hook.test/")
    async with watching(Script(), endpoint("a")) as running:
        running.engine.config = replace(running.engine.config, alerts=(hook,))
        history = Kept()
        sender, at = AlertSender(running.engine, cast("History", history)), running.engine.clock()
        entry = Entry(endpoint="a", kind=Kind.DOWN, at=at, state=State.DOWN)
        sender._queue([Message(id="m", alert="hook", kind=Kind.DOWN, at=at, entries=(entry,))])
        (item,) = sender._outbox.due(at)
        sender._landed(Outcome(id=item.key))
        assert history.written == ["sent"]


@virtual
async def test_a_fallback_gets_the_message_in_the_words_of_its_own_service():
    mail = Alert(name="mail", url="mailto://a@b.test", fallback="pager")
    pager = Alert(name="pager", url="pagerduty://key@key")
    names = [f"e{number}" for number in range(3)]
    async with watching(Script(), *map(endpoint, names)) as running:
        running.engine.config = replace(running.engine.config, alerts=(mail, pager))
        sender, at = AlertSender(running.engine, None), running.engine.clock()
        entries = tuple(Entry(endpoint=name, kind=Kind.DOWN, at=at, state=State.DOWN) for name in names)
        sender._queue([Message(id="m", alert="mail", kind=Kind.DIGEST, at=at, entries=entries)])
        (first,) = sender._outbox.due(at)
        sender._outbox.failed(first.key, "refused", at)
        sender._fall_back(at + 2 * FALLBACK_AFTER)
        (copy,) = [one for one in sender._outbox if one.alert == "pager"]
        assert len(first.text.splitlines()) == 3
        assert copy.text.endswith("… and 2 more")
        assert len(copy.text.splitlines()) == 1
        document = {**json.loads(first.body), "title": copy.title, "text": copy.text}
        assert (copy.message.id, json.loads(copy.body)) == ("m", document)


def test_a_message_that_was_refused_is_tried_again_with_the_same_id(config: Path, sink):
    sink.statuses = [500, 204]
    with daemon(config):
        first, second = sink.wait(2)
    assert first == second
    keys = [headers["idempotency-key"] for headers, _ in sink.received]
    assert keys[0] == keys[1]


def test_the_notifier_ends_with_the_engine(config: Path, sink):
    with daemon(config) as running:
        sink.wait(1)
        children = _children(running.pid)
        running.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 10
    while any(os.path.exists(f"/proc/{pid}") for pid in children):  # noqa: PTH110
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(one) for one in found]
