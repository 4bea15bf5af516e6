"""The commands of the program. One module a command, one line a command in ``COMMANDS``.

Each module is a :class:`Command`, and light to import: a command imports its dependencies when
it runs.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from importlib import import_module
from typing import Protocol, cast

COMMANDS: Mapping[str, str] = {
    "dashboard": "monitor.commands.dashboard",
    "demo": "monitor.commands.demo",
    "check": "monitor.commands.check",
    "validate": "monitor.commands.validate",
    "init": "monitor.commands.init",
    "schema": "monitor.commands.schema",
    "daemon": "monitor.commands.daemon",
    "agent": "monitor.commands.agent",
    "attach": "monitor.commands.attach",
    "status": "monitor.commands.status",
    "ack": "monitor.commands.ack",
    "silence": "monitor.commands.silence",
    "report": "monitor.commands.report",
    "export": "monitor.commands.export",
    "import": "monitor.commands.import_",
    "doctor": "monitor.commands.doctor",
    "completion": "monitor.commands.completion",
    "complete": "monitor.commands.complete",
    "alert": "monitor.commands.alert",
    "replay": "monitor.commands.replay",
    "engine": "monitor.commands.engine",
    "notifier": "monitor.commands.notifier",
    "web": "monitor.commands.web",
}
"""Name -> module, in the order of the help."""

DEFAULT = "dashboard"
"""The command that runs if the user names no command."""


class Command(Protocol):
    """The shape of every module here."""

    NAME: str
    HELP: str
    """One line for the list of commands; empty for a command that is not for users."""

    def add_arguments(self, parser: ArgumentParser, /) -> None:
        """Add the options and arguments of the command."""

    def run(self, args: Namespace, /) -> int:
        """Run the command. Return the exit status. Raises UsageError and ConfigError."""


def command(name: str) -> Command:
    """The command of that name in :data:`COMMANDS`."""
    return cast(Command, import_module(COMMANDS[name]))
