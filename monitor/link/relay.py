"""The remote end of `ssh://`: copy bytes between standard input, standard output and a daemon's socket.

Messages pass through unread; only ``read_only`` sends one of its own. Threads instead of asyncio: this
program starts for each connection, and importing asyncio would take longer than all the rest.
"""

from __future__ import annotations

import os
import socket
import struct
from pathlib import Path
from threading import Thread

from monitor.errors import LinkError

_CHUNK = 1 << 16
_LENGTH = struct.Struct(">I")


def relay(path: Path, *, read_only: bool, source: int = 0, sink: int = 1) -> None:
    """Relay until either side closes. Raises LinkError if the daemon cannot be reached."""
    with socket.socket(socket.AF_UNIX) as daemon:
        try:
            daemon.connect(str(path))
        except OSError as error:
            raise LinkError(f"no daemon answers on {path}: {error.strerror or error}") from None
        if read_only:
            _restrict(daemon)
        Thread(target=_send, args=(source, daemon), daemon=True).start()
        _receive(daemon, sink)


def _restrict(daemon: socket.socket) -> None:
    """Make this connection read-only before any byte of the other side is sent."""
    from monitor.link.messages import Restrict, encode

    request = encode(Restrict())
    daemon.sendall(_LENGTH.pack(len(request)) + request)
    (length,) = _LENGTH.unpack(_exactly(daemon, _LENGTH.size))
    _exactly(daemon, length)


def _exactly(daemon: socket.socket, size: int) -> bytes:
    data = daemon.recv(size, socket.MSG_WAITALL)
    if len(data) < size:
        raise LinkError("the daemon hung up")
    return data


def _send(source: int, daemon: socket.socket) -> None:
    try:
        while data := os.read(source, _CHUNK):
            daemon.sendall(data)
        daemon.shutdown(socket.SHUT_WR)
    except OSError:  # the daemon has gone: the other thread notices as well
        return


def _receive(daemon: socket.socket, sink: int) -> None:
    try:
        while data := daemon.recv(_CHUNK):
            while data:
                data = data[os.write(sink, data) :]
    except OSError:  # the other side has gone
        return
