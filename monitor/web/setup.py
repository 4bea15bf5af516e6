"""The settings that the web address's process needs at its start."""

from __future__ import annotations

import msgspec


class Setup(msgspec.Struct, frozen=True, kw_only=True):
    """One line on standard input, so that tokens never appear in a command line."""

    engine: str
    """The engine's socket."""
    fds: tuple[int, ...]
    """The listening sockets."""
    history: str = ""
    """The history's file; empty if there is none."""
    read: str = ""
    write: str = ""
