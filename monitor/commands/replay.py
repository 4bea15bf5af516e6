"""`monitor replay`: the messages that this config's rules would have sent for the stored results."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any

from monitor.commands._history import add_history_arguments, opened_history, progress_bar, window

if TYPE_CHECKING:
    from monitor.model import Config
    from monitor.store.reader import Reader
    from monitor.store.replaying import Replay
    from monitor.store.suggesting import Suggestion

_TOLERANCE = 3600.0
"""Seconds of the window that may be without results before the command says so."""

NAME = "replay"
HELP = "show the messages that this config would have sent for stored results"


def add_arguments(parser: ArgumentParser) -> None:
    add_history_arguments(parser, since="7d")
    parser.add_argument("--format", choices=("table", "json"), default="table", help="default: %(default)s")


def run(args: Namespace) -> int:
    from dataclasses import replace

    from monitor.config import find_config, load
    from monitor.errors import UsageError
    from monitor.store.past_marks import MarkReader
    from monitor.store.replaying import replay
    from monitor.store.suggesting import suggestions
    from monitor.syntax.duration import iso_time
    from monitor.syntax.selection import select

    config = load(find_config(args.config))
    if not config.alerts:
        raise UsageError("there are no [[alerts]] in the config: no rule sends anything")
    if args.select:
        config = replace(config, endpoints=select(config.endpoints, args.select))
    since, until, _ = window(args)
    with opened_history(args.config, MarkReader) as reader:
        with progress_bar("replaying", shown=sys.stderr.isatty()) as progress:
            outcome = replay(config, reader, since, until, progress)
        better = suggestions(config, reader, since, until, outcome)
        sent = reader.sent_messages(since, until)
        oldest = _oldest(config, reader)
    document = _document(config, outcome, better, sent, since, until)
    _write(args, document)
    if oldest is not None and oldest > since + _TOLERANCE:
        print(f"the history has results from {iso_time(oldest)} on", file=sys.stderr)
    return 0


def _oldest(config: Config, reader: Reader) -> float | None:
    """The time of the oldest stored result of the config's endpoints."""
    ids = {endpoint.id for endpoint in config.endpoints}
    found = (reader.first_check(one) for one in reader.endpoints() if one.id in ids)
    return min((at for at in found if at is not None), default=None)


def _document(
    config: Config,
    outcome: Replay,
    better: list[Suggestion],
    sent: dict[str, int],
    since: float,
    until: float,
) -> dict[str, Any]:
    from dataclasses import asdict

    from monitor.judge.alerting.wording import write
    from monitor.redact import shown
    from monitor.syntax.duration import iso_time

    endpoints = {endpoint.id: endpoint for endpoint in config.endpoints}
    alerts = []
    for alert in config.alerts:
        own = [message for message in outcome.messages if message.alert == alert.name]
        messages = [
            {
                "at": iso_time(message.at),
                "kind": message.kind.value,
                "endpoints": [shown(endpoints[entry.endpoint].name) for entry in message.entries],
                "text": write(message, alert, endpoints, config.redact)[1],
            }
            for message in own
        ]
        alerts.append({"alert": shown(alert.name), "count": len(messages), "messages": messages})
    return {
        "since": iso_time(since),
        "until": iso_time(until),
        "alerts": alerts,
        "sent": [{"alert": alert, "count": count} for alert, count in sorted(sent.items())],
        "suggestions": [{**asdict(one), "endpoint": shown(one.endpoint)} for one in better],
    }


def _write(args: Namespace, document: dict[str, Any]) -> None:
    from monitor.commands._history import opened_output
    from monitor.outputs.documents import write_document

    with opened_output(args.output) as out:
        if args.format == "json":
            write_document(document, out)
        else:
            print(_table(document), file=out)
    if not any(alert["count"] for alert in document["alerts"]):
        print("no message would have been sent in this time", file=sys.stderr)


def _table(document: dict[str, Any]) -> str:
    from monitor.text import plain

    sent = {one["alert"]: one["count"] for one in document["sent"]}
    lines = [f"{document['since']} to {document['until']}", ""]
    for alert in document["alerts"]:
        name, count = plain(alert["alert"], 40), alert["count"]
        really = sent.get(alert["alert"], 0)
        lines.append(f"{name}: {count} message{'s'[: count != 1]} by this config; {really} were sent")
        lines += [
            f"  {one['at']}  {one['kind']:<11}  {plain(one['text'].replace(chr(10), '; '), 160)}"
            for one in alert["messages"]
        ]
    lines += ["", *map(_suggestion, document["suggestions"])] if document["suggestions"] else []
    return "\n".join(lines)


def _suggestion(one: dict[str, Any]) -> str:
    value = f'"{one["value"]}"' if isinstance(one["value"], str) else one["value"]
    missed = f"{one['missed']} missed" if one["missed"] else "none missed"
    news = "recoveries" if one["key"] == "up_after" else "outages"
    return (
        f"{one['key']} = {value} on {one['endpoint']!r}: {one['messages_after']} instead of"
        f" {one['messages_before']} messages, {news} reported {round(one['delay_s'], 1):g} s later, {missed}"
    )
