"""The names in ``/etc/hosts``, for which the system's resolver asks nobody else.

Other look-ups may block, and go through a thread. That costs 40 µs, and a busy event loop makes the thread
wait, so that the phase ``dns`` grows.
"""

from __future__ import annotations

import socket
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path

HOSTS = Path("/etc/hosts")
SWITCH = Path("/etc/nsswitch.conf")
"""The order in which glibc asks its sources (nsswitch.conf(5))."""
CACHE = Path("/run/nscd/socket")
"""The socket of nscd, which glibc would ask before any source."""
_LARGEST = 1 << 16
"""Bytes of the largest file that a look-up in the event loop may read."""
_FRESH = 1.0
"""Seconds between two looks for changes of the files."""

_Version = tuple[int, int, int]


class HostsFile:
    """Knows the names in the hosts file, if the resolver looks there first."""

    def __init__(
        self,
        hosts: Path = HOSTS,
        switch: Path = SWITCH,
        cache: Path = CACHE,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._hosts, self._switch, self._cache = hosts, switch, cache
        self._monotonic = monotonic
        self._looked = float("-inf")
        self._versions: tuple[_Version | None, ...] | None = None
        self._names: Mapping[int, Collection[str]] = {}
        """By address family; ``AF_UNSPEC`` has those of both."""

    def has(self, name: str, family: int) -> bool:
        """Whether the resolver finds an address of ``family`` for ``name`` in the file."""
        now = self._monotonic()
        if now - self._looked >= _FRESH:
            self._looked = now
            self._look()
        return name.lower() in self._names.get(family, ())

    def _look(self) -> None:
        versions = tuple(map(_version, (self._hosts, self._switch, self._cache)))
        if versions != self._versions:
            self._versions = versions
            self._names = self._read(versions)

    def _read(self, versions: tuple[_Version | None, ...]) -> Mapping[int, Collection[str]]:
        hosts, switch, cache = versions
        if not hosts or not switch or cache or max(hosts[2], switch[2]) > _LARGEST:
            return {}
        if not _files_first(_text(self._switch)):
            return {}
        names = defaultdict(set)
        for family, name in _entries(_text(self._hosts)):
            names[family].add(name)
            names[socket.AF_UNSPEC].add(name)
        return names


def _version(path: Path) -> _Version | None:
    """The inode, time of change and size of a file; None if there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _lines(text: str) -> Iterator[list[str]]:
    return (line.partition("#")[0].split() for line in text.splitlines())


def _files_first(switch: str) -> bool:
    """Whether ``files`` is the first source of hosts, and ends a look-up that it can answer."""
    for words in _lines(switch):
        name, _, sources = " ".join(words).partition(":")
        if name.strip() == "hosts":
            first, *rest = [*sources.split(), ""]
            return first == "files" and not rest[0].startswith("[")
    return False


def _entries(hosts: str) -> Iterator[tuple[int, str]]:
    """Address family and name of each entry."""
    for words in _lines(hosts):
        family = _family(words[0]) if words else None
        if family is not None:
            yield from ((family, name.lower()) for name in words[1:])


def _family(address: str) -> int | None:
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, address.partition("%")[0])
        except (OSError, ValueError):
            continue
        return family
    return None
