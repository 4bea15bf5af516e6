"""`monitor silence`: mute alerts for a while, as before a deployment."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from monitor.commands._attached import add_daemon_arguments, ask, seconds_of, warn_if_unsaved

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.link.client import Client
    from monitor.link.picture import Picture
    from monitor.model import Silence

NAME = "silence"
HELP = "mute the alerts of endpoints for a while; list and end silences"

_NOTHING_DONE = 1


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "select",
        nargs="*",
        metavar="EXPR",
        help="name:GLOB, group:GLOB, tag:GLOB, type:NAME or a GLOB on the name",
    )
    parser.add_argument(
        "--for", dest="lasting", metavar="TIME", help="such as 2h or 30m; default: until it is ended"
    )
    parser.add_argument("--note", default="", metavar="TEXT", help="the reason, for other operators")
    parser.add_argument("--end", metavar="ID", help="end this silence")
    parser.add_argument("--list", action="store_true", help="list the silences in force")
    add_daemon_arguments(parser)


def run(args: Namespace) -> int:
    from monitor.errors import UsageError

    wanted = [bool(args.select), args.end is not None, args.list]
    if sum(wanted) != 1:
        raise UsageError("write EXPR… to silence, --end ID to end a silence, or --list")
    if not args.select and (args.lasting or args.note):
        raise UsageError("--for and --note belong to a new silence")
    if args.list:
        return _list(args)
    return _start(args) if args.select else _end(args)


def _start(args: Namespace) -> int:
    lasting = seconds_of(args.lasting)

    async def talk(client: Client, _picture: Picture) -> Silence:
        from monitor.link.silences import StartSilence

        request = StartSilence(select=tuple(args.select), lasting=lasting, note=args.note)
        silence = await client.silence(request)
        await warn_if_unsaved(client)
        return silence

    print(ask(args, talk).id)
    return 0


def _end(args: Namespace) -> int:
    async def talk(client: Client, _picture: Picture) -> int:
        from monitor.link.silences import EndSilence

        done = await client.command(EndSilence(id=args.end))
        print(done.text, file=sys.stdout if done.ok else sys.stderr)
        if done.ok:
            await warn_if_unsaved(client)
        return 0 if done.ok else _NOTHING_DONE

    return ask(args, talk)


def _list(args: Namespace) -> int:
    async def talk(client: Client, _picture: Picture) -> Sequence[Silence]:
        return await client.silences()

    for silence in ask(args, talk):
        print(_line(silence))
    return 0


def _line(silence: Silence) -> str:
    """The id first, for `cut` and `awk`."""
    from monitor.syntax.duration import iso_time
    from monitor.text import plain

    until = iso_time(silence.until, "seconds") if silence.until is not None else "-"
    words = [silence.id, "until up" if silence.until_up else until, silence.by, ", ".join(silence.select)]
    return plain("  ".join([*words, *([silence.note] if silence.note else [])]), 1000)
