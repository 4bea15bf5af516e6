"""The manual page is made from the commands' own texts, and is up to date."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from monitor.commands import COMMANDS, command

CONTRIB = Path(__file__).parent.parent / "contrib"


def test_the_page_is_up_to_date():
    made = subprocess.run(
        [sys.executable, str(CONTRIB / "make_man.py"), "--check"], capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stderr


def test_man_shows_every_command_and_has_nothing_to_complain_of(needs: Callable[[str], str]):
    shown = subprocess.run(
        [needs("groff"), "-man", "-Tutf8", "-ww", "-P-c", "-P-b", "-P-u", str(CONTRIB / "monitor.1")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert not shown.stderr, shown.stderr
    text = " ".join(shown.stdout.replace("‐", "-").replace("−", "-").split())
    for name in COMMANDS:
        if command(name).HELP and name != "dashboard":
            assert f"monitor {name}" in text
