"""`monitor ack`: acknowledge endpoints that are not up."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from monitor.commands._attached import add_daemon_arguments, ask, seconds_of, warn_if_unsaved

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.link.client import Client
    from monitor.link.messages import Done, EndpointInfo
    from monitor.link.picture import Picture

NAME = "ack"
HELP = "acknowledge endpoints that are not up, until they are up or for a while"

_NOTHING_DONE = 1


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "names", nargs="+", metavar="NAME", help="an endpoint's name or id, or a glob on the name"
    )
    parser.add_argument("--note", default="", metavar="TEXT", help="a note for other operators")
    parser.add_argument(
        "--for", dest="lasting", metavar="TIME", help="such as 2h; default: until the endpoint is up"
    )
    parser.add_argument("--undo", action="store_true", help="remove the acknowledgement")
    add_daemon_arguments(parser)


def run(args: Namespace) -> int:
    from monitor.errors import UsageError

    if args.undo and (args.note or args.lasting is not None):
        raise UsageError("--note and --for belong to a new acknowledgement")
    lasting = seconds_of(args.lasting)

    async def talk(client: Client, picture: Picture) -> Done:
        from monitor.link.messages import Acknowledge

        handles = _handles(args.names, tuple(picture.infos.values()))
        request = Acknowledge(handles=handles, on=not args.undo, note=args.note, lasting=lasting)
        done = await client.command(request)
        if done.ok:
            await warn_if_unsaved(client)
        return done

    done = ask(args, talk)
    print(done.text, file=sys.stdout if done.ok else sys.stderr)
    return 0 if done.ok else _NOTHING_DONE


def _handles(names: Sequence[str], infos: Sequence[EndpointInfo]) -> tuple[int, ...]:
    """The endpoints to acknowledge; UsageError for a name that no endpoint has."""
    return tuple(handle for name in names for handle in _named(name, infos))


def _named(name: str, infos: Sequence[EndpointInfo]) -> list[int]:
    from difflib import get_close_matches

    from monitor.errors import UsageError
    from monitor.syntax.selection import Glob

    known = Glob(name)
    found = [info.handle for info in infos if name in (info.id, info.name)]
    found = found or [info.handle for info in infos if known[info.name]]
    if not found:
        near = get_close_matches(name, [info.name for info in infos], n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise UsageError(f"no endpoint is called {name!r}{hint}")
    return found
