"""The remote end of `ssh://`: copy bytes between standard input, standard output and a daemon's socket.

A connection whose first frame asks for the history is answered here, from the daemon's history file; the
daemon itself is not involved. Otherwise messages pass through unread; only ``read_only`` sends one of its
own. Threads instead of asyncio: this program starts for each connection, and importing asyncio would take
longer than all the rest.
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
_OPEN_HISTORY = b"\x81\xa4type\xabOpenHistory"
"""As :data:`monitor.link.history.OPEN`, which would take long to import."""
_LARGEST_QUESTION = 1 << 16


def relay(path: Path, *, read_only: bool, source: int = 0, sink: int = 1) -> None:
    """Relay until either side closes. Raises LinkError if the daemon cannot be reached."""
    with socket.socket(socket.AF_UNIX) as daemon:
        try:
            daemon.connect(str(path))
        except OSError as error:
            raise LinkError(f"no daemon answers on {path}: {error.strerror or error}") from None
        if read_only:
            _restrict(daemon)
        first = _read(source, _LENGTH.size + len(_OPEN_HISTORY))
        if first == _LENGTH.pack(len(_OPEN_HISTORY)) + _OPEN_HISTORY:
            _answer(_history(daemon), source, sink)
            return
        Thread(target=_send, args=(first, source, daemon), daemon=True).start()
        _receive(daemon, sink)


def _restrict(daemon: socket.socket) -> None:
    """Make this connection read-only before any byte of the other side is sent."""
    from monitor.link.messages import Restrict, encode

    _ask(daemon, encode(Restrict()))


def _ask(daemon: socket.socket, request: bytes) -> bytes:
    daemon.sendall(_LENGTH.pack(len(request)) + request)
    (length,) = _LENGTH.unpack(_exactly(daemon, _LENGTH.size))
    return _exactly(daemon, length)


def _exactly(daemon: socket.socket, size: int) -> bytes:
    data = daemon.recv(size, socket.MSG_WAITALL)
    if len(data) < size:
        raise LinkError("the daemon hung up")
    return data


# ── messages ────────────────────────────────────────────────────────────────────────────────────


def _read(source: int, size: int) -> bytes:
    """``size`` bytes, or fewer if that is all that arrives with the first frame or before the end."""
    data = b""
    while len(data) < size and not _is_whole(data):
        more = os.read(source, size - len(data))
        if not more:
            break
        data += more
    return data


def _is_whole(data: bytes) -> bool:
    """Whether a frame that is shorter than the question for the history has arrived."""
    return len(data) >= _LENGTH.size and len(data) - _LENGTH.size >= _LENGTH.unpack_from(data)[0]


def _send(first: bytes, source: int, daemon: socket.socket) -> None:
    try:
        data = first
        while data:
            daemon.sendall(data)
            data = os.read(source, _CHUNK)
        daemon.shutdown(socket.SHUT_WR)
    except OSError:  # the daemon has gone: the other thread notices as well
        return


def _receive(daemon: socket.socket, sink: int) -> None:
    try:
        while data := daemon.recv(_CHUNK):
            _write(sink, data)
    except OSError:  # the other side has gone
        return


def _write(sink: int, data: bytes) -> None:
    while data:
        data = data[os.write(sink, data) :]


# ── the history ─────────────────────────────────────────────────────────────────────────────────


def _history(daemon: socket.socket) -> Path:
    """The daemon's history file, by its own word: the other side cannot choose a file."""
    from monitor.link.messages import Hello, Snapshot, decode_answer, encode

    snapshot = decode_answer(_ask(daemon, encode(Hello(samples=0, dashboard=False))))
    return Path(snapshot.history if isinstance(snapshot, Snapshot) else "")


def _answer(path: Path, source: int, sink: int) -> None:
    """Answer questions until the other side closes. Raises LinkError for an invalid one."""
    from msgspec import MsgspecError

    from monitor.store import past

    while header := _whole(source, _LENGTH.size):
        (length,) = _LENGTH.unpack(header)
        try:
            question = past.decode_question(_whole(source, min(length, _LARGEST_QUESTION)))
        except MsgspecError:
            raise LinkError("the other side sent an invalid question") from None
        answer = past.encode(past.answer(path, question))
        _write(sink, _LENGTH.pack(len(answer)) + answer)


def _whole(source: int, size: int) -> bytes:
    """``size`` bytes; empty at the end."""
    data = b""
    while len(data) < size:
        more = os.read(source, size - len(data))
        if not more:
            return b""
        data += more
    return data
