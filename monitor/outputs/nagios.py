"""A status line with performance data, and the exit statuses of monitoring plugins.

OK 0, WARNING 1 (degraded), CRITICAL 2 (down, or with ``--strict`` degraded), UNKNOWN 3
(inconclusive). Down outweighs inconclusive, and inconclusive outweighs degraded.
"""

from __future__ import annotations

from typing import TextIO

from monitor.model import Endpoint, Result, Status
from monitor.outputs import Run

_OK, _WARNING, _CRITICAL, _UNKNOWN = range(4)
_WORDS = ("OK", "WARNING", "CRITICAL", "UNKNOWN")
_WEIGHT = (_OK, _WARNING, _UNKNOWN, _CRITICAL)
"""Statuses, from the least to the most important."""
_SERVICE = {
    Status.UP: _OK,
    Status.DEGRADED: _WARNING,
    Status.DOWN: _CRITICAL,
    Status.INCONCLUSIVE: _UNKNOWN,
}


def write(run: Run, out: TextIO) -> None:
    data = " ".join(filter(None, (_performance(endpoint, result) for endpoint, result in run.checks)))
    first = f"MONITOR {_WORDS[exit_status(run)]} - {_text(_summary(run))}"
    out.write(f"{first} | {data}\n" if data else f"{first}\n")
    out.writelines(
        f"{_WORDS[_status(run, result)]}: {_text(_line(endpoint, result))}\n"
        for endpoint, result in run.checks
    )


def exit_status(run: Run) -> int:
    """The worst plugin status of all."""
    return max((_status(run, result) for _, result in run.checks), key=_WEIGHT.index, default=_UNKNOWN)


def _status(run: Run, result: Result) -> int:
    if run.strict and result.status is Status.DEGRADED:
        return _CRITICAL
    return _SERVICE[result.status]


def _summary(run: Run) -> str:
    """The worst result in its own words, and the number of each status."""
    counts = ", ".join(f"{n} {status}" for status, n in run.counts.items() if n) or "nothing checked"
    worst = next((check for check in run.checks if _status(run, check[1]) == exit_status(run)), None)
    if worst is None or exit_status(run) == _OK:
        return counts
    return f"{counts}; {_line(*worst)}"


def _line(endpoint: Endpoint, result: Result) -> str:
    reason = f" [{result.reason}]" if result.reason else ""
    return f"{endpoint.name}: {result.message or result.status}{reason}"


def _text(text: str) -> str:
    return text.replace("|", "¦").replace("\n", " ")  # a bar begins the performance data


def _performance(endpoint: Endpoint, result: Result) -> str:
    if result.latency_ms is None:
        return ""
    label = endpoint.name.replace("'", "''").replace("=", "-").replace("|", "¦")
    return f"'{label}'={result.latency_ms / 1000:.6f}s;;;0"
