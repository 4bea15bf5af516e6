"""Functions shared by the commands that read the history."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TextIO, TypeVar

from monitor.commands._arguments import add_select

if TYPE_CHECKING:
    from monitor.store.reader import Reader

R = TypeVar("R", bound="Reader")


class Window(NamedTuple):
    """The requested period, in seconds since the epoch."""

    since: float
    until: float
    now: float


def add_history_arguments(parser: ArgumentParser, since: str) -> None:
    """Add the arguments for the history, the period, the endpoints and the output."""
    parser.add_argument("-c", "--config", metavar="FILE", help="the config of the history")
    parser.add_argument(
        "--since",
        default=since,
        metavar="TIME",
        help="a duration before now, or an ISO 8601 time (local without an offset); default: %(default)s",
    )
    parser.add_argument("--until", metavar="TIME", help="the same; default: now")
    add_select(parser)
    parser.add_argument("-o", "--output", metavar="FILE", help="write to FILE instead of standard output")


def window(args: Namespace) -> Window:
    """The period from ``--since`` to ``--until``. Raises UsageError."""
    import time

    from monitor.errors import UsageError

    now = time.time()
    since = _moment("--since", args.since, now)
    until = now if args.until is None else min(_moment("--until", args.until, now), now)
    if since >= until:
        raise UsageError("--since must be before --until, and before now")
    return Window(since, until, now)


def _moment(option: str, text: str, now: float) -> float:
    from monitor.errors import UsageError
    from monitor.syntax.duration import parse_moment

    try:
        return parse_moment(text, now)
    except ValueError as error:
        raise UsageError(f"{option}: {error}") from None


def history_of(config: str | None) -> Path:
    """The file with the history of ``config``, or of the config that the search order finds."""
    from monitor.config import configured_history, find_config, refuse_unknown
    from monitor.config.history import existing_file

    file = find_config(config)
    found = configured_history(file) or existing_file(file)
    if not found.exists():
        refuse_unknown(file, "history")
    return found


@contextmanager
def opened_history(config: str | None, reader: type[R]) -> Iterator[R]:
    """The history of :func:`history_of`, read by this kind of reader. Raises UsageError."""
    from monitor.errors import UsageError
    from monitor.store.schema import UNREADABLE

    path = history_of(config)
    try:
        with _opened(path, reader) as opened:
            yield opened
    except UNREADABLE as error:
        raise UsageError(f"the history {path} cannot be read: {error}") from None


def _opened(path: Path, reader: type[R]) -> R:
    from monitor.errors import UsageError

    try:
        return reader(path)
    except FileNotFoundError:
        raise UsageError(
            f"there is no history yet: {path} does not exist (monitor daemon writes it)"
        ) from None


def refuse_empty(selected: Iterable[object], wanted: Sequence[str]) -> None:
    """Raise UsageError if expressions are ``wanted`` that select nothing in the history."""
    from monitor.errors import UsageError

    if wanted and not any(True for _ in selected):
        raise UsageError(f"nothing in the history is selected by {', '.join(wanted)}")


@contextmanager
def opened_output(file: str | None) -> Iterator[TextIO]:
    """``file``, or standard output without one or for ``-``. Raises UsageError if it cannot be written."""
    from monitor.errors import UsageError

    if file in (None, "-"):
        yield sys.stdout
        return
    try:
        with _created(file) as out:
            yield out
    except OSError as error:
        raise UsageError(f"-o: cannot write {file}: {error.strerror or error}") from None


def _created(file: str) -> TextIO:
    from monitor.config.find import given_path
    from monitor.errors import UsageError

    if not file:
        raise UsageError("-o: names no file")
    return given_path(file, "-o").open("w", encoding="utf-8", newline="")


@contextmanager
def progress_bar(doing: str, *, shown: bool) -> Iterator[Callable[[float], object]]:
    """A bar on standard error if ``shown``; the yielded function takes the share that is done, 0 to 1."""
    if not shown:
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(doing, total=1.0)
        yield lambda share: bar.update(task, completed=share)
