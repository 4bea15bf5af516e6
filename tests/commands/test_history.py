"""Which history is meant, and which time."""

from __future__ import annotations

import re
import sqlite3
import time
from argparse import ArgumentParser, Namespace
from contextlib import closing
from pathlib import Path

import pytest

from monitor.commands._history import add_history_arguments, history_of, opened_history, opened_output, window
from monitor.errors import UsageError
from monitor.store import Reader


def parsed(*arguments: str) -> Namespace:
    parser = ArgumentParser()
    add_history_arguments(parser, since="24h")
    return parser.parse_args(arguments)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "m.toml"
    file.write_text('[monitor]\nhistory = "h.db"\n')
    return file


def test_the_window_ends_now_and_begins_before():
    since, until, now = window(parsed())
    assert until == now == pytest.approx(time.time(), abs=5)
    assert since == now - 86400


def test_a_window_may_have_times_at_both_ends():
    since, until, _ = window(parsed("--since", "2020-01-01T00:00Z", "--until", "2020-01-02T00:00Z"))
    assert (since, until) == (1577836800.0, 1577923200.0)


def test_a_window_never_ends_in_the_future():
    _, until, now = window(parsed("--until", "2999-01-01"))
    assert until == now


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--since", "yesterday"], "--since: 'yesterday' is not a time: "),
        (["--until", "soon"], "--until: 'soon' is not a time: "),
        (["--since", "1h", "--until", "2h"], "--since must be before --until"),
        (["--since", "2999-01-01"], "--since must be before --until, and before now"),
    ],
)
def test_a_window_that_makes_no_sense_is_refused(arguments: list[str], said: str):
    with pytest.raises(UsageError) as caught:
        window(parsed(*arguments))
    assert str(caught.value).startswith(said)


def test_the_history_is_the_configs_own(config: Path):
    assert history_of(str(config)) == config.parent / "h.db"


def test_a_config_without_a_path_has_one_in_the_state_folder(
    config: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    config.write_text("")
    assert history_of(str(config)).parent == tmp_path / "state" / "monitor"


def test_a_history_that_is_not_there_yet_is_reported(config: Path):
    with (
        pytest.raises(UsageError, match=r"there is no history yet: .*h\.db does not exist"),
        opened_history(str(config), Reader),
    ):
        pass


def test_a_history_that_is_none_is_reported(config: Path):
    (config.parent / "h.db").write_text("this is not a database, and long enough to be none" * 100)
    with (
        pytest.raises(UsageError, match="cannot be read: file is not a database"),
        opened_history(str(config), Reader) as reader,
    ):
        reader.endpoints()


def test_a_newer_history_is_reported(config: Path):
    with closing(sqlite3.connect(config.parent / "h.db")) as database:
        database.execute("PRAGMA user_version = 99")
    with pytest.raises(UsageError, match="version 99"), opened_history(str(config), Reader) as reader:
        reader.endpoints()


def test_output_goes_to_a_file_in_utf_8(tmp_path: Path):
    with opened_output(str(tmp_path / "o")) as out:
        out.write("Größe\n")
    assert (tmp_path / "o").read_bytes() == "Größe\n".encode()


def test_a_dash_is_standard_output(capsys: pytest.CaptureFixture[str]):
    with opened_output("-") as out:
        out.write("x\n")
    assert capsys.readouterr().out == "x\n"


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("nowhere/r.csv", "-o: cannot write nowhere/r.csv: No such file or directory"),
        (".", "-o: cannot write .: Is a directory"),
        ("", "-o: names no file"),
        ("/dev/full", "-o: cannot write /dev/full: No space left on device"),
    ],
)
def test_an_output_that_cannot_be_written_is_named(file: str, said: str):
    with pytest.raises(UsageError, match=f"^{re.escape(said)}$"), opened_output(file) as out:
        out.write("x" * 100_000)


def test_an_error_of_the_output_is_not_blamed_on_the_history(month: Path, tmp_path: Path):
    (tmp_path / "m.toml").write_text(f'[monitor]\nhistory = "{month}"\n')
    with (
        pytest.raises(UsageError, match="cannot write nowhere/x"),
        opened_history(str(tmp_path / "m.toml"), Reader),
        opened_output("nowhere/x"),
    ):
        pass
