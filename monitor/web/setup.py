"""What the web address's process has to know when it begins."""

from __future__ import annotations

import msgspec


class Setup(msgspec.Struct, frozen=True, kw_only=True):
    """Read from standard input as one line: tokens never stand in a command line."""

    engine: str
    """The engine's socket."""
    fds: tuple[int, ...]
    """The listening sockets."""
    history: str = ""
    """The history's file; empty: there is none."""
    read: str = ""
    write: str = ""
