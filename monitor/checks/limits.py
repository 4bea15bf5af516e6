"""Limits of this machine: open files, concurrent checks, and the time of garbage collections."""

from __future__ import annotations

import gc
import sys

_RESERVED = 64
"""File descriptors reserved for everything but checks: standard streams, the loop, files, the link."""
_PER_CHECK = 2
"""File descriptors of a check: two addresses of a host are tried at the same time."""
_ENOUGH = 1 << 20
_UNKNOWN = 1024


def raise_open_files() -> int:
    """Raise the soft limit of open files to the hard one. Return the limit in force."""
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


def tune_collector() -> None:
    """Exempt all loaded objects from garbage collection, and collect rarely from now on.

    Checks create no cycles (see :class:`monitor.model.Record`), and a collection over 50,000 objects would
    delay checks by 30 ms. Loading leaves next to no garbage, so that there is nothing to collect first.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    gc.enable()  # the commands that start an engine disable it while they load


def checks_at_once(max_concurrency: int | None, open_files: int) -> int:
    """The limit of checks in flight: as configured, bounded by the file descriptors."""
    most = max((open_files - _RESERVED) // _PER_CHECK, 1)
    return most if max_concurrency is None else min(max_concurrency, most)
