"""The name servers of this machine, as messages name them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from monitor.model import Config
from monitor.text import plain

_FILE = Path("/etc/resolv.conf")
_ASKED = 3
"""Further servers are ignored (resolv.conf(5))."""
_LARGEST = 64 * 1024
_UNKNOWN = "of this machine"


def resolver_of(config: Config, file: Path = _FILE) -> str:
    """``10.0.0.2, 10.0.0.3``; empty in a cluster, because each location has its own."""
    if config.cluster:
        return ""
    return ", ".join(list(_servers(file))[:_ASKED]) or _UNKNOWN


def _servers(file: Path) -> Iterator[str]:
    try:
        with file.open(errors="replace") as lines:
            text = lines.read(_LARGEST)
    except OSError:
        return
    for line in text.splitlines():
        match line.split():
            case ["nameserver", address, *_]:
                yield plain(address, 60)
