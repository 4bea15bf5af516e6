"""The limit on open files, which limits concurrent checks."""

from __future__ import annotations

from collections.abc import Iterable

from monitor.checks.limits import checks_at_once, raise_open_files
from monitor.doctor import Finding, Level
from monitor.model import Config

_REMEDY = "raise it: 'ulimit -Hn 65536' in the shell, LimitNOFILE=65536 in a systemd unit"


def examine(config: Config) -> Iterable[Finding]:
    endpoints = sum(endpoint.enabled for endpoint in config.endpoints)
    needed = at_the_same_time(config)
    limit = raise_open_files()
    yield judged(endpoints, needed, limit, checks_at_once(config.settings.max_concurrency, limit))


def at_the_same_time(config: Config) -> float:
    """Checks in flight if every check took its whole timeout."""
    return sum(min(one.timeout / one.interval, 1.0) for one in config.endpoints if one.enabled)


def judged(endpoints: int, needed: float, limit: int, most: int) -> Finding:
    """Judge a limit for a number of endpoints."""
    has = f"the config has {endpoints:,} endpoint{'s' * (endpoints != 1)}"
    text = f"{limit:,} open files allow {most:,} checks at once; {has}"
    if most >= endpoints:
        return Finding(Level.OK, text)
    if most >= needed:
        return Finding(Level.WARN, f"{text}: when all of them start together, some wait", _REMEDY)
    return Finding(Level.BAD, f"{text}: in an outage, checks that time out make others late", _REMEDY)
