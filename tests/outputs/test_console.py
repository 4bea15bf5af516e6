"""Rich output that fits where it goes."""

from __future__ import annotations

import io
import os
import pty

import pytest

from monitor.outputs.console import UNBOUNDED, printed


def test_a_pipe_gets_no_escape_codes_and_nothing_is_cut(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    out = io.StringIO()
    printed(out, lambda console: console.print("x" * 3000, style="red"))
    assert out.getvalue() == "x" * 3000 + "\n"


def test_lines_end_without_blanks():
    out = io.StringIO()
    printed(out, lambda console: console.print("a   \n\nb  "))
    assert out.getvalue() == "a\n\nb\n"


@pytest.mark.parametrize("no_color", ["", "1"])
def test_a_terminal_gets_its_width_and_colours_unless_they_are_unwanted(
    no_color: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("NO_COLOR", no_color)
    monkeypatch.setenv("TERM", "xterm")
    widths = []
    master, slave = pty.openpty()
    with os.fdopen(slave, "w") as out:
        printed(out, lambda console: widths.append(console.width) or console.print("hello", style="red"))
        out.flush()
        assert (b"\x1b[" in os.read(master, 1000)) == (not no_color)
    os.close(master)
    assert widths[0] < UNBOUNDED
