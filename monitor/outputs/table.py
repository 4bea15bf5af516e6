"""A table for people, on a terminal or in a log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TextIO

from monitor.judge.verdict import in_words
from monitor.model import Endpoint, Explanation, Result, Status
from monitor.outputs import Run, exit_status
from monitor.outputs.console import UNBOUNDED, printed
from monitor.syntax.duration import format_ms

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

__all__ = ["exit_status", "write"]

_STYLES = {
    Status.UP: "green",
    Status.DEGRADED: "yellow",
    Status.DOWN: "bold red",
    Status.INCONCLUSIVE: "magenta",
}
_MARKS = {Status.UP: "✔", Status.DEGRADED: "!", Status.DOWN: "✘", Status.INCONCLUSIVE: "?"}
_ASCII_MARKS = {Status.UP: "+", Status.DEGRADED: "!", Status.DOWN: "x", Status.INCONCLUSIVE: "?"}
_NAME_WIDTH = 26
"""Columns of a name on a terminal: a status, this and a latency leave half of 80 for the message."""


def write(run: Run, out: TextIO) -> None:
    printed(out, lambda console: _print(run, console, _marks(out)))


def _print(run: Run, console: Console, marks: dict[Status, str]) -> None:
    if run.checks:
        console.print(_table(run, console, marks))
        console.print()
    for endpoint, result in run.checks if run.explain else ():
        console.print("\n".join(_explained(endpoint, result)), end="\n\n", soft_wrap=True)
    console.print(_summary(run))


def _marks(out: TextIO) -> dict[Status, str]:
    try:
        "".join(_MARKS.values()).encode(out.encoding or "utf-8")
    except UnicodeEncodeError:
        return _ASCII_MARKS
    return _MARKS


def _table(run: Run, console: Console, marks: dict[Status, str]) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    bounded = console.width < UNBOUNDED
    table.add_column(no_wrap=True, overflow="ellipsis", max_width=_NAME_WIDTH if bounded else None)
    table.add_column(no_wrap=True, justify="right")
    table.add_column(overflow="fold")
    for endpoint, result in run.checks:
        table.add_row(
            Text(f"{marks[result.status]} {result.status}", _STYLES[result.status]),
            Text(endpoint.name),
            Text("" if result.latency_ms is None else format_ms(result.latency_ms)),
            Text("\n".join(_messages(result))),
        )
    return table


def _messages(result: Result) -> list[str]:
    reason = f" [{result.reason}]" if result.reason else ""
    return [result.message + reason, *map(in_words, result.failed[1:])]


def _summary(run: Run) -> str:
    counts = ", ".join(f"{count} {status}" for status, count in run.counts.items() if count)
    return f"{len(run.checks)} checked: {counts}" if counts else "0 checked"


# ── --explain ───────────────────────────────────────────────────────────────────────────────────


def _explained(endpoint: Endpoint, result: Result) -> Iterator[str]:
    yield f"{endpoint.name}  {endpoint.target}"
    if result.address:
        yield f"  address  {result.address}"
    if result.phases_ms:
        yield "  phases   " + ", ".join(f"{phase} {format_ms(ms)}" for phase, ms in result.phases_ms.items())
    if result.delayed_ms:
        yield f"  delayed  by up to {format_ms(result.delayed_ms)}: this machine was busy"
    for failed in result.failed:
        yield f"  {failed.severity:<7}  {in_words(failed)}"
    if result.certificate:
        yield f"  cert     {result.certificate.subject}, issued by {result.certificate.issuer}"
    if result.explanation:
        yield from _exchange(result.explanation)


def _exchange(explanation: Explanation) -> Iterator[str]:
    for hop in explanation.hops:
        yield f"  hop      {hop.asked} → {hop.answered}"
    yield from _block("tls", explanation.tls)
    yield from _block("asked", explanation.asked)
    for note in explanation.notes:
        yield f"  note     {note}"
    yield from _block("answer", explanation.answer)


def _block(label: str, text: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines()):
        yield f"  {'' if number else label:<7}  {line}"
