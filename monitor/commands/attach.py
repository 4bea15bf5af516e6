"""`monitor attach`: the dashboard on a running daemon, here or on another machine."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from contextlib import ExitStack

from monitor.commands._attached import chosen_socket
from monitor.commands.dashboard import Look, add_look_arguments, show

NAME = "attach"
HELP = "open the dashboard on a running daemon, here or over ssh://"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "where",
        nargs="?",
        metavar="SOCKET | ssh://[USER@]HOST[:PORT][/SOCKET]",
        help="the daemon; default: that of the config",
    )
    parser.add_argument("-c", "--config", metavar="FILE", help="the config of the daemon")
    parser.add_argument("--read-only", action="store_true", help="refuse every change")
    parser.add_argument(
        "--stdio",
        action="store_true",
        help="relay a dashboard's data over standard input and output: the remote end of ssh://",
    )
    parser.add_argument(
        "--remote-command",
        default="monitor",
        metavar="COMMAND",
        help="the program's name on the other side of ssh://; default: %(default)s",
    )
    add_look_arguments(parser)


def run(args: Namespace) -> int:
    if args.stdio:
        return _relay(args)
    from monitor.link.client import Client

    with ExitStack() as stack:
        if args.where and args.where.startswith("ssh://"):
            from monitor.link import ssh

            remote = ssh.parse(args.where)
            found = ssh.connected(remote, read_only=args.read_only, command=args.remote_command)
            client = Client(stack.enter_context(found).dial, read_only=args.read_only)
        else:
            client = Client(chosen_socket(args.where, args.config), read_only=args.read_only)
        return show(client, Look.of(args))


def _relay(args: Namespace) -> int:
    from monitor.link.relay import relay

    relay(chosen_socket(args.where, args.config), read_only=args.read_only)
    return 0
