"""An engine of the dashboard's own, in a child process that ends with it.

The child's standard input is a pipe that we hold: when we are gone, however that came, it reads the
end of it and leaves. Its socket stands in a folder that only this user may enter.
"""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from select import select
from typing import IO

import msgspec

from monitor.errors import ConfigError, EngineRunningError, LinkError, UsageError
from monitor.link import edits
from monitor.link.client import Client
from monitor.link.edits import Wanted
from monitor.link.messages import CertificateInfo, Changes, Detail, Done, EndpointStatus, Snapshot
from monitor.model import Problem

PREFIX = "monitor-"
"""How the names of our private folders begin."""
READY_WITHIN = 60.0
"""Seconds that an engine may take to read its config and listen."""
_LEAVES_WITHIN = 5.0
_LAST_WORDS = 2000
_LOOKS, _BETWEEN_LOOKS = 10, 0.02


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """What the child says on its standard output when it cannot start; nothing: it listens."""

    problems: tuple[Problem, ...] = ()
    usage: str = ""
    running: str = ""
    """The socket of another engine that watches the same config already."""


@contextmanager
def engine(*, config: str = "", targets: Sequence[str] = (), standalone: bool = False) -> Iterator[Child]:
    """Run an engine for as long as this lasts, on the file ``config`` or on ``targets``.

    Returns as soon as the child runs; :meth:`Child.source` waits until it listens.
    """
    # The child tidies up as well, in case that we cannot.
    private = tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True)
    with private as folder, tempfile.TemporaryFile() as errors:
        child = Child(Path(folder) / "engine.sock", config, targets, errors, standalone=standalone)
        try:
            yield child
        finally:
            child.end()


class Child:
    """An engine's process."""

    def __init__(
        self,
        socket: Path,
        config: str,
        targets: Sequence[str],
        errors: IO[bytes],
        *,
        standalone: bool = False,
    ) -> None:
        self._socket = socket
        self._options = (
            *(("--config", config) if config else ()),
            *(("--standalone",) if standalone else ()),
        )
        self._targets = tuple(targets)
        self._errors = errors
        self._process = self._start()

    def _start(self, *options: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-P", "-m", "monitor", "engine", "--socket", str(self._socket)]
        pipe = subprocess.PIPE
        # A session of its own: what is typed in the terminal is for the dashboard.
        return subprocess.Popen(  # noqa: S603 -- our own interpreter and module
            [*command, *self._options, *options, "--", *self._targets],
            stdin=pipe,
            stdout=pipe,
            stderr=self._errors,
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    def source(self) -> Own:
        """The way to the engine, once it listens.

        Raises ConfigError or UsageError when it does not like what it should watch, LinkError when
        it does not start.
        """
        self._wait_until_it_listens()
        return Own(self, Client(self._socket))

    def restart(self) -> None:
        """Start again what has ended. LinkError when that does not work."""
        because = f"the engine ended and was started again{self.why(': ')}"
        self.end()
        self._errors.seek(0)
        self._errors.truncate()
        self._process = self._start("--note", because)
        try:
            self._wait_until_it_listens()
        except (ConfigError, UsageError) as error:
            self.end()  # as it is about to: who asks next need not find out
            raise _does_not_start(error) from None

    def _wait_until_it_listens(self) -> None:
        said = self._first_word()
        if said is None:
            raise LinkError(f"the engine did not start{self.why(': ')}")
        trouble = msgspec.json.decode(said, type=Trouble)
        if trouble.problems:
            raise ConfigError(trouble.problems)
        if trouble.running:
            raise EngineRunningError(trouble.usage, trouble.running)
        if trouble.usage:
            raise UsageError(trouble.usage)

    def _first_word(self) -> bytes | None:
        """The child's line; None when it ended or never spoke."""
        out = self._process.stdout
        assert out is not None
        ready, _, _ = select([out], [], [], READY_WITHIN)
        return (out.readline() or None) if ready else None

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    async def has_ended(self) -> bool:
        """Whether the process runs no longer. Its socket closes a moment before it has ended."""
        for _ in range(_LOOKS):
            if not self.alive:
                return True
            await asyncio.sleep(_BETWEEN_LOOKS)
        return False

    def why(self, before: str) -> str:
        """Why the child ended, behind ``before``: its last words, or what killed it; empty if neither."""
        because = self._last_words() or self._killer()
        return before + because if because else ""

    def _killer(self) -> str:
        killer = -(self._process.poll() or 0)
        return f"signal {killer} ({signal.strsignal(killer)})" if killer > 0 else ""

    def _last_words(self) -> str:
        """The last line that the child wrote to standard error; empty without one."""
        size = self._errors.seek(0, 2)
        self._errors.seek(max(size - _LAST_WORDS, 0))
        lines = self._errors.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else ""

    def end(self) -> None:
        """Have the child leave, and make sure that it did."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        try:
            self._process.wait(_LEAVES_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _does_not_start(error: ConfigError | UsageError) -> LinkError:
    told = "the engine ended, and does not start again"
    if isinstance(error, UsageError):
        return LinkError(f"{told}: {error}")
    return LinkError(f"{told} with this config", error.problems)


class Own:
    """A dashboard's own engine as its source: a lost link tells why the child died, and hello revives it."""

    def __init__(self, child: Child, client: Client) -> None:
        self._child = child
        self._client = client

    async def hello(self) -> Snapshot:
        """See :class:`~monitor.link.client.Client`, here and below."""
        if not self._child.alive:
            await asyncio.to_thread(self._child.restart)
        async with self._explained():
            return await self._client.hello()

    async def pull(self) -> Changes:
        async with self._explained():
            return await self._client.pull()

    async def detail(self, handle: int, since: float) -> Detail:
        async with self._explained():
            return await self._client.detail(handle, since)

    async def certificates(self) -> list[CertificateInfo]:
        async with self._explained():
            return await self._client.certificates()

    async def states_at(self, moment: float) -> AsyncIterator[Sequence[EndpointStatus]]:
        async with self._explained():
            async for rows in self._client.states_at(moment):
                yield rows

    async def command(self, request: object) -> Done:
        async with self._explained():
            return await self._client.command(request)  # type: ignore[arg-type]

    async def edit(self, request: edits.Request, wanted: type[Wanted]) -> Wanted:
        async with self._explained():
            return await self._client.edit(request, wanted)

    async def close(self) -> None:
        await self._client.close()

    @asynccontextmanager
    async def _explained(self) -> AsyncIterator[None]:
        try:
            yield
        except LinkError:
            if not await self._child.has_ended():
                raise
            raise LinkError(f"the engine ended{self._child.why(': ')}") from None
