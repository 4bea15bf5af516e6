"""The terminal, and what tmux needs."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.doctor import Level
from monitor.doctor import terminal as subject
from monitor.doctor.terminal import TMUX, colours, room, signs, tmux

COLOURS = {
    "all": ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, Level.OK, "all colours"),
    "256": ({"TERM": "xterm-256color"}, Level.OK, "256 colours"),
    "16": ({"TERM": "linux"}, Level.OK, "16 colours"),
    "none wanted": ({"TERM": "xterm", "NO_COLOR": "1"}, Level.OK, "nothing is coloured"),
    "dumb": ({"TERM": "dumb"}, Level.WARN, "no dashboard"),
    "none": ({}, Level.WARN, "not set"),
}


@pytest.mark.parametrize(("environ", "level", "text"), COLOURS.values(), ids=COLOURS)
def test_colours_are_reported(environ: dict[str, str], level: Level, text: str):
    finding = colours(environ)
    assert finding.level is level
    assert text in finding.text


def test_signs_need_utf_8():
    assert signs("UTF-8").level is Level.OK
    assert signs("ANSI_X3.4-1968").level is Level.WARN


def test_a_small_screen_is_a_warning():
    assert room(80, 24).level is Level.OK
    assert room(79, 24).level is Level.WARN


GOOD = {
    "default-terminal": "tmux-256color",
    "terminal-features": "xterm*:clipboard,*:RGB",
    "set-clipboard": "on",
    "focus-events": "on",
    "escape-time": "10",
}


def test_tmux_that_passes_everything_on_is_fine():
    assert tmux(GOOD).level is Level.OK


@pytest.mark.parametrize("name", TMUX)
def test_each_option_of_tmux_that_is_missing_has_its_line(name: str):
    finding = tmux({**GOOD, name: "500" if name == "escape-time" else "off"})
    assert finding.level is Level.WARN
    assert finding.remedy == f"in ~/.tmux.conf:  {TMUX[name][1]}"


def test_the_lines_satisfy_a_real_tmux(
    needs: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    conf, program = tmp_path / "tmux.conf", needs("tmux")
    conf.write_text("\n".join(line for _, line in TMUX.values()) + "\n")
    socket = str(tmp_path / "socket")
    subprocess.run([program, "-S", socket, "-f", str(conf), "new-session", "-d", "sleep 60"], check=True)
    try:
        monkeypatch.setenv("TMUX", f"{socket},1,0")
        assert tmux(subject._options()).level is Level.OK
    finally:
        subprocess.run([program, "-S", socket, "kill-server"], check=False)
