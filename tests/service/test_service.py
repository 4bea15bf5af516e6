"""An engine at work, with its server and an eye on the config files."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from monitor.config import Watcher, from_targets, load
from monitor.errors import LinkError
from monitor.link.client import Client
from monitor.link.edits import Add, Edited, Undo
from monitor.link.figures import Report
from monitor.link.messages import Changes, Reload, encode
from monitor.link.process import PREFIX
from monitor.model import Event, State
from monitor.probes._heartbeats import Heard
from monitor.service import service as module
from monitor.service.service import Service, serve

ENDPOINT = """
[[endpoints]]
name = "{}"
url = "tcp://127.0.0.1:1"
interval = "1h"
"""


def endpoints(*names: str) -> str:
    return "".join(map(ENDPOINT.format, names))


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "monitor.toml"
    file.write_text(endpoints("a", "b"))
    return file


@pytest.fixture
def folder() -> Iterator[Path]:
    """A private folder, with a name short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True) as name:
        yield Path(name)


@pytest.fixture(autouse=True)
def _leave_the_collector_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "tune_collector", lambda: None)


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Watchers that look again at once."""

    def watcher(*args: Any) -> Watcher:
        return Watcher(*args, interval=0.0)

    monkeypatch.setattr(module, "Watcher", watcher)


@asynccontextmanager
async def running(config: Path, folder: Path) -> AsyncIterator[tuple[Service, Client]]:
    """A service that follows its files, and a dashboard that has said hello."""
    service = Service(load(config))
    await service.start(folder / "engine.sock")
    following = asyncio.create_task(service.follow_files())
    client = Client(folder / "engine.sock")
    try:
        await client.hello()
        yield service, client
    finally:
        following.cancel()
        await asyncio.wait([following])
        await client.close()
        await service.stop()


async def told(client: Client, holds: Callable[[Changes], object]) -> Changes:
    """The first news of this kind."""
    while not holds(changes := await client.pull()):
        await asyncio.sleep(0)
    return changes


def names(service: Service) -> list[str]:
    return [one.endpoint.name for one in service.engine.endpoints.values()]


@pytest.mark.usefixtures("looks")
async def test_what_is_edited_is_in_force_and_what_is_broken_is_reported(config: Path, folder: Path):
    async with running(config, folder) as (service, client):
        config.write_text(endpoints("a", "c", "d"))
        changes = await told(client, lambda one: one.order)
        assert names(service) == ["a", "c", "d"]
        assert {info.name for info in changes.infos} >= {"c", "d"}

        config.write_text(endpoints("a") + 'timeout = "soon"\n')
        changes = await told(client, lambda one: one.problems)
        assert changes.problems is not None
        assert [(one.file, one.line) for one in changes.problems] == [(str(config), 6)]
        assert names(service) == ["a", "c", "d"]

        config.write_text(endpoints("a", "c"))
        changes = await told(client, lambda one: one.problems is not None)
        assert changes.problems == ()
        assert names(service) == ["a", "c"]
        logged = [event.text.split(":")[0] for event in service.engine.event_log.since(0)]
        assert logged[0] == "config reloaded"
        assert logged[1] == "the config has problems; the old one stays in force"
        assert [event.text for event in service.engine.event_log.since(0)][-1] == "config reloaded: -1"


@pytest.mark.usefixtures("looks")
async def test_alerts_that_come_by_a_reload_are_sent(config: Path, folder: Path):
    sent = folder / "sent"
    async with running(config, folder) as (_, client):
        alert = f'[[alerts]]\nname = "file"\nurl = "exec:touch {sent}"\ndigest = "0s"\n'
        config.write_text(alert + endpoints("c") + "down_after = 1\n")
        while not sent.exists():
            await client.pull()
            await asyncio.sleep(0.01)


@pytest.mark.usefixtures("looks")
async def test_what_takes_effect_only_at_a_start_is_named(config: Path, folder: Path):
    async with running(config, folder) as (service, client):
        settings = (
            '[monitor]\nhistory = "off"\nretention = { raw = "2h" }\nsocket = "s"\nmax_concurrency = 5\n'
        )
        config.write_text(settings + endpoints("a", "b", "c"))
        await told(client, lambda one: one.order)
        logged = [event.text for event in service.engine.event_log.since(0)]
        assert "history, retention, socket: takes effect at the next start" in logged
        config.write_text(settings + endpoints("a"))
        await told(client, lambda one: one.order)
        assert len([event for event in service.engine.event_log.since(0) if "next start" in event.text]) == 1


@pytest.mark.usefixtures("looks")
async def test_what_a_dashboard_changes_is_written_and_in_force_at_once(config: Path, folder: Path):
    async with running(config, folder) as (service, client):
        added = await client.edit(Add(texts={"url": "tcp://127.0.0.1:2"}), Edited)
        assert added.ok
        assert names(service) == ["a", "b", "127.0.0.1:2"]
        assert config.read_text() == endpoints("a", "b") + '\n[[endpoints]]\nurl = "tcp://127.0.0.1:2"\n'
        config.write_text(endpoints("a"))
        while names(service) != ["a"]:
            await client.pull()
        refused = await client.edit(Undo(edit=added.edit), Edited)
        assert "changed by somebody else" in refused.text


@pytest.mark.usefixtures("looks")
async def test_files_that_the_config_newly_includes_are_followed_too(config: Path, folder: Path):
    async with running(config, folder) as (service, client):
        config.write_text('include = ["more*.toml"]\n' + endpoints("a"))
        (config.parent / "more.toml").write_text(endpoints("m"))
        await told(client, lambda one: one.order)
        while names(service) != ["a", "m"]:
            await asyncio.sleep(0)
        (config.parent / "more2.toml").write_text(endpoints("n"))
        while names(service) != ["a", "m", "n"]:
            await asyncio.sleep(0)


@pytest.mark.usefixtures("looks")
async def test_a_config_that_is_gone_for_a_while_stays_in_force(config: Path, folder: Path):
    async with running(config, folder) as (service, client):
        config.rename(config.with_suffix(".away"))
        await told(client, lambda one: one.problems)
        assert names(service) == ["a", "b"]
        config.with_suffix(".away").rename(config)
        changes = await told(client, lambda one: one.problems is not None)
        assert changes.problems == ()


async def test_a_reload_by_hand_says_what_came_of_it(config: Path, folder: Path):
    async with running(config, folder) as (_, client):
        assert (await client.command(Reload())).text == "config reloaded: no change"
        config.write_text(endpoints("a", "b", "c"))
        done = await client.command(Reload())
        assert (done.ok, done.text) == (True, "config reloaded: +1")
        config.write_text("[[")
        done = await client.command(Reload())
        assert not done.ok
        assert done.text.startswith(f"the old config stays in force: {config}:1:")


def while_it_is_read(monkeypatch: pytest.MonkeyPatch, *steps: Callable[[], object]) -> None:
    """Take these steps, one after each time that the config is read; then the last one for ever."""
    todo = [*steps]

    async def sleep(_seconds: float) -> None:
        (todo.pop(0) if len(todo) > 1 else todo[0])()

    monkeypatch.setattr(module, "Watcher", lambda *args: Watcher(*args, sleep=sleep))


async def test_half_a_file_is_not_gone_by(config: Path, folder: Path, monkeypatch: pytest.MonkeyPatch):
    while_it_is_read(monkeypatch, lambda: config.write_text(endpoints("a", "b")), lambda: None)
    service = Service(load(config))
    await service.start(folder / "engine.sock")
    try:
        kept = service.engine.endpoints.copy()
        config.write_text(endpoints("a"))
        assert (await service.reload()).text == "config reloaded: no change"
        assert service.engine.endpoints == kept
    finally:
        await service.stop()


async def test_a_file_that_is_never_finished_is_a_problem(config: Path, monkeypatch: pytest.MonkeyPatch):
    while_it_is_read(monkeypatch, lambda: config.write_text(config.read_text() + "#"))
    done = await Service(load(config)).reload()
    assert not done.ok
    assert "this file, or one that it includes, keeps changing" in done.text


async def test_several_reloads_at_once_take_turns(config: Path, folder: Path):
    async with running(config, folder) as (service, _):
        config.write_text(endpoints("a", "b", "c"))
        done = await asyncio.gather(*(service.reload() for _ in range(4)))
        assert [one.text for one in done] == ["config reloaded: +1"] + ["config reloaded: no change"] * 3


async def test_without_a_config_file_there_is_nothing_to_read_again(folder: Path):
    service = Service(from_targets(["tcp://127.0.0.1:1"]))
    await service.follow_files()  # ends at once
    assert (await service.reload()).text == "there is no config file here to read again"
    await service.stop()


async def test_no_secret_of_the_config_reaches_a_dashboard(
    config: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SECRET", "hunter2.invalid")
    secret = "${SECRET}"
    config.write_text(
        f"""
