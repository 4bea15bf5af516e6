"""`monitor alert test`: a message marked as a test through each alert's real path."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitor.alerts.delivery import Delivery, Outcome
    from monitor.model import Alert, Config

NAME = "alert"
HELP = "send a test message through the alerts of the config"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("action", choices=["test"], help="the action")
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these alerts")
    parser.add_argument("-c", "--config", metavar="FILE", help="config file")


def run(args: Namespace) -> int:
    import asyncio

    from monitor.config import find_config, load

    config = load(find_config(args.config))
    alerts = _chosen(config, args.names)
    outcomes = asyncio.run(_send(config, alerts))
    for alert, outcome in zip(alerts, outcomes, strict=True):
        if outcome.error:
            print(f"{alert.name}: not delivered: {config.redact(outcome.error)}", file=sys.stderr)
        else:
            print(f"{alert.name}: delivered")
    return 1 if any(outcome.error for outcome in outcomes) else 0


def _chosen(config: Config, names: list[str]) -> list[Alert]:
    from monitor.errors import UsageError

    known = {alert.name: alert for alert in config.alerts}
    if not known:
        raise UsageError("there are no [[alerts]] in the config")
    unknown = [name for name in names if name not in known]
    if unknown:
        raise UsageError(f"there is no alert named {', '.join(unknown)}; there is {', '.join(known)}")
    return [known[name] for name in names] if names else list(known.values())


async def _send(config: Config, alerts: list[Alert]) -> list[Outcome]:
    import asyncio
    import time

    from monitor.alerts.notifier import deliver

    at = time.time()
    return await asyncio.gather(*(deliver(_delivery(config, alert, at)) for alert in alerts))


def _delivery(config: Config, alert: Alert, at: float) -> Delivery:
    from uuid import uuid4

    import msgspec

    from monitor.alerts.delivery import Delivery
    from monitor.alerts.services import listed_endpoints
    from monitor.judge.alerting.wording import write
    from monitor.model import Kind, Message
    from monitor.syntax.duration import iso_time

    message = Message(id=f"test-{uuid4().hex}", alert=alert.name, kind=Kind.TEST, at=at, entries=())
    title, text = write(message, alert, {}, config.redact, listed=listed_endpoints(str(alert.url)))
    document = {
        "version": 1,
        "id": message.id,
        "kind": "test",
        "at": iso_time(at),
        "alert": alert.name,
        "title": title,
        "text": text,
        "endpoints": [],
        "incidents": [],
        "cause": None,
    }
    return Delivery(
        id=message.id,
        message=message.id,
        url=str(alert.url),
        secret=str(alert.secret),
        kind="test",
        at=at,
        title=title,
        text=text,
        body=msgspec.json.encode(document),
    )
