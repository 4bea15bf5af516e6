"""`monitor complete`: called by shells' completion scripts. Reads words from standard input, one a line."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

NAME = "complete"
HELP = ""

_LARGEST = 1 << 16


def add_arguments(_parser: ArgumentParser) -> None:
    """Add nothing: the words come on standard input, because they may look like options."""


def run(_args: Namespace) -> int:
    from monitor.commands._candidates import candidates

    words = sys.stdin.read(_LARGEST).removesuffix("\n").split("\n")
    for candidate in candidates(words):
        print(candidate)
    return 0