[[endpoints]]
id = "id-{secret}"
name = "name {secret}"
url = "tcp://u:{secret}@{secret}:1"
group = "group {secret}"
tags = ["tag {secret}"]
description = "{secret}"
runbook = "https://{secret}/"
[[endpoints]]
url = "tcp://127.0.0.1:1"
depends_on = ["name {secret}"]
""".replace(f"u:{secret}@", "")
    )
    async with running(config, folder) as (service, client):
        handle = next(iter(service.engine.endpoints))
        service.engine.check_now([handle])
        changes = await told(
            client, lambda one: any(row.total for row in one.statuses if row.handle == handle)
        )
        said = [changes, await client.hello(), await client.detail(handle, 0.0)]
        assert not any(b"hunter2" in encode(one) for one in said)


# ── heartbeats ──────────────────────────────────────────────────────────────────────────────────

PUSHED = """
[monitor]
listen = "127.0.0.1:0"
[[endpoints]]
name = "backup"
url = "push:backup"
interval = "1h"
up_after = 1
"""


def state(service: Service, name: str) -> State:
    return next(one.state for one in service.engine.endpoints.values() if one.endpoint.name == name)


@pytest.mark.usefixtures("looks")
async def test_a_heartbeat_is_heard_at_once_wherever_the_config_listens(config: Path, folder: Path):
    async with running(config, folder) as (service, client):
        config.write_text(PUSHED)
        await told(client, lambda one: one.order)
        assert state(service, "backup") is not State.UP
        while (port := service._web.port) is None:
            await asyncio.sleep(0.01)
        async with httpx.AsyncClient() as caller:
            assert (await caller.get(f"http://127.0.0.1:{port}/push/backup")).status_code == 200
        await told(client, lambda one: any(row.state is State.UP for row in one.statuses))
        config.write_text(endpoints("a"))
        await told(client, lambda one: one.order)
        assert service._web.port is None


@pytest.mark.usefixtures("looks")
async def test_a_heartbeat_that_was_answered_is_known_after_a_restart(config: Path, folder: Path):
    config.write_text(PUSHED)
    async with running(config, folder) as (_service, client):
        assert (await client.report(Report(path="backup", note="3 files"))).status == 200
        await told(client, lambda one: any(row.state is State.UP for row in one.statuses))
    folder.mkdir(exist_ok=True)
    async with running(config, folder) as (service, _client):
        beat = service._heartbeats.last("backup")
        assert beat is not None
        assert beat.note == "3 files"
        assert state(service, "backup") is State.UP


@pytest.mark.usefixtures("looks")
async def test_a_heartbeat_from_just_before_a_kill_is_judged_right_after_the_start(
    config: Path, folder: Path
):
    config.write_text(PUSHED)
    async with running(config, folder) as (service, _client):
        heard = Heard(heard_at=time.time(), note="3 files")  # killed before the check that follows
        service._history.put("heartbeat:backup", msgspec.msgpack.encode(heard))
    folder.mkdir(exist_ok=True)
    async with running(config, folder) as (service, _client), asyncio.timeout(3):  # its turn is later
        while state(service, "backup") is not State.UP:
            await asyncio.sleep(0.01)


# ── until its lifeline ends ─────────────────────────────────────────────────────────────────────


async def test_it_serves_until_its_lifeline_ends_and_tidies_up(config: Path, folder: Path):
    reading, writing = os.pipe()
    ready = asyncio.Event()
    socket = folder / "engine.sock"
    with os.fdopen(reading, "rb", buffering=0) as lifeline:
        serving = asyncio.create_task(serve(load(config), socket, lifeline, ready=ready.set, note="hey"))
        await ready.wait()
        client = Client(socket)
        (event,) = (await client.hello()).events
        assert isinstance(event, Event)
        assert (event.level, event.text) == ("bad", "hey")
        os.write(writing, b"what is said there is of no interest")
        await client.pull()
        assert not serving.done()
        os.close(writing)
        await serving
        with pytest.raises(LinkError):
            await client.pull()
        await client.close()
    assert not folder.exists()


@pytest.mark.parametrize(
    ("name", "other", "stays"),
    [(PREFIX + "x", None, False), (PREFIX + "x", "file", True), ("mine", None, True)],
)
async def test_only_a_private_folder_with_nothing_else_in_it_is_removed(
    config: Path, folder: Path, name: str, other: str | None, stays: bool
):
    place = folder / name
    place.mkdir()
    if other:
        (place / other).touch()
    reading, writing = os.pipe()
    os.close(writing)
    with os.fdopen(reading, "rb", buffering=0) as lifeline:
        await serve(load(config), place / "engine.sock", lifeline, ready=lambda: None)
    assert place.exists() is stays
    assert [path.name for path in place.glob("*")] == ([other] if other else [])


async def test_a_dashboard_that_goes_before_it_is_ready_leaves_nothing_behind(config: Path, folder: Path):
    def ready() -> None:
        raise BrokenPipeError

    with Path(os.devnull).open("rb") as lifeline, pytest.raises(BrokenPipeError):
        await serve(load(config), folder / "engine.sock", lifeline, ready=ready)
    assert not folder.exists()
