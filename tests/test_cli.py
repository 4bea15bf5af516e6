"""The command line as a whole: commands, their names, exit statuses."""

import os
import subprocess
import sys
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from monitor import __version__, commands
from monitor.cli import main
from monitor.errors import ConfigError, UsageError
from monitor.model import Problem


@pytest.fixture
def pretend(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Namespace], int]], None]:
    """Put a function in the place of the command that runs without a name."""

    def put(run: Callable[[Namespace], int]) -> None:
        module = ModuleType("pretended")
        module.__dict__.update(NAME="dashboard", HELP="watch", run=run)
        module.__dict__["add_arguments"] = lambda parser: parser.add_argument("targets", nargs="*")
        monkeypatch.setitem(sys.modules, "pretended", module)
        monkeypatch.setattr(commands, "COMMANDS", {**commands.COMMANDS, "dashboard": "pretended"})

    return put


def failing(error: BaseException) -> Callable[[Namespace], int]:
    def run(args: Namespace) -> int:
        raise error

    return run


@pytest.mark.parametrize("option", ["--version", "-V"])
def test_the_version_is_reported(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([option]) == 0
    assert capsys.readouterr().out == f"monitor {__version__}\n"


def test_the_version_needs_nothing_heavy() -> None:
    program = "import sys; from monitor.cli import main; main(['--version']); print(*sorted(sys.modules))"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    heavy = {
        "asyncio",
        "httpx",
        "rich",
        "textual",
        "msgspec",
        "importlib.metadata",
        "argparse",
        "dataclasses",
    }
    assert not heavy & set(ended.stdout.split())


def test_words_that_are_no_command_are_targets(pretend: Callable[..., None]) -> None:
    seen: list[list[str]] = []

    def run(args: Namespace) -> int:
        seen.append(args.targets)
        return 7

    pretend(run)
    assert main(["https://example.com", "db:5432", "localhost"]) == 7
    assert main([]) == 7
    assert main(["chekc.example.com"]) == 7
    assert seen == [["https://example.com", "db:5432", "localhost"], [], ["chekc.example.com"]]


def test_words_after_two_dashes_are_no_options(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["init", "--", "--mine.toml"]) == 0
    assert (tmp_path / "--mine.toml").exists()
    assert main(["validate", "--", "--mine.toml"]) == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["chekc"], "did you mean 'check'"),
        (["deamon"], "did you mean 'daemon'"),
        (["-c", "x.toml", "check"], "the command comes first: monitor check"),
        (["check", "--fromat", "json"], "unrecognized arguments: --fromat"),
        (["check", "--format", "xml"], "invalid choice: 'xml'"),
        (["check", "--form", "json"], "unrecognized arguments"),
        (["init", "a", "b"], "unrecognized arguments: b"),
        (["schema", "\x1b[2J"], "␛[2J"),
    ],
)
def test_a_wrong_command_line_is_2_with_a_message(
    arguments: list[str], told: str, pretend: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    pretend(failing(AssertionError("the dashboard was started")))
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert told in said.err
    assert said.err.startswith("monitor: ")
    assert said.out == ""


@pytest.mark.parametrize(
    ("error", "status", "told"),
    [
        (UsageError("no such thing"), 2, "monitor: no such thing\n"),
        (
            ConfigError([Problem("a.toml", 3, "timeout", "bad"), Problem("a.toml", 9, "url", "worse")]),
            2,
            "a.toml:3: timeout: bad\na.toml:9: url: worse\n",
        ),
        (OSError(28, "No space left on device"), 2, "monitor: No space left on device\n"),
        (OSError(2, "No such file or directory", "x"), 2, "monitor: x: No such file or directory\n"),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_every_error_has_its_status_and_never_a_traceback(
    error: BaseException,
    status: int,
    told: str,
    pretend: Callable[..., None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    pretend(failing(error))
    assert main([]) == status
    assert capsys.readouterr().err == told


def test_an_unexpected_error_is_told_with_its_place_and_no_words_that_may_be_secret(
    pretend: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    pretend(failing(ValueError("hunter2")))
    assert main([]) == 2
    said = capsys.readouterr().err
    assert said.startswith("monitor: internal error: ValueError at test_cli.py:")
    assert "hunter2" not in said


@pytest.mark.parametrize("arguments", [["--help"], ["-h"]])
def test_the_help_lists_what_users_can_do(
    arguments: list[str], pretend: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    pretend(failing(AssertionError("started")))
    assert main(arguments) == 0
    said = capsys.readouterr().out
    listed = {line.split()[0] for line in said.splitlines() if line.startswith("  ")}
    assert listed >= {"check", "validate", "init", "schema", "demo", "-V,"}
    assert "engine" not in listed


@pytest.mark.parametrize("name", ["check", "validate", "init", "schema"])
def test_every_command_has_the_one_shape_and_its_own_help(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    module = commands.command(name)
    assert name == module.NAME
    assert module.HELP[0].islower()
    assert main([name, "--help"]) == 0
    assert f"usage: monitor {name}" in capsys.readouterr().out


def test_a_closed_output_changes_nothing_but_the_output() -> None:
    command = 'exec "$0" -m monitor check exec:true >&-'
    ended = subprocess.run(["sh", "-c", command, sys.executable], stderr=subprocess.PIPE, check=False)
    assert (ended.returncode, ended.stderr) == (0, b"")


def test_a_reader_that_goes_away_is_no_news() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    program = [sys.executable, "-m", "monitor", "check", "--help"]
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with os.fdopen(writing, "w") as out:
        ended = subprocess.run(program, stdout=out, stderr=subprocess.PIPE, env=buffered, check=False)
    assert ended.stderr == b""
    assert ended.returncode == 141
