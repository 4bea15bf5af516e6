"""`monitor check`: every selected endpoint once, for scripts and CI."""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from monitor.commands._arguments import add_select, add_targets

if TYPE_CHECKING:
    from monitor.model import Config, Endpoint
    from monitor.outputs import Run

_T = TypeVar("_T")

NAME = "check"
HELP = "check every endpoint once and print the results; for scripts and CI"


def add_arguments(parser: ArgumentParser) -> None:
    from monitor.outputs import FORMATS

    add_targets(parser)
    add_select(parser)
    parser.add_argument("--format", choices=list(FORMATS), default="table", help="default: %(default)s")
    parser.add_argument("--strict", action="store_true", help="degraded counts as down")
    parser.add_argument(
        "--timeout", metavar="TIME", help="for each check, as in 3s; default: that of each endpoint"
    )
    parser.add_argument(
        "-q", "--quiet", action="store_true", help="print no results, only set the exit status"
    )
    parser.add_argument("--explain", action="store_true", help="include the request and the answer")


def run(args: Namespace) -> int:
    from monitor.outputs import output

    chosen = output(args.format)
    checked = _checked(_config(args), args)
    if not args.quiet:
        chosen.write(checked, sys.stdout)
    if not checked.checks:
        print("monitor: nothing to check: no endpoint is enabled", file=sys.stderr)
    _advise(args.targets, checked)
    return chosen.exit_status(checked)


def _advise(targets: Sequence[str], run: Run) -> None:
    """Note that https:// was assumed, if a server does not seem to speak it."""
    from monitor.commands._targets import hints
    from monitor.model import Reason

    no_tls = (Reason.TLS_ERROR, Reason.TLS_TIMEOUT)
    failed = [endpoint.target for endpoint, result in run.checks if result.reason in no_tls]
    for hint in hints(targets, failed):
        print(f"monitor: {hint}", file=sys.stderr)


def _config(args: Namespace) -> Config:
    from monitor.config import find_config, from_targets, load

    if not args.targets:
        return load(find_config(args.config))
    return from_targets(args.targets, defaults_from=Path(args.config) if args.config else None)


def _checked(config: Config, args: Namespace) -> Run:
    from monitor.checks import loop
    from monitor.outputs import Run
    from monitor.service.once import check_all
    from monitor.syntax.selection import select

    endpoints = _within(_enabled(select(config.endpoints, args.select), args.select), args.timeout)
    checked_at = time.time()
    results = loop.run(_unless_ended(check_all(endpoints, config.settings, config.redact)))
    shown = [_shown(endpoint, config.redact) for endpoint in endpoints]
    return Run(checked_at, tuple(zip(shown, results, strict=True)), strict=args.strict, explain=args.explain)


async def _unless_ended(checks: Coroutine[Any, Any, _T]) -> _T:
    """Run ``checks``, and cancel them on SIGTERM and SIGHUP, so that no command of theirs stays behind."""
    import asyncio
    import signal

    received: list[int] = []
    this = asyncio.current_task()

    def end(number: int) -> None:
        received.append(number)
        if this is not None:
            this.cancel()

    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:  # nohup ignores SIGHUP
            asyncio.get_running_loop().add_signal_handler(number, end, number)
    try:
        return await checks
    except asyncio.CancelledError:
        if received:
            raise SystemExit(128 + received[0]) from None  # as in shells
        raise


def _enabled(selected: Sequence[Endpoint], wanted: Sequence[str]) -> list[Endpoint]:
    """The enabled endpoints; UsageError if only disabled ones are selected."""
    from monitor.errors import UsageError
    from monitor.text import plain

    enabled = [endpoint for endpoint in selected if endpoint.enabled]
    if wanted and not enabled:
        names = ", ".join(plain(endpoint.name) for endpoint in selected[:5])
        raise UsageError(f"nothing that is selected is enabled: {names}{' …' * (len(selected) > 5)}")
    return enabled


def _within(endpoints: list[Endpoint], timeout: str | None) -> list[Endpoint]:
    """``endpoints`` with another timeout, if one is given."""
    if timeout is None:
        return endpoints
    from dataclasses import replace

    from monitor.errors import UsageError
    from monitor.syntax.duration import parse_duration

    try:
        seconds = parse_duration(timeout)
    except ValueError as error:
        raise UsageError(f"--timeout: {error}") from None
    if seconds <= 0:
        raise UsageError("--timeout: must be more than 0")
    return [replace(endpoint, timeout=seconds) for endpoint in endpoints]


def _shown(endpoint: Endpoint, redact: Callable[[str], str]) -> Endpoint:
    """``endpoint`` with texts fit to be shown."""
    from dataclasses import replace

    from monitor.text import plain

    return replace(
        endpoint,
        name=plain(redact(endpoint.name)),
        group=None if endpoint.group is None else plain(redact(endpoint.group)),
        tags=tuple(plain(redact(tag)) for tag in endpoint.tags),
    )
