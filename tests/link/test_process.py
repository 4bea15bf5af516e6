"""An engine of the dashboard's own: real children."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from select import select

import pytest

from monitor.errors import ConfigError, LinkError, UsageError
from monitor.link.messages import Pause
from monitor.link.process import PREFIX, engine
from monitor.link.silences import StartSilence
from monitor.model import State

CONFIG = """
[defaults]
interval = "1h"
[[endpoints]]
name = "Nobody"
url = "tcp://127.0.0.1:1"
[[endpoints]]
name = "Off"
url = "tcp://127.0.0.1:2"
enabled = false
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own for temporary files, so that what is left behind is seen."""
    folder = tmp_path / "t"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr("tempfile.tempdir", None)
    return folder


@pytest.fixture
def config(tmp_path: Path) -> str:
    file = tmp_path / "monitor.toml"
    file.write_text(CONFIG)
    return str(file)


@contextmanager
def awaiting_end_of(pid: int) -> Iterator[None]:
    """Until a process, which need not be a child of ours, has ended."""
    watch = os.pidfd_open(pid)
    try:
        yield
        assert select([watch], [], [], 20)[0], "it still runs"
    finally:
        os.close(watch)


async def test_an_engine_runs_for_as_long_as_it_is_wanted(config: str, temporary: Path):
    with engine(config=config) as child:
        source = child.source()
        told = await source.hello()
        assert (told.title, told.config_file) == ("monitor.toml", config)
        assert [info.name for info in told.infos] == ["Nobody", "Off"]
        assert told.statuses[1].state is State.PAUSED
        handle = told.infos[0].handle
        assert (await source.command(Pause(handles=(handle,)))).ok
        assert (await source.pull()).statuses[-1].state is State.PAUSED
        assert (await source.detail(handle, 0.0)).handle == handle
        assert await source.certificates() == []
        silence = await source.try_silence(StartSilence(select=("Nobody",), lasting=60.0))
        assert await source.silences() == (silence,)
        assert await source.maintenance() == ()
        assert [row.state async for rows in source.states_at(0.0) for row in rows] == [State.PENDING] * 2
        with pytest.raises(LinkError, match="no longer in the config"):
            await source.detail(99, 0.0)
        (folder,) = temporary.iterdir()
        (socket,) = folder.iterdir()
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE(socket.stat().st_mode) == 0o600
        os.kill(child.pid, signal.SIGINT)  # as when somebody types Ctrl-C
        os.kill(child.pid, signal.SIGHUP)
        assert (await source.hello()).title == "monitor.toml"
        await source.close()
    assert not child.alive
    assert list(temporary.iterdir()) == []


async def test_targets_are_watched_instead(temporary: Path):
    with engine(targets=["gopher://127.0.0.1"]) as child, pytest.raises(UsageError, match="gopher"):
        child.source()
    with engine(targets=["tcp://127.0.0.1:1"]) as child:
        source = child.source()
        assert [info.target for info in (await source.hello()).infos] == ["tcp://127.0.0.1:1"]
        await source.close()
    assert list(temporary.iterdir()) == []


def test_problems_of_the_config_come_back_with_their_lines(config: str, temporary: Path):
    Path(config).write_text(CONFIG + 'timeout = "soon"\nintervall = "5s"\n')
    with engine(config=config) as child, pytest.raises(ConfigError) as caught:
        child.source()
    assert [(one.file, one.line, one.key.split(".")[-1]) for one in caught.value.problems] == [
        (config, 11, "timeout"),
        (config, 12, "intervall"),
    ]
    assert list(temporary.iterdir()) == []


async def test_an_engine_that_was_killed_is_told_of_and_started_again(config: str):
    with engine(config=config) as child:
        source = child.source()
        before = await source.hello()
        killed = child.pid
        os.kill(killed, signal.SIGKILL)
        with pytest.raises(LinkError, match=r"^the engine ended: signal 9 \(Killed\)$"):
            await source.pull()
        told = await source.hello()
        assert child.pid != killed
        because = "the engine ended and was started again: signal 9 (Killed)"
        assert [event.text for event in told.events][:1] == [because]
        assert [info.name for info in told.infos] == ["Nobody", "Off"]
        assert not (await source.command(Pause(handles=(before.infos[0].handle,)))).ok
        await source.close()
    assert not child.alive


async def test_an_engine_that_does_not_start_again_says_so(config: str):
    with engine(config=config) as child:
        source = child.source()
        await source.hello()
        Path(config).unlink()
        os.kill(child.pid, signal.SIGKILL)
        with pytest.raises(LinkError):
            await source.pull()
        with pytest.raises(LinkError, match="the engine ended, and does not start again") as caught:
            await source.hello()
        assert [one.file for one in caught.value.problems] == [config]
        await source.close()


async def test_what_keeps_an_engine_from_starting_again_is_told_with_its_lines(config: str):
    with engine(config=config) as child:
        source = child.source()
        await source.hello()
        Path(config).write_text(CONFIG + 'timeout = "soon"\n')
        os.kill(child.pid, signal.SIGKILL)
        with pytest.raises(LinkError):
            await source.pull()
        with pytest.raises(LinkError, match="does not start again with this config") as caught:
            await source.hello()
        assert [(one.file, one.line) for one in caught.value.problems] == [(config, 11)]
        Path(config).write_text(CONFIG)
        assert (await source.hello()).title == "monitor.toml"
        await source.close()


# ── children that misbehave ─────────────────────────────────────────────────────────────────────


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What runs instead of the engine."""
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    return program


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("echo 'Traceback:' >&2; echo 'no room' >&2", "the engine did not start: no room"),
        ("exit 1", "the engine did not start$"),
    ],
)
def test_an_engine_that_does_not_start_says_why(program: Path, words: str, told: str):
    program.write_text(f"#!/bin/sh\n{words}\n")
    with engine(config="x") as child, pytest.raises(LinkError, match=told):
        child.source()


