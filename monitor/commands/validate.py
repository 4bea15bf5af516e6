"""`monitor validate`: all problems and warnings of config files at once."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

NAME = "validate"
HELP = "list every problem of config files, each with its line"

_INVALID = 2


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "files", nargs="*", metavar="FILE", help="config files; default: the one that would be used"
    )


def run(args: Namespace) -> int:
    from monitor.config import find_config

    files = [Path(file) for file in args.files] or [find_config(None)]
    return max([_validate(file) for file in files])


def _validate(file: Path) -> int:
    from monitor.config import load
    from monitor.errors import ConfigError
    from monitor.text import plain

    try:
        config = load(file)
    except ConfigError as error:
        for problem in error.problems:
            print(plain(str(problem), 1000), file=sys.stderr)
        return _INVALID
    for warning in config.warnings:
        print(plain(str(warning), 1000), file=sys.stderr)
    count = len(config.endpoints)
    print(f"{plain(str(file), 1000)}: ok, {count} endpoint{'' if count == 1 else 's'}")
    return 0
