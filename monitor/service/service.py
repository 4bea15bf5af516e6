"""The service: an engine with its server, its history, its alerts and its config files."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING

import msgspec

from monitor.checks.limits import tune_collector
from monitor.checks.run_probe import run_probe
from monitor.config import Watcher, diff, load
from monitor.engine import Engine
from monitor.engine.saved import TrackerState
from monitor.engine.tracked import Tracked
from monitor.errors import ConfigError, EngineRunningError
from monitor.link import edits
from monitor.link.figures import (
    Counts,
    GetCounts,
    GetMeasures,
    GetStateChanges,
    GetUptimes,
    Measures,
    Report,
    Reported,
    StateChanges,
    Uptimes,
)
from monitor.link.messages import Done, Refused
from monitor.link.process import PREFIX
from monitor.link.server import Server
from monitor.model import Config, Difference, Problem, State
from monitor.probe import awaited
from monitor.probes._heartbeats import Heard, Heartbeats
from monitor.service.config_editor import Editor
from monitor.service.figures import Counters, StateLog
from monitor.service.heartbeat_receiver import HeartbeatReceiver
from monitor.service.web_address import WebAddress
from monitor.trace import Resources

# Imported when the config needs them: together they take 2 MB.
if TYPE_CHECKING:
    from monitor.service.alert_sender import AlertSender
    from monitor.service.cluster_member import ClusterMember
    from monitor.service.slowdown_watch import SlowdownWatch
    from monitor.store.history import History

_READS = 20
_AT_START = ("history", "retention", "socket", "socket_group")
"""Settings that take effect only at a start."""
_HEARD = "heartbeat:"
"""Prefix of the names of the history's documents with heartbeats."""


