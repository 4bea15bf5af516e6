"""The completion scripts, run by the shells themselves."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from monitor.cli import main
from monitor.commands.completion import SCRIPTS

CONFIG = '[[endpoints]]\nname = "Shop front"\nurl = "https://shop.example"\ngroup = "shop"\n'
CASES = {
    "monitor imp": {"import"},
    "monitor check --strict --form": {"--format"},
    "monitor check --format j": {"json", "junit"},
    "monitor import u": {"uptime-kuma", "urls"},
    "monitor check --select group:": {"group:shop"},
    "monitor validate moni": {"monitor.toml"},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where there is a config and the program; nothing of the user's own."""
    (tmp_path / "monitor.toml").write_text(CONFIG)
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "monitor"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m monitor "$@"\n')
    program.chmod(0o755)
    return tmp_path


def environment(folder: Path) -> dict[str, str]:
    path = f"{folder / 'bin'}:{os.environ['PATH']}"
    return {
        "PATH": path,
        "HOME": str(folder),
        "TERM": "dumb",
        "XDG_CONFIG_HOME": str(folder),
        "LANG": "C.UTF-8",
    }


def run(folder: Path, *arguments: str) -> str:
    made = subprocess.run(
        arguments, capture_output=True, text=True, cwd=folder, env=environment(folder), check=True, timeout=30
    )
    return made.stdout


@pytest.mark.parametrize("shell", SCRIPTS)
def test_the_script_is_printed_and_has_no_errors(
    shell: str, folder: Path, needs: Callable[[str], str], capsys: pytest.CaptureFixture[str]
):
    assert main(["completion", shell]) == 0
    script = folder / "script"
    script.write_text(capsys.readouterr().out)
    run(folder, needs(shell), "-n", str(script))


@pytest.mark.parametrize(("line", "wanted"), CASES.items(), ids=CASES)
def test_bash_completes(line: str, wanted: set[str], folder: Path, needs: Callable[[str], str]):
    asked = (
        'eval "$(monitor completion bash)"; compopt() { :; };'
        f"COMP_LINE='{line}'; COMP_POINT=${{#COMP_LINE}}; _monitor_complete monitor;"
        " printf '%s\\n' \"${COMPREPLY[@]}\""
    )
    found = set(run(folder, needs("bash"), "--norc", "-c", asked).split())
    assert found == {word.removeprefix("group:") for word in wanted}  # bash counts from the colon on


@pytest.mark.parametrize(("line", "wanted"), CASES.items(), ids=CASES)
def test_fish_completes(line: str, wanted: set[str], folder: Path, needs: Callable[[str], str]):
    asked = f"monitor completion fish | source; complete -C '{line}'"
    offered = run(folder, needs("fish"), "--no-config", "-c", asked).splitlines()
    assert {one.partition("\t")[0] for one in offered} == wanted


@contextmanager
def terminal(folder: Path, *arguments: str) -> Iterator[Callable[[str, str], str]]:
    """A shell in a terminal: type something, and read until a pattern is there."""
    pid, descriptor = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.execve(arguments[0], list(arguments), environment(folder))

    def typed(text: str, pattern: str) -> str:
        os.write(descriptor, text.encode())
        seen, until = "", time.monotonic() + 20
        while not re.search(pattern, seen):
            assert time.monotonic() < until, f"{pattern!r} did not come: {seen!r}"
            if select.select([descriptor], [], [], 0.1)[0]:
                seen += os.read(descriptor, 4096).decode(errors="replace")
        return seen

    try:
        yield typed
    finally:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
        os.close(descriptor)


ZSH = {
    "monitor imp": r"monitor import",
    "monitor check --strict --form": r"--format",
    "monitor check --format j": r"json\s+junit|junit\s+json",
    "monitor check --select group:s": r"group:shop",
    "monitor validate moni": r"monitor\.toml",
}


@pytest.mark.parametrize(("line", "pattern"), ZSH.items(), ids=ZSH)
def test_zsh_completes(line: str, pattern: str, folder: Path, needs: Callable[[str], str]):
    with terminal(folder, needs("zsh"), "-f", "-i") as typed:
        typed(
            'autoload -Uz compinit; compinit -u; eval "$(monitor completion zsh)"; print rea""dy\n', "ready"
        )
        typed(f"{line}\t", pattern)


def test_a_name_with_blanks_is_quoted_by_bash(folder: Path, needs: Callable[[str], str]):
    assert shutil.which("monitor", path=str(folder / "bin"))
    asked = (
        'eval "$(monitor completion bash)"; compopt() { :; }; COMP_LINE="monitor ack S"; COMP_POINT=13;'
        " _monitor_complete monitor; printf '%s\\n' \"${COMPREPLY[@]}\""
    )
    assert run(folder, needs("bash"), "--norc", "-c", asked) == "Shop\\ front\n"
