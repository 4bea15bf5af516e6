"""An agent in the foreground: signals, a log, and a config that is read again when it changes."""

from __future__ import annotations

import asyncio
import signal
import time
from pathlib import Path

from monitor import __version__
from monitor.checks.limits import tune_collector
from monitor.cluster.agent import Agent
from monitor.cluster.connection import connect, process_name
from monitor.config import Watcher, load
from monitor.errors import ConfigError, UsageError, refused
from monitor.model import Config
from monitor.service.log import Log

_ENDINGS = (signal.SIGTERM, signal.SIGINT)


def load_for(file: Path, location: str | None) -> tuple[Config, str]:
    """The config of an agent, and its location. Raises ConfigError and UsageError.

    Only the parts that the agent needs are read: no alerts, and no endpoints of other locations.
    """
    config = load(file, location=location or "")
    if config.cluster is None:
        raise UsageError(f"{file} has no table [cluster], which says where NATS is")
    found = location or config.cluster.location
    if not found:
        raise UsageError("an agent needs --location NAME, or location in [cluster]")
    return (config if location else load(file, location=found)), found


async def run_agent(config: Config, location: str, log: Log) -> None:
    """Check for ``location`` until SIGTERM or SIGINT. Raises ClusterError."""
    ended = asyncio.Event()
    for ending in _ENDINGS:
        asyncio.get_running_loop().add_signal_handler(ending, ended.set)
    process = AgentProcess(config, location, log)
    working = asyncio.create_task(process.run())
    ending_ = asyncio.create_task(ended.wait())
    await asyncio.wait([working, ending_], return_when=asyncio.FIRST_COMPLETED)
    for task in (working, ending_):
        task.cancel()
    results = await asyncio.gather(working, ending_, return_exceptions=True)
    if not ended.is_set() and isinstance(results[0], Exception):
        raise results[0]


class AgentProcess:
    """An agent with its connection and its config."""

    def __init__(self, config: Config, location: str, log: Log) -> None:
        self._config = config
        self._location = location
        self._log = log

    def _note(self, level: str, text: str) -> None:
        self._log.line(time.time(), level, self._config.redact(text))

    async def run(self) -> None:
        """Connect and check until cancelled."""
        config, location = self._config, self._location
        count = len(config.endpoints)
        watched = f"{count} endpoint{'s'[: count != 1]} of {config.file}"
        self._note("info", f"monitor {__version__} checks {watched} from {location}")
        assert config.cluster
        name = f"monitor agent {location} {process_name()}"
        client = await connect(config.cluster, name, self._note, location)
        agent = Agent(config, location, client, self._note, clock=time.time)
        tune_collector()
        following = asyncio.create_task(self._follow(agent))
        try:
            await agent.run()
        finally:
            following.cancel()
            await client.close()

    async def _follow(self, agent: Agent) -> None:
        """Follow changes of the config's files; an invalid version leaves the old one in force."""
        watcher = Watcher(self._config.files, self._config.patterns)
        while True:
            await watcher.changed()
            try:
                config = await asyncio.to_thread(load, self._config.file, location=self._location)
            except ConfigError as error:
                self._note("bad", refused(error.problems))
                continue
            self._config = config
            watcher.watch(config.files, config.patterns)
            agent.use(config)
            self._note("info", "config reloaded")
