"""Detects words on the command line that are no targets, and hosts that do not speak HTTPS."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

from monitor.commands import COMMANDS, DEFAULT
from monitor.errors import UsageError
from monitor.text import plain

PATIENCE = 3.0
"""Seconds to wait for the resolver; without an answer, a word counts as a host."""
_ELSEWHERE: Mapping[str, str] = {
    "version": "monitor --version",
    "list": "monitor status",
    "start": "monitor daemon",
    "run": "monitor daemon",
    "watch": "monitor",
}
"""Our commands, by their names in other tools."""


def check_targets(targets: Iterable[str], *, watched: bool) -> None:
    """UsageError for a word that is a file, or (where it would be ``watched`` for ever) no host at all."""
    for target in filter(is_bare, targets):
        if os.path.isfile(target):  # noqa: PTH113 -- it may hold a NUL, which Path refuses
            raise UsageError(f"{plain(target)} is a file; did you mean -c {plain(target)}?")
        if watched and not set(target) & set(".:/[]") and not _resolves(target):
            raise UsageError(_no_command(target))


def is_bare(target: str) -> bool:
    """Whether ``target`` is a host, and no URL."""
    return "://" not in target and target.partition(":")[0] not in ("exec", "push")


def _no_command(word: str) -> str:
    commands = [name for name in COMMANDS if name != DEFAULT]
    near = get_close_matches(word, commands, n=1)
    meant = _ELSEWHERE.get(word.lower()) or (f"monitor {near[0]}" if near else "")
    hint = f"; did you mean {meant!r}?" if meant else "; see 'monitor --help'"
    return f"there is no command {plain(word)!r}, and no host of that name{hint}"


def _resolves(host: str) -> bool:
    """Whether the resolver knows ``host``; true if the resolver hangs."""
    unknown = threading.Event()

    def look_up() -> None:
        try:
            socket.getaddrinfo(host, None)
        except (OSError, UnicodeError, ValueError):
            unknown.set()

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    return not unknown.is_set()


def hints(targets: Sequence[str], failed: Iterable[str]) -> list[str]:
    """Advice for bare targets whose URLs are among those that ``failed`` to speak TLS."""
    urls = set(failed)
    bare = (target for target in targets if is_bare(target) and has_port(target))
    return [
        f"{plain(one)}: https:// is assumed; for plain HTTP, write http://{plain(one)}"
        for one in bare
        if f"https://{one}" in urls
    ]


def has_port(target: str) -> bool:
    """Whether a bare target names a port."""
    return target.partition("/")[0].rpartition(":")[2].isdecimal()
