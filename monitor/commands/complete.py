"""`monitor complete`: the words that may come next on the command line, for shells' completion scripts.

It reads the words so far from standard input, one a line, and prints commands, options, their values and
endpoints' names. The parsers of the commands are the only source, so that nothing can be forgotten. A
candidate may have a description; :data:`FILES` asks the shell to complete names of files.
"""

from __future__ import annotations

import argparse
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from monitor.commands import COMMANDS, DEFAULT, command

NAME = "complete"
HELP = ""

_LONGEST = 1 << 16
"""Limit in characters of the words so far."""
FILES = ":files"
"""Stands for file names, which the shell completes itself."""
_FILE_METAVARS = ("FILE", "PATH", "SOCKET")
_LARGEST = 1 << 20
"""Limit in bytes of a config to read names from: completion must be quick."""
_MOST_FILES = 50
_FIELDS = ("name:", "group:", "tag:", "type:")


def add_arguments(_parser: ArgumentParser) -> None:
    """Add nothing: the words come on standard input, because they may look like options."""


def run(_args: Namespace) -> int:
    words = sys.stdin.read(_LONGEST).removesuffix("\n").split("\n")
    for candidate in candidates(words):
        print(candidate)
    return 0


class Candidate(NamedTuple):
    """A word that may come next."""

    word: str
    help: str = ""

    def __str__(self) -> str:
        return f"{self.word}\t{self.help}"


def candidates(words: Sequence[str]) -> list[Candidate]:
    """Completions of the last of ``words``; the words before it are complete."""
    *before, current = words or [""]
    if not before and not current.startswith("-"):
        return _fitting(_commands(), current)
    known = bool(before) and before[0] in COMMANDS
    name, rest = (before[0], before[1:]) if known else (DEFAULT, before)
    option, equals, value = current.partition("=")
    actions = _actions(name)
    if equals and (action := _named(actions, option)):
        return [
            Candidate(f"{option}={one.word}", one.help)
            for one in _fitting(_values(action, rest, value), value)
        ]
    waiting, positional, used = _state(actions, rest)
    if waiting is not None:
        return _fitting(_values(waiting, rest, current), current)
    if current.startswith("-"):
        return _fitting(_options(actions, used), current)
    return [] if positional is None else _fitting(_values(positional, rest, current), current)


def _fitting(found: Iterator[Candidate], current: str) -> list[Candidate]:
    every = list(found)
    return [one for one in every if one.word.startswith(current) or one.word == FILES]


def _commands() -> Iterator[Candidate]:
    for name in COMMANDS:
        if name != DEFAULT and command(name).HELP:
            yield Candidate(name, command(name).HELP)


def _actions(name: str) -> list[Any]:
    parser = argparse.ArgumentParser()
    command(name).add_arguments(parser)
    return [one for one in parser._actions if one.help != argparse.SUPPRESS]  # noqa: SLF001 -- there is no other way


def _named(actions: Sequence[Any], option: str) -> Any:
    return next((one for one in actions if option in one.option_strings), None)


def _state(actions: Sequence[Any], words: Sequence[str]) -> tuple[Any, Any, set[str]]:
    """The option that waits for its value, the positional argument that comes next, the options used."""
    waiting, used, taken = None, set[str](), 0
    for word in words:
        if waiting is not None:
            waiting = None
        elif action := _named(actions, word.partition("=")[0]):
            used |= set(action.option_strings)
            waiting = action if action.nargs != 0 and "=" not in word else None
        elif not word.startswith("-"):
            taken += 1
    return waiting, _positional(actions, taken), used


def _positional(actions: Sequence[Any], taken: int) -> Any:
    """The argument that the next word without a dash belongs to."""
    for action in (one for one in actions if not one.option_strings):
        if action.nargs in ("*", "+") or not taken:
            return action
        taken -= 1
    return None


def _options(actions: Sequence[Any], used: set[str]) -> Iterator[Candidate]:
    for action in actions:
        again = isinstance(action, argparse._AppendAction)  # noqa: SLF001 -- the class has no public name
        for option in action.option_strings:
            if option.startswith("--") and (again or option not in used):
                yield Candidate(option, _help(action))


def _help(action: Any) -> str:
    return (action.help or "") % {"default": action.default, "prog": "monitor"}


def _values(action: Any, words: Sequence[str], current: str) -> Iterator[Candidate]:
    """The possible values of an option or an argument."""
    metavar = str(action.metavar or "")
    if action.choices:
        yield from map(Candidate, map(str, action.choices))
    elif metavar.startswith(_FILE_METAVARS):
        yield Candidate(FILES)
    elif metavar == "EXPR":
        yield from _expressions(words, current)
    elif metavar == "NAME":
        yield from (Candidate(name) for name, _, _ in _endpoints(words))


# ── endpoints of the config ─────────────────────────────────────────────────────────────────────


def _expressions(words: Sequence[str], current: str) -> Iterator[Candidate]:
    """Names, and the fields to select by; behind a field its values."""
    from monitor.probes import KINDS

    field = next((one for one in _FIELDS if current.startswith(one)), "")
    if field == "type:":
        found = list(KINDS)
    else:
        endpoints = list(_endpoints(words))
        columns = {
            "group:": [group for _, group, _ in endpoints],
            "tag:": [tag for *_, tags in endpoints for tag in tags],
        }
        found = columns.get(field, [name for name, _, _ in endpoints])
    yield from (Candidate(f"{field}{value}") for value in dict.fromkeys(found) if value)
    if not field:
        yield from map(Candidate, _FIELDS)


def _endpoints(words: Sequence[str]) -> Iterator[tuple[str, str, list[str]]]:
    """Name, group and tags of each endpoint in the config that would be used; empty if it is invalid."""
    from monitor.config.endpoints import default_name
    from monitor.config.find import find_config
    from monitor.errors import MonitorError

    try:
        tables = list(_tables(find_config(_config_of(words))))
    except (MonitorError, OSError):
        return
    for table in tables:
        name, url = table.get("name"), table.get("url")
        name = default_name(url) if name is None and isinstance(url, str) else name
        tags = table.get("tags")
        if isinstance(name, str) and _is_plain(name):
            found = [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []
            yield name, str(table.get("group") or ""), list(filter(_is_plain, found))


def _is_plain(text: str) -> bool:
    """Whether it can be completed: the value of ``${…}`` is unknown, and controls are excluded."""
    return text.isprintable() and "${" not in text


def _config_of(words: Sequence[str]) -> str | None:
    """The value of ``-c``."""
    for at, word in enumerate(words[:-1]):
        if word in ("-c", "--config"):
            return words[at + 1]
    return next((word.partition("=")[2] for word in words if word.startswith("--config=")), None)


def _tables(file: Path) -> Iterator[dict[str, Any]]:
    """The endpoints of a config and of its included files, within a limit that keeps this fast."""
    main = _parsed(file)
    patterns = main.get("include", [])
    included = (path for one in patterns if isinstance(one, str) for path in sorted(file.parent.glob(one)))
    for document in (main, *(_parsed(path) for path, _ in zip(included, range(_MOST_FILES), strict=False))):
        endpoints = document.get("endpoints")
        yield from (one for one in endpoints if isinstance(one, dict)) if isinstance(endpoints, list) else ()


def _parsed(file: Path) -> dict[str, Any]:
    import tomllib

    try:
        with file.open("rb") as opened:
            data = opened.read(_LARGEST + 1)
        return tomllib.loads(data.decode()) if len(data) <= _LARGEST else {}
    except (OSError, ValueError, RecursionError):
        return {}
