"""An engine in a child process, which ends with its dashboard.

The parent holds the write end of the child's standard input. However the parent ends, the child reads the end
of that pipe and exits. The socket is in a folder that only this user may enter.
"""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from select import select
from typing import IO, TYPE_CHECKING

import msgspec

from monitor.errors import ConfigError, EngineRunningError, LinkError, UsageError
from monitor.link import edits
from monitor.link.certificates import CertificateInfo
from monitor.link.client import Client
from monitor.link.edits import Wanted
from monitor.link.messages import Changes, Detail, Done, EndpointStatus, Snapshot
from monitor.link.silences import MaintenanceWindow, StartSilence
from monitor.model import Problem, Silence

if TYPE_CHECKING:
    from monitor.link.history import History

PREFIX = "monitor-"
"""Prefix of the private folders' names."""
READY_WITHIN = 60.0
"""Seconds that an engine may take to read its config and listen."""
_LEAVES_WITHIN = 5.0
_LAST_WORDS = 2000
_POLLS, _POLL_INTERVAL = 10, 0.02


class StartupError(msgspec.Struct, frozen=True, kw_only=True):
    """The child's line on standard output: why it cannot start. Empty if it listens."""

    problems: tuple[Problem, ...] = ()
    usage: str = ""
    running: str = ""
    """The socket of an engine that already runs with the same config."""


@contextmanager
def engine(
    *, config: str = "", targets: Sequence[str] = (), standalone: bool = False
) -> Iterator[EngineProcess]:
    """Run an engine within this context, with the file ``config`` or with ``targets``.

    The context begins as soon as the child runs; :meth:`EngineProcess.source` waits until it listens.
    """
    # The child removes the folder too, in case this process is killed.
    private = tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True)
    with private as folder, tempfile.TemporaryFile() as errors:
        child = EngineProcess(Path(folder) / "engine.sock", config, targets, errors, standalone=standalone)
        try:
            yield child
        finally:
            child.end()


class EngineProcess:
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
        # A session of its own: Ctrl+C in the terminal reaches the dashboard only.
        return subprocess.Popen(  # noqa: S603 -- our own interpreter and module
            [*command, *self._options, *options, "--", *self._targets],
            stdin=pipe,
            stdout=pipe,
            stderr=self._errors,
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def source(self) -> LocalEngine:
        """The engine as a data source, once it listens.

        Raises ConfigError or UsageError if the config or a target is invalid, LinkError if the engine does
        not start.
        """
        self._wait_until_it_listens()
        return LocalEngine(self, Client(self._socket))

    def restart(self) -> None:
        """Start the engine again after it has ended. Raises LinkError if it does not start."""
        because = f"the engine ended and was started again{self.why(': ')}"
        self.end()
        self._errors.seek(0)
        self._errors.truncate()
        self._process = self._start("--note", because)
        try:
            self._wait_until_it_listens()
        except (ConfigError, UsageError) as error:
            self.end()  # it is about to end: reap it now, so that the next call starts it again
            raise _startup_failure(error) from None

    def _wait_until_it_listens(self) -> None:
        said = self._first_word()
        if said is None:
            raise LinkError(f"the engine did not start{self.why(': ')}")
        trouble = msgspec.json.decode(said, type=StartupError)
        if trouble.problems:
            raise ConfigError(trouble.problems)
        if trouble.running:
            raise EngineRunningError(trouble.usage, trouble.running)
        if trouble.usage:
            raise UsageError(trouble.usage)

    def _first_word(self) -> bytes | None:
        """The child's first line; None if it ended or wrote none in time."""
        out = self._process.stdout
        assert out is not None
        ready, _, _ = select([out], [], [], READY_WITHIN)
        return (out.readline() or None) if ready else None

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    async def has_ended(self) -> bool:
        """Whether the process has ended. Waits a little: its socket closes a moment before."""
        for _ in range(_POLLS):
            if not self.alive:
                return True
            await asyncio.sleep(_POLL_INTERVAL)
        return False

    def why(self, before: str) -> str:
        """``before`` and the reason why the child ended: its last line, or the signal. Empty if unknown."""
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
        """Ask the child to exit, and kill it if it does not."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        try:
            self._process.wait(_LEAVES_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _startup_failure(error: ConfigError | UsageError) -> LinkError:
    text = "the engine ended, and does not start again"
    if isinstance(error, UsageError):
        return LinkError(f"{text}: {error}")
    return LinkError(f"{text} with this config", error.problems)


class LocalEngine:
    """A child engine as a data source. Errors say why the child ended; :meth:`hello` restarts it."""

    def __init__(self, child: EngineProcess, client: Client) -> None:
        self._child = child
        self._client = client

    @property
    def remote(self) -> bool:
        return False

    async def hello(self) -> Snapshot:
        """As in :class:`~monitor.link.client.Client`, as for the methods below."""
        if not self._child.alive:
            await asyncio.to_thread(self._child.restart)
        async with self._explained():
            return await self._client.hello()

    async def pull(self, uptimes: Collection[str] = ()) -> Changes:
        async with self._explained():
            return await self._client.pull(uptimes)

    async def detail(self, handle: int, since: float) -> Detail:
        async with self._explained():
            return await self._client.detail(handle, since)

    async def certificates(self) -> list[CertificateInfo]:
        async with self._explained():
            return await self._client.certificates()

    async def silences(self) -> Sequence[Silence]:
        async with self._explained():
            return await self._client.silences()

    async def maintenance(self) -> Sequence[MaintenanceWindow]:
        async with self._explained():
            return await self._client.maintenance()

    async def try_silence(self, request: StartSilence) -> Silence | str:
        async with self._explained():
            return await self._client.try_silence(request)

    async def states_at(
        self, moment: float, samples: int = 0, handles: Sequence[int] = ()
    ) -> AsyncIterator[Sequence[EndpointStatus]]:
        async with self._explained():
            async for rows in self._client.states_at(moment, samples, handles):
                yield rows

    async def count_state_changes(self) -> int:
        async with self._explained():
            return await self._client.count_state_changes()

    async def command(self, request: object) -> Done:
        async with self._explained():
            return await self._client.command(request)  # type: ignore[arg-type]

    async def edit(self, request: edits.Request, wanted: type[Wanted]) -> Wanted:
        async with self._explained():
            return await self._client.edit(request, wanted)

    def history(self, path: str) -> History | None:
        return self._client.history(path)

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