async def test_an_engine_that_crashes_is_told_with_its_last_words(program: Path):
    program.write_text("#!/bin/sh\necho '{}'\necho \"boom $$\" >&2\n")
    with engine(config="x") as child:
        source = child.source()
        first = child.pid
        with pytest.raises(LinkError, match=rf"^the engine ended: boom {first}$"):
            await source.pull()
        with pytest.raises(LinkError, match=r"^the engine ended: boom ") as caught:
            await source.hello()
        assert child.pid != first
        assert str(caught.value).endswith(f" {child.pid}")
        await source.close()


async def test_words_of_an_engine_before_are_not_taken_for_those_of_the_next(program: Path):
    program.write_text('#!/bin/sh\necho \'{}\'\n[ -e "$0.once" ] || echo boom >&2\n: > "$0.once"\n')
    with engine(config="x") as child:
        source = child.source()
        with pytest.raises(LinkError, match=r"^the engine ended: boom$"):
            await source.pull()
        with pytest.raises(LinkError, match=r"^the engine ended$"):
            await source.hello()
        await source.close()


def test_an_engine_that_does_not_leave_is_killed(program: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("monitor.link.process._LEAVES_WITHIN", 0.01)
    program.write_text("#!/bin/sh\necho '{}'\nexec sleep 1000\n")
    with engine(config="x") as child:
        child.source()
        with awaiting_end_of(child.pid):
            child.end()
        assert not child.alive


# ── a dashboard that is killed ──────────────────────────────────────────────────────────────────

PARENT = """
    import sys
    from monitor.link.process import engine
    with engine(config=sys.argv[1]) as child:
        child.source()
        print(child.pid, flush=True)
        sys.stdin.read()
"""


@contextmanager
def parent(config: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", textwrap.dedent(PARENT), config]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        yield running
        running.kill()


def test_a_killed_dashboard_takes_its_engine_with_it_and_nothing_of_others(config: str, temporary: Path):
    other = temporary / f"{PREFIX}other"
    other.mkdir()
    (other / "engine.sock").touch()
    with parent(config) as running:
        assert running.stdout is not None
        child = int(running.stdout.readline())
        assert len(list(temporary.iterdir())) == 2
        with awaiting_end_of(child):
            running.kill()
    assert [path.name for path in temporary.iterdir()] == [other.name]
    assert (other / "engine.sock").exists()