class Service:
    """An engine that serves clients and follows its config files."""

    def __init__(self, config: Config, *, standalone: bool = False) -> None:
        """With ``standalone``, run without a history if another engine writes it."""
        # Handles of an earlier engine must not be valid in this one.
        resources = Resources()
        check = partial(run_probe, resources=resources)
        self._cluster = _cluster_member(config)
        self.engine = Engine(config, first_handle=time.time_ns(), run_probe=check, remote=self._cluster)
        self._heartbeats = resources.of(Heartbeats)
        self._turn = asyncio.Lock()
        """Held while another version of the config is put in force."""
        self._editor = Editor(self.engine, self._use, self._turn, check)
        self._server = Server(self.engine, self)
        self._counters = Counters(self.engine)
        self._state_log = StateLog(self.engine)
        self._heartbeat_receiver = HeartbeatReceiver(self._heartbeats)
        self._web = WebAddress(self.engine.event_log.note, self._heartbeats)
        self._socket = Path()
        """The socket, for the web address's process."""
        self._waiting: dict[str, list[Tracked]] = {}
        """The endpoints that wait for a heartbeat, by its name."""
        self._watcher = Watcher(config.files, config.patterns)
        self._standalone = standalone
        self._history = _history(config)
        self._following: asyncio.Task[None] | None = None
        self._alerts: AlertSender | None = None
        self._slowdowns: SlowdownWatch | None = None

    async def start(self, socket: Path, group: str = "") -> None:
        """Listen on ``socket``, open to a Unix ``group`` as well, and on the web address; start checking.

        Raises EngineRunningError if another engine writes the history.
        """
        saved = self._open_history(socket)
        await self._server.listen(socket, group)
        self._socket = socket
        self._heartbeats.heard = self._heard
        await self._receive(self.engine.config)
        if self._history:
            self._history.prepare(self.engine)
            self._following = asyncio.create_task(self._history.follow(self.engine))
            self._slowdowns = _slowdown_watch(self.engine, self._history)
            self._slowdowns.begin()
        self.engine.start(saved)
        if self._cluster:
            self._cluster.begin(self.engine, self._history)
        self._begin_alerts()
        self._recall_heartbeats()
        self._note_waiting()

    def _open_history(self, socket: Path) -> TrackerState | None:
        if self._history is None:
            return None
        try:
            return self._history.open(str(socket))
        except EngineRunningError as error:
            if not self._standalone:
                raise
            self._history = None
            self.engine.event_log.note("warn", f"nothing is kept on disk: {error}")
            return None

    def _begin_alerts(self) -> None:
        """Start sending alerts, once the config has any."""
        if self._alerts is None and self.engine.config.alerts:
            from monitor.service.alert_sender import AlertSender

            deliveries = self._cluster.deliveries if self._cluster else None
            self._alerts = AlertSender(self.engine, self._history, deliveries)
            self._alerts.begin()

    async def keep(self, seconds: float) -> None:
        """Wait until every change so far is on disk, for so many seconds at most."""
        if self._history:
            await self._history.flush(seconds)

    async def stop(self) -> None:
        """Stop checking, and close every connection."""
        if self._cluster:
            await self._cluster.close()
        if self._slowdowns:
            await self._slowdowns.close()
        await self._web.close()
        await self._server.close()
        await self.engine.stop()
        if self._alerts:
            await self._alerts.close()
        if self._following:
            self._following.cancel()
        if self._history:
            await self._history.close()

    async def _receive(self, config: Config) -> None:
        self._heartbeat_receiver.use(config.endpoints)
        await self._web.use(config.settings, self._socket)

    def _heard(self, name: str) -> None:
        """Keep the heartbeat, and check its endpoint at once."""
        if self._history:
            self._history.put(_HEARD + name, msgspec.msgpack.encode(self._heartbeats.known(name)))
        waiting = self._waiting.get(name, ())
        self.engine.check_now(one.handle for one in waiting if one.state is not State.PAUSED)

    def _recall_heartbeats(self) -> None:
        """Restore the heartbeats of an earlier run, and judge those that it did not judge any more."""
        for tracked in self.engine.endpoints.values():
            if (call := awaited(tracked.endpoint.probe)) is not None:
                data = self._history.document(_HEARD + call.name) if self._history else None
                heard = _decoded(data)
                checked = tracked.last.checked_at if tracked.last else 0.0
                heard_at = heard.heard_at or 0.0
                self._heartbeats.recall(call.name, heard, max(checked, heard_at))
                if heard_at > checked and tracked.state is not State.PAUSED:
                    self.engine.check_now([tracked.handle])

    def _note_waiting(self) -> None:
        self._waiting = {}
        for tracked in self.engine.endpoints.values():
            if (call := awaited(tracked.endpoint.probe)) is not None:
                self._waiting.setdefault(call.name, []).append(tracked)

    async def follow_files(self) -> None:
        """Reload when a config file changes, until cancelled."""
        if not self.engine.config.file:
            return
        while True:
            await self._watcher.changed()
            try:
                await self.reload()
            except Exception as error:  # noqa: BLE001 -- whatever is wrong with this one, the next may be fine
                self.engine.event_log.note("bad", f"the config could not be read again: {error!r}")

    async def reload(self) -> Done:
        """Read the config again. A valid one is put in force; otherwise the problems are reported."""
        if not self.engine.config.file:
            return Done(ok=False, text="there is no config file here to read again")
        async with self._turn:
            return await self._reload(self.engine.config.file)

    async def _reload(self, file: str) -> Done:
        try:
            new = await self._read(file)
        except ConfigError as error:
            self.engine.set_problems(error.problems)
            return Done(ok=False, text=f"the old config stays in force: {error.problems[0]}")
        return Done(ok=True, text=f"config reloaded: {await self._use(new)}")

    async def _read(self, file: str) -> Config:
        """Read the config once nobody is writing it: half a file would remove endpoints."""
        for _ in range(_READS):
            new = await asyncio.to_thread(load, file)
            if await self._watcher.still(new.digests):
                return new
        raise ConfigError([Problem(file, 1, "reload", "this file, or one that it includes, keeps changing")])

    async def _use(self, new: Config) -> Difference:
        """Put ``new`` in force. The caller holds the turn."""
        old = self.engine.config
        if (new.files, new.patterns) != (old.files, old.patterns):
            self._watcher.watch(new.files, new.patterns)
        if later := _not_in_force(old, new):
            self.engine.event_log.note("warn", f"{', '.join(later)}: takes effect at the next start")
        if self._cluster:
            self._cluster.use(new)
        await self._receive(new)
        difference = diff(old, new)
        self.engine.apply(new, difference)
        if self._alerts:
            self._alerts.use(new)
        self._begin_alerts()
        self._note_waiting()
        return difference

    def report(self, request: Report) -> Reported:
        """Accept or reject a heartbeat from the web address."""
        return self._heartbeat_receiver.report(request)

    def counts(self, request: GetCounts) -> Counts:
        """One page of counters."""
        return self._counters.page(request)

    def uptimes(self, request: GetUptimes) -> Uptimes:
        """The uptimes of a few endpoints in successive windows."""
        return self._counters.uptimes(request)

    def measures(self, request: GetMeasures) -> Measures:
        """One page of report figures."""
        return self._counters.measures(request)

    def state_changes(self, request: GetStateChanges) -> StateChanges:
        """One page of changes of state."""
        return self._state_log.page(request)

    async def edit(self, request: edits.Request) -> edits.Answer | Refused:
        """Validate, try or carry out an edit of the config."""
        return await self._editor.answer(request)


