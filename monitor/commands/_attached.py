"""Functions shared by the commands that talk to a running daemon."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from monitor.link.client import Client
    from monitor.link.picture import Picture

T = TypeVar("T")

_PATIENCE = 2.0
"""Seconds for a daemon to accept; one that lives does it at once."""


def add_daemon_arguments(parser: ArgumentParser) -> None:
    """The arguments that name a daemon."""
    parser.add_argument("-c", "--config", metavar="FILE", help="the config of the daemon")
    parser.add_argument("--socket", metavar="PATH", help="the daemon's socket, instead of a config")


def seconds_of(text: str | None) -> float | None:
    """The value of ``--for`` in seconds; None without one. Raises UsageError."""
    from monitor.errors import UsageError
    from monitor.syntax.duration import parse_lasting

    try:
        return None if text is None else parse_lasting(text)
    except ValueError as error:
        raise UsageError(f"--for {text}: {error}") from None


async def warn_if_unsaved(client: Client) -> None:
    """Warn on standard error if the daemon has its marks only in memory, because its disk is in trouble."""
    import sys

    from monitor.text import plain

    if trouble := (await client.pull()).stats.history:
        print(f"monitor: a restart would lose it: {plain(trouble, 500)}", file=sys.stderr)


def ask(args: Namespace, talk: Callable[[Client, Picture], Awaitable[T]]) -> T:
    """Connect to the daemon that the arguments name, get its picture, and run ``talk``."""
    import asyncio

    from monitor.link.client import Client
    from monitor.link.picture import whole_picture

    client = Client(chosen_socket(args.socket, args.config), samples=0, dashboard=False)

    async def talking() -> T:
        try:
            return await talk(client, await whole_picture(client))
        finally:
            await client.close()

    return asyncio.run(talking())


def chosen_socket(socket: str | None, config: str | None) -> Path:
    """``socket``, or else that of the daemon of ``config`` or of the config that the search order finds.

    Raises UsageError if no daemon listens there, or ConfigError if the config cannot be read.
    """
    from monitor.config import find_config, refuse_unknown
    from monitor.config.find import given_path
    from monitor.errors import UsageError

    if socket:
        path, whose = given_path(socket, "SOCKET"), ""
    else:
        file = find_config(config)
        path, whose = socket_of(file), f" of {file}"
    if not is_live(path):
        if not socket:
            refuse_unknown(file, "socket")
        raise UsageError(f"no daemon{whose} answers on {path} (monitor daemon starts one)")
    return path


def socket_of(config: Path) -> Path:
    """The socket of the daemon of ``config``, if there is one."""
    from monitor.config import configured_socket
    from monitor.link.address import existing_socket

    return configured_socket(config) or existing_socket(config)


def is_live(path: Path) -> bool:
    """Whether a daemon listens on a socket. Raises UsageError if we may not open it."""
    import socket

    from monitor.errors import UsageError

    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(_PATIENCE)
        try:
            client.connect(str(path))
        except PermissionError:
            raise UsageError(
                f"{path} may not be opened by this user; `socket_group` in [monitor] admits a group"
            ) from None
        except OSError:
            return False
    return True
