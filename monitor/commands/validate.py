"""`monitor validate`: all problems and warnings of config files at once."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitor.model import Alert

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
    for warning in (*config.warnings, *_unknown_services(file, config.alerts)):
        print(plain(str(warning), 1000), file=sys.stderr)
    count = len(config.endpoints)
    print(f"{plain(str(file), 1000)}: ok, {count} endpoint{'' if count == 1 else 's'}")
    return 0


def _unknown_services(file: Path, alerts: Iterable[Alert]) -> Iterator[str]:
    """Warnings for alerts whose URL Apprise cannot use; no other command waits for its plugins."""
    from monitor.alerts.channels import is_ours
    from monitor.redact import shown

    for alert in alerts:
        if not is_ours(str(alert.url)):
            from monitor.alerts.chat import is_known

            if not is_known(str(alert.url)):
                yield f"{file}: alert {shown(alert.name)!r}: warning: Apprise cannot use its url"
