"""The command line: the command, its arguments, and the exit status.

2 is a usage or config error, 130 an interrupt; each command defines the others.
Nothing heavy is imported here, so that `monitor --version` is instant.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from monitor.commands import Command

USAGE_ERROR = 2
INTERRUPTED = 130
"""128 + SIGINT, as in shells."""
BROKEN_PIPE = 141
"""128 + SIGPIPE."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line. Return the exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    _tolerate()
    try:
        status = _run(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _silence_stdout()
        return BROKEN_PIPE
    except Exception as error:  # noqa: BLE001 -- a user is never shown a traceback
        return _complain(error)
    return status


def _version() -> int:
    from monitor import __version__

    print(f"monitor {__version__}")
    return 0


def _tolerate() -> None:
    """Replace unencodable characters by question marks, and a closed output by the null device."""
    if sys.stdout is None:  # closed by the parent process
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 -- until the process ends
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def _run(arguments: list[str]) -> int:
    if arguments[:1] in (["-V"], ["--version"]):
        return _version()
    from monitor.commands import command

    if arguments[:1] in (["-h"], ["--help"], ["help"]):
        return _help()
    name, rest = _command(arguments)
    chosen = command(name)
    try:
        args = _parse(name, chosen, rest)
    except SystemExit:  # argparse, after it printed the help
        return 0
    _check_targets(name, args)
    return chosen.run(args)


def _check_targets(name: str, args: Namespace) -> None:
    """Refuse words that are no targets, for the commands that take targets."""
    from monitor.commands import DEFAULT

    if name in (DEFAULT, "check") and args.targets:
        from monitor.commands._targets import check_targets

        check_targets(args.targets, watched=name == DEFAULT)


def _command(arguments: list[str]) -> tuple[str, list[str]]:
    """The command, and the rest of the arguments for it."""
    from monitor.commands import COMMANDS, DEFAULT

    first = arguments[0] if arguments else ""
    if first in COMMANDS:
        return first, arguments[1:]
    _refuse(first, arguments)
    return DEFAULT, arguments


def _refuse(first: str, arguments: list[str]) -> None:
    """Refuse a word that would become a target, but is probably none."""
    from difflib import get_close_matches

    from monitor.commands import COMMANDS
    from monitor.errors import UsageError

    misplaced = next((word for word in arguments if word in COMMANDS), None)
    if misplaced and first.startswith("-"):
        raise UsageError(f"the command comes first: monitor {misplaced} {first} …")
    near = get_close_matches(first, list(COMMANDS), n=1, cutoff=0.7)
    if near and not set(first) & set(".:/"):
        raise UsageError(
            f"there is no command {first!r}; did you mean {near[0]!r}? (For a host of that name: https://{first})"
        )


def _help() -> int:
    from monitor.commands import COMMANDS, DEFAULT, command

    parser = _parser(DEFAULT)
    command(DEFAULT).add_arguments(parser)
    listed = {name: command(name).HELP for name in COMMANDS if name != DEFAULT}
    lines = [f"  {name:<10} {help}" for name, help in listed.items() if help]
    print(parser.format_help(), "commands:", *lines, sep="\n")
    print("\n  -V, --version  show the version\n\n'monitor COMMAND --help' describes each command.")
    return 0


def _parser(name: str) -> ArgumentParser:
    from argparse import ArgumentParser

    from monitor.commands import DEFAULT, command
    from monitor.errors import UsageError

    class Parser(ArgumentParser):
        def error(self, message: str) -> NoReturn:
            raise UsageError(f"{message} (see '{self.prog} --help')")

    program = "monitor" if name == DEFAULT else f"monitor {name}"
    return Parser(prog=program, description=command(name).HELP, allow_abbrev=False)


def _parse(name: str, chosen: Command, rest: list[str]) -> Namespace:
    parser = _parser(name)
    chosen.add_arguments(parser)
    # Intermixed, argparse forgets that words after `--` are no options.
    return parser.parse_args(rest) if "--" in rest else parser.parse_intermixed_args(rest)


def _silence_stdout() -> None:
    """Redirect the interpreter's own flush at its end to the null device, so that it reports no error."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _complain(error: Exception) -> int:
    from monitor.errors import ConfigError, MonitorError, crash
    from monitor.text import plain, plain_line

    if os.environ.get("MONITOR_DEBUG"):
        raise error
    if isinstance(error, ConfigError):
        lines = [plain(str(problem), 1000) for problem in error.problems]
    elif isinstance(error, MonitorError | OSError):
        first, *more = _sentence(error).splitlines() or [type(error).__name__]
        lines = [f"monitor: {plain(first, 2000)}", *(plain_line(line, 2000) for line in more)]
    else:
        lines = [f"monitor: internal error: {plain(crash(error))}; MONITOR_DEBUG=1 shows all of it"]
    print(*lines, sep="\n", file=sys.stderr)
    return USAGE_ERROR


def _sentence(error: Exception) -> str:
    """The error's text; that of the system without its number."""
    if not isinstance(error, OSError) or not error.strerror:
        return str(error)
    return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
