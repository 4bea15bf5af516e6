"""Makes the manual page from the commands' own texts: `python contrib/make_man.py [--check]`."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from monitor.commands import COMMANDS, DEFAULT, command

PAGE = Path(__file__).parent / "monitor.1"

_DESCRIPTION = (
    "monitor checks endpoints: web pages, ports, names, databases, certificates and more.",
    "It shows how they are in a live dashboard in the terminal, checks once for scripts, or is a daemon.",
    "Without a command it shows the dashboard for the TARGETs, or for the config that it finds.",
)
_SECTIONS = {
    "FILES": {
        "./monitor.toml": "The config, unless -c or MONITOR_CONFIG names another one.",
        "~/.config/monitor/monitor.toml": "The user's own ($XDG_CONFIG_HOME is respected).",
        "/etc/monitor/monitor.toml": "The machine's.",
    },
    "ENVIRONMENT": {
        "MONITOR_CONFIG": "The config to use.",
        "NO_COLOR": "If set, nothing is coloured.",
        "MONITOR_DEBUG": "If set, an internal error shows its traceback.",
    },
    "EXIT STATUS": {
        "0": "Nothing is down; the command did what it was asked for.",
        "1": "Something is down; the command did not succeed.",
        "2": "A usage or config error. The message is on standard error.",
        "130": "Interrupted.",
    },
}


def main() -> int:
    """Write the page, or hold it against the one that is there."""
    if sys.argv[1:] != ["--check"]:
        PAGE.write_text(page(), encoding="utf-8")
        return 0
    stale = not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != page()
    if stale:
        print(f"{PAGE.name} is stale; run: python contrib/make_man.py", file=sys.stderr)
    return int(stale)


def page() -> str:
    """The manual page in the man macros."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield '.TH MONITOR 1 "" "monitor" "User Commands"'
    yield from (".SH NAME", r"monitor \- watch endpoints from a terminal")
    yield from (".SH SYNOPSIS", ".B monitor", r"[\fICOMMAND\fR] [\fIOPTION\fR...] [\fIARGUMENT\fR...]")
    yield ".SH DESCRIPTION"
    yield "\n.PP\n".join(map(_escaped, _DESCRIPTION))
    yield ".SH COMMANDS"
    for name in COMMANDS:
        if name == DEFAULT or command(name).HELP:
            yield from _command(name)
    for title, items in _SECTIONS.items():
        yield f".SH {title}"
        for word, text in items.items():
            yield from (".TP", f".B {_escaped(word)}", _escaped(text))


def _command(name: str) -> Iterator[str]:
    parser = argparse.ArgumentParser(prog="monitor" if name == DEFAULT else f"monitor {name}", add_help=False)
    command(name).add_arguments(parser)
    usage = re.sub(r"\s+", " ", parser.format_usage()).removeprefix("usage: ").strip()
    text = command(name).HELP
    yield from (f".SS {_escaped(usage)}", _escaped(f"{text[:1].upper()}{text[1:].rstrip('.')}."))
    for action in parser._actions:  # noqa: SLF001 -- argparse has no public way to them
        if action.help != argparse.SUPPRESS:
            yield from (".TP", f".B {_escaped(_named(action))}", _escaped(_help(action)))


def _named(action: Any) -> str:
    value = action.metavar or ("|".join(map(str, action.choices)) if action.choices else action.dest.upper())
    if not action.option_strings:
        return str(value)
    options = ", ".join(action.option_strings)
    return options if action.nargs == 0 else f"{options} {value}"


def _help(action: Any) -> str:
    return (action.help or "") % {"default": action.default, "prog": "monitor"}


def _escaped(text: str) -> str:
    """``text`` as troff takes it literally."""
    text = text.replace("\\", r"\e").replace("-", r"\-").replace("…", "...").replace("–", r"\(en")
    return rf"\&{text}" if text.startswith((".", "'")) else text


if __name__ == "__main__":
    raise SystemExit(main())
