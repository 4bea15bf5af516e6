"""A daemon on another machine, reached through ssh, which runs the relay there.

The first connection is made before the screen opens, so that ssh can ask for a password. Later connections
share it, or log in without asking.
"""

from __future__ import annotations

import asyncio
import shlex
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote, urlsplit

import msgspec

from monitor.errors import LinkError, UsageError
from monitor.link.frames import LARGEST, Stream
from monitor.link.messages import Pull, encode

_LENGTH = struct.Struct(">I")
_LIMIT = 1 << 16
_LAST_WORDS = 2000
_PREFIX = "monitor-ssh-"


class Remote(msgspec.Struct, frozen=True, kw_only=True):
    """The parts of ``ssh://[USER@]HOST[:PORT][/SOCKET]``."""

    host: str
    user: str = ""
    port: int | None = None
    socket: str = ""
    """Empty: the socket of the config that the search order finds on that machine."""


def parse(url: str) -> Remote:
    """Parse an ``ssh://`` URL. Raises UsageError."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise UsageError(f"{url}: {error}") from None
    if parts.password is not None:
        raise UsageError("a password has no place in an ssh:// URL; ssh asks for it, or takes a key")
    if parts.query or parts.fragment:
        raise UsageError(f"{url}: write ssh://[USER@]HOST[:PORT][/SOCKET]")
    user = unquote(parts.username or "")
    if not host or host.startswith("-") or user.startswith("-"):
        raise UsageError(f"{url} names no host; write ssh://[USER@]HOST[:PORT][/SOCKET]")
    return Remote(host=host, user=user, port=port, socket=unquote(parts.path.rstrip("/")))


@contextmanager
def connected(remote: Remote, *, read_only: bool, command: str = "monitor") -> Iterator[Connections]:
    """Connections to the daemon at ``remote`` within this context. Raises LinkError if none answers."""
    private = tempfile.TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True)
    with private as folder, tempfile.TemporaryFile() as errors:
        connections = Connections(remote, Path(folder), errors, command, read_only=read_only)
        try:
            connections.open_first()
            yield connections
        finally:
            connections.close()


class Connections:
    """Opens connections, each through its own ssh process."""

    def __init__(
        self, remote: Remote, folder: Path, errors: IO[bytes], command: str, *, read_only: bool
    ) -> None:
        self._remote = remote
        self._errors = errors
        self._shared = [f"-oControlPath={folder / 'shared'}", "-oControlMaster=auto", "-oControlPersist=no"]
        self._relay = _relay_command(remote, command, read_only=read_only)
        self._first: subprocess.Popen[bytes] | None = None
        self._processes: list[subprocess.Popen[bytes]] = []

    def open_first(self) -> None:
        """Log in, asking the user if needed, and check that a daemon answers. Raises LinkError."""
        first = self._start()
        assert first.stdin is not None
        try:
            request = encode(Pull())
            first.stdin.write(_LENGTH.pack(len(request)) + request)
            first.stdin.flush()
            _skip_frame(first.stdout)
        except (OSError, EOFError):
            first.wait()
            raise LinkError(self._why()) from None
        self._first = first

    async def dial(self) -> Stream:
        """Open a connection to the daemon."""
        process, self._first = self._first or self._start("-oBatchMode=yes"), None
        self._processes = [one for one in self._processes if one.poll() is None]
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(_LIMIT, loop)
        protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
        reading, _ = await loop.connect_read_pipe(lambda: protocol, process.stdout)
        transport, flow = await loop.connect_write_pipe(
            lambda: asyncio.streams.FlowControlMixin(loop), process.stdin
        )
        return reader, _Writer(reading, transport, flow, reader, loop)

    def close(self) -> None:
        """Close every connection."""
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            try:
                process.wait(2)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe:
                    pipe.close()

    def _start(self, *options: str) -> subprocess.Popen[bytes]:
        where = self._remote
        login = [
            *(("-l", where.user) if where.user else ()),
            *(("-p", str(where.port)) if where.port else ()),
        ]
        command = ["ssh", "-T", "-oServerAliveInterval=5", *self._shared, *options, *login]
        process = subprocess.Popen(  # noqa: S603 -- a list of arguments; the host cannot be an option
            [*command, "--", where.host, self._relay],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            bufsize=0,
        )
        self._processes.append(process)
        return process

    def _why(self) -> str:
        """The last line on standard error, from ssh or from the other side."""
        size = self._errors.seek(0, 2)
        self._errors.seek(max(size - _LAST_WORDS, 0))
        lines = self._errors.read().decode("utf-8", "replace").strip().splitlines()
        return f"{self._remote.host}: {lines[-1].strip() if lines else 'the connection ended'}"


class _Writer(asyncio.StreamWriter):
    """Writes to a process. Closing it also stops reading from the process."""

    def __init__(self, reading: asyncio.BaseTransport, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._reading = reading

    def close(self) -> None:
        self._reading.close()
        super().close()


def _relay_command(remote: Remote, command: str, *, read_only: bool) -> str:
    """The shell command for the other side; ``command`` is the program's name there."""
    options = ["--read-only"] * read_only + [shlex.quote(remote.socket)] * bool(remote.socket)
    return " ".join([command, "attach", "--stdio", *options])


def _skip_frame(stream: IO[bytes] | None) -> None:
    """Read one answer. Raises EOFError if the stream ends first."""
    assert stream is not None
    (length,) = _LENGTH.unpack(_exactly(stream, _LENGTH.size))
    if length > LARGEST:
        raise EOFError
    _exactly(stream, length)


def _exactly(stream: IO[bytes], size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = stream.read(size - len(data))
        if not more:
            raise EOFError
        data += more
    return data
