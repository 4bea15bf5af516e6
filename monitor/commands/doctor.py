"""`monitor doctor`: find limits on this machine that impair monitoring."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitor.doctor import Finding
    from monitor.model import Config

NAME = "doctor"
HELP = "check this machine for limits and faults that impair checks"

Report = Sequence[tuple[str, "Finding"]]
_COLOURS = {"ok": "green", "warn": "yellow", "bad": "red"}


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "-c", "--config", metavar="FILE", help="the config to consider; default: the one that would be used"
    )
    parser.add_argument("--format", choices=["table", "json"], default="table", help="default: %(default)s")


def run(args: Namespace) -> int:
    from monitor.doctor import SUBJECTS, Level, examine

    config = _config(args.config)
    report = [(subject, finding) for subject in SUBJECTS for finding in examine(subject, config)]
    _print_json(report, config) if args.format == "json" else _print_table(report, config)
    return int(any(finding.level is Level.BAD for _, finding in report))


def _config(named: str | None) -> Config:
    """The config that would be used; an empty config if there is no file."""
    from monitor.config import find_config, load
    from monitor.errors import UsageError
    from monitor.model import Config

    try:
        file = find_config(named)
    except UsageError:
        if named:
            raise
        return Config()
    return load(file)


def _shown(text: str, config: Config) -> str:
    from monitor.text import plain

    return plain(config.redact(text), 500)


def _print_json(report: Report, config: Config) -> None:
    findings = [
        {
            "subject": subject,
            "level": finding.level.value,
            "text": _shown(finding.text, config),
            "remedy": _shown(finding.remedy, config) or None,
        }
        for subject, finding in report
    ]
    json.dump({"config": config.file or None, "findings": findings}, sys.stdout, indent=2, ensure_ascii=False)
    print()


def _print_table(report: Report, config: Config) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(soft_wrap=True, highlight=False)
    console.print(Text(f"config: {_shown(config.file, config) or 'none found'}"))
    for subject, finding in report:
        level = Text(f"{finding.level.value:<5}", _COLOURS[finding.level.value])
        console.print(level + Text(f"{subject + ':':<11} {_shown(finding.text, config)}"))
        if finding.remedy:
            console.print(Text(f"{'':17}→ {_shown(finding.remedy, config)}"))
