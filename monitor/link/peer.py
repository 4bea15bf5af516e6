"""The process and user at the other end of a Unix socket, from the kernel."""

from __future__ import annotations

import pwd
import socket
import struct
from functools import cache
from typing import Protocol

_CREDENTIALS = struct.Struct("3i")


class Connection(Protocol):
    """A socket, or asyncio's view of one."""

    def getsockopt(self, level: int, name: int, length: int, /) -> bytes: ...


def peer(connection: Connection) -> tuple[int, int]:
    """The process id and the user id at the other end."""
    sent = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    pid, user, _group = _CREDENTIALS.unpack(sent)
    return pid, user


@cache
def name_of(user: int) -> str:
    """The operating system's name of a user; the number if it has none."""
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)
