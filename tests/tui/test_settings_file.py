"""Where choices are kept."""

import asyncio
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.tui.settings_file import SettingsFile, state_file, write
from monitor.tui.view_settings import ViewSettings

CHOSEN = ViewSettings(sort_by="name", reverse=True)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "state" / "monitor" / "dashboard.toml"


def no_home():
    raise RuntimeError("could not determine home directory")


def test_who_has_no_home_has_no_file(monkeypatch):
    monkeypatch.setattr(Path, "home", no_home)
    assert state_file({}) is None
    assert state_file({"XDG_STATE_HOME": "/x"}) == Path("/x/monitor/dashboard.toml")


async def kept(file, *view_settings):
    """A memory that was given these, one right after another; what it complained of."""
    settings_file, failures = SettingsFile(file), []
    settings_file.recall()
    for one in view_settings:
        settings_file.keep(one, failures.append)
    await settings_file.settle()
    return failures


@pytest.mark.parametrize(
    ("environ", "folder"),
    [({"XDG_STATE_HOME": "/x/state"}, "/x/state"), ({"XDG_STATE_HOME": "x"}, ""), ({}, "")],
)
def test_the_file_is_in_the_users_state_folder(environ, folder):
    folder = folder or Path.home() / ".local" / "state"
    assert state_file(environ) == Path(folder) / "monitor" / "dashboard.toml"


async def test_choices_are_kept_for_the_next_time(file):
    assert await kept(file, CHOSEN) == []
    settings_file = SettingsFile(file)
    assert settings_file.recall() == CHOSEN
    assert settings_file.trouble == ""


async def test_the_last_of_many_is_what_is_kept_and_nothing_lies_about(file):
    many = [replace(CHOSEN, theme=f"theme {number}") for number in range(50)]
    await kept(file, *many)
    assert SettingsFile(file).recall() == many[-1]
    assert [one.name for one in file.parent.iterdir()] == [file.name]
    assert file.stat().st_mode & 0o077 == 0


async def test_nothing_chosen_is_nothing_written(file):
    await kept(file, ViewSettings())
    assert not file.exists()


async def test_without_a_file_nothing_is_kept():
    settings_file = SettingsFile()
    assert settings_file.recall() == ViewSettings()
    settings_file.keep(CHOSEN, pytest.fail)
    await settings_file.settle()


BROKEN = [
    b"sort = [",
    b"\xff\xfe",
    b"[sort]\nby = 3",
    b'[sort]\nby = "colour"',
    b"a = " + b"[" * 5000,
    b"x" * 70000,
]


@pytest.mark.parametrize("text", BROKEN)
async def test_a_broken_file_is_told_of_and_kept(file, text):
    file.parent.mkdir(parents=True)
    file.write_bytes(text)
    settings_file = SettingsFile(file)
    assert settings_file.recall().sort_by == "severity"
    assert "dashboard.toml was broken" in settings_file.trouble
    assert settings_file.trouble.endswith("it is kept as dashboard.toml.bad")
    assert file.with_suffix(".toml.bad").read_bytes() == text
    assert SettingsFile(file).trouble == ""
    await kept(file, CHOSEN)
    assert tomllib.loads(file.read_text())["sort"]["by"] == "name"


async def test_what_still_means_something_in_a_broken_file_holds(file):
    file.parent.mkdir(parents=True)
    file.write_text('side_panel = false\n[sort]\nby = "colour"')
    assert not SettingsFile(file).recall().side_panel


async def test_a_file_that_cannot_be_read_is_left_alone(file):
    file.mkdir(parents=True)
    settings_file = SettingsFile(file)
    assert settings_file.recall() == ViewSettings()
    assert "cannot be read" in settings_file.trouble
    settings_file.keep(CHOSEN, pytest.fail)
    await settings_file.settle()
    assert file.is_dir()


async def test_a_folder_that_cannot_be_written_is_told_of_once(file):
    file.parent.parent.mkdir()
    file.parent.write_text("a file is in the way")
    settings_file, failures = SettingsFile(file), []
    for number in range(3):
        settings_file.keep(replace(CHOSEN, theme=str(number)), failures.append)
        await settings_file.settle()
    assert len(failures) == 1
    assert "choices are not remembered" in failures[0]


async def test_a_file_system_that_takes_its_time_stops_nobody(file, monkeypatch):
    taken = asyncio.Event()
    loop = asyncio.get_running_loop()

    def slow(*words):
        write(*words)
        loop.call_soon_threadsafe(taken.set)

    monkeypatch.setattr("monitor.tui.settings_file.write", slow)
    settings_file = SettingsFile(file)
    settings_file.keep(CHOSEN, pytest.fail)
    assert not file.exists()
    await taken.wait()
    await settings_file.settle()
    assert file.exists()


def test_a_write_that_fails_leaves_what_was_there(file, monkeypatch):
    write(file, CHOSEN)
    monkeypatch.setattr("os.fdopen", lambda *_, **__: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        write(file, ViewSettings())
    assert [one.name for one in file.parent.iterdir()] == [file.name]
    assert SettingsFile(file).recall() == CHOSEN
