"""`monitor status`: print the current state of every endpoint in a running daemon."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from monitor.commands._arguments import add_select
from monitor.commands._attached import add_daemon_arguments, ask

if TYPE_CHECKING:
    from monitor.link.client import Client
    from monitor.link.picture import Picture
    from monitor.link.state_json import Json

NAME = "status"
HELP = "print the current state of every endpoint in a running daemon"

_SOMETHING_IS_DOWN = 1


def add_arguments(parser: ArgumentParser) -> None:
    add_daemon_arguments(parser)
    add_select(parser)
    parser.add_argument("--format", choices=("table", "json"), default="table", help="default: %(default)s")


def run(args: Namespace) -> int:
    from monitor.outputs.documents import write_document

    async def talk(client: Client, picture: Picture) -> Json:
        return await _document(client, picture, args.select)

    document = ask(args, talk)
    if args.format == "json":
        write_document(document, sys.stdout)
    else:
        _print_table(document)
    return _SOMETHING_IS_DOWN if document["summary"]["down"] else 0


async def _document(client: Client, picture: Picture, wanted: list[str]) -> Json:
    from monitor.errors import UsageError
    from monitor.link.state_json import endpoint_states, status_document
    from monitor.syntax.selection import compile_selection

    selects = compile_selection(wanted)
    certificates = {one.handle: one for one in await client.certificates()}
    counts = await client.counts(uptimes=True)
    states = endpoint_states(picture, selects, counts, certificates)
    if wanted and not states:
        raise UsageError(f"nothing is selected by {', '.join(wanted)}")
    return status_document(states, picture.now)


def _print_table(document: Json) -> None:
    from monitor.text import plain

    statuses = [("STATE", "NAME", "LATENCY", "SINCE", "MESSAGE"), *map(_line, document["endpoints"])]
    widths = [max(len(status[column]) for status in statuses) for column in range(4)]
    for status in statuses if document["endpoints"] else ():
        cells = [text.ljust(width) for text, width in zip(status, widths, strict=False)]
        print(plain_columns(cells, plain(status[4], 200)))
    counts = [f"{count} {state}" for state, count in document["summary"].items() if count]
    print(", ".join(counts) or "no endpoints")


def plain_columns(cells: list[str], message: str) -> str:
    """One line of the table."""
    return "  ".join([*cells, message]).rstrip()


def _line(state: Json) -> tuple[str, str, str, str, str]:
    from monitor.syntax.duration import format_ms
    from monitor.text import plain

    marks = [
        mark for mark in ("acknowledged", "silenced", "maintenance", "flapping", "slower") if state.get(mark)
    ]
    latency = "-" if state["latency_ms"] is None else format_ms(state["latency_ms"])
    words = " ".join([state["state"], *(f"({mark})" for mark in marks)])
    return words, plain(state["name"], 40), latency, state["since"].partition(".")[0] + "Z", state["message"]