def _not_in_force(old: Config, new: Config) -> list[str]:
    """The changed parts of the config that a running engine does not follow."""
    changed = [key for key in _AT_START if getattr(new.settings, key) != getattr(old.settings, key)]
    return changed + ["[cluster]"] * (new.cluster != old.cluster)


def _decoded(data: bytes | None) -> Heard:
    """The stored state of a heartbeat; empty if there is none, or an older version wrote it differently."""
    with suppress(msgspec.MsgspecError):
        return Heard() if data is None else msgspec.msgpack.decode(data, type=Heard)
    return Heard()


def _history(config: Config) -> History | None:
    """The history of a config; None without a config file, or if it is off."""
    settings = config.settings
    if not config.file or not settings.history:
        return None
    from monitor.store.history import History

    return History(Path(settings.history), group=settings.socket_group, retention=settings.retention)


def _cluster_member(config: Config) -> ClusterMember | None:
    if config.cluster is None:
        return None
    from monitor.service.cluster_member import ClusterMember

    return ClusterMember(config)


def _slowdown_watch(engine: Engine, history: History) -> SlowdownWatch:
    from monitor.service.slowdown_watch import SlowdownWatch

    return SlowdownWatch(engine, history.path)


async def serve(
    config: Config,
    socket: Path,
    lifeline: IO[bytes],
    *,
    ready: Callable[[], object],
    note: str = "",
    standalone: bool = False,
) -> None:
    """Run a service until ``lifeline`` ends. Call ``ready()`` once it listens.

    Removes the socket and its private folder at the end. ``note`` is the first line of the log.
    """
    service = Service(config, standalone=standalone)
    if note:
        service.engine.event_log.note("bad", note)
    await service.start(socket)
    following = asyncio.create_task(service.follow_files())
    try:
        tune_collector()
        ready()
        await _end_of(lifeline)
    finally:
        following.cancel()
        await asyncio.wait([following])
        await service.stop()
        _tidy(socket)


def _tidy(socket: Path) -> None:
    socket.unlink(missing_ok=True)
    if socket.parent.name.startswith(PREFIX):
        with suppress(OSError):  # it is not empty, or the dashboard has removed it
            socket.parent.rmdir()


async def _end_of(stream: IO[bytes]) -> None:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), stream)
    while await reader.read(4096):
        pass
