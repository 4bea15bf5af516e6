"""How much of this machine we may use at once."""

from __future__ import annotations

import gc
import sys

_RESERVED = 64
"""File descriptors for everything that is not a check: standard streams, the loop, files, a link."""
_PER_CHECK = 2
"""File descriptors that a check may hold: two addresses of a host are tried beside each other."""
_ENOUGH = 1 << 20
_UNKNOWN = 1024


def raise_open_files() -> int:
    """Raise the soft limit on open files to the hard one; the limit that is then in force."""
    if sys.platform == "win32":
        return _UNKNOWN
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _ENOUGH if hard == resource.RLIM_INFINITY else hard
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return _bounded(soft)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (OSError, ValueError):  # macOS refuses more than its kernel's own limit
        return _bounded(soft)
    return _bounded(wanted)


def _bounded(limit: int) -> int:
    return _ENOUGH if limit < 0 else min(limit, _ENOUGH)


def collect_seldom() -> None:
    """Exempt all present objects, later thousands of endpoints, from collection: a scan takes 50 ms."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def checks_at_once(max_concurrency: int | None, open_files: int) -> int:
    """How many checks may be in flight: as configured, and never more than there are descriptors for."""
    most = max((open_files - _RESERVED) // _PER_CHECK, 1)
    return most if max_concurrency is None else min(max_concurrency, most)
