"""The program's command line, for tests that start a process."""

from __future__ import annotations

import sys


def monitor(*arguments: str) -> list[str]:
    """The words of a command that runs ``monitor`` with these arguments."""
    return [sys.executable, "-P", "-m", "monitor", *arguments]
