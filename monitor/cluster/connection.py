"""A connection to NATS that comes back by itself, and the login with a .creds file."""

from __future__ import annotations

import asyncio
import base64
import os
import re
import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monitor.errors import MonitorError
from monitor.model import Cluster
from monitor.redact import without_password
from monitor.text import plain
from monitor.wire.tls import context

if TYPE_CHECKING:
    from nats.aio.client import Client

OLDEST = (2, 14)
"""The first version of nats-server that repeats a message every few seconds."""
_CONNECT_TIMEOUT = 5
_PENDING = 8 * 1024 * 1024
"""Limit of bytes that wait while the server is away; beyond it, publishing fails."""

Note = Callable[[str, str], object]
"""Receives a level (info, good, warn, bad) and a line for the log."""
_LARGEST = 64 * 1024
"""Limit of a .creds file in bytes."""
_BLOCK = r"-{3,}BEGIN %s-{3,}\s+([A-Za-z0-9._=-]+)\s+-{3,}END"
_JWT = re.compile((_BLOCK % "NATS USER JWT").encode())
_SEED = re.compile((_BLOCK % "USER NKEY SEED").encode())


def process_name() -> str:
    """The name of this process in a cluster: its host and its number."""
    return f"{socket.gethostname()}-{os.getpid()}"


def reason_of(error: Exception) -> str:
    """The text of an error, or its type if it has none."""
    return plain(str(error) or type(error).__name__)


def server_id(client: Client) -> str:
    """The id of the server's process, which changes at each start."""
    return str(client._server_info.get("server_id", ""))  # noqa: SLF001 -- nats-py shows only its version


def when_new(note: Note) -> Note:
    """Drop lines that repeat the one before: a retry every second must not fill the log."""
    last: list[tuple[str, str]] = []

    def noted(level: str, text: str) -> None:
        if last != [(level, text)]:
            last[:] = [(level, text)]
            note(level, text)

    return noted


class ClusterError(MonitorError):
    """Says why the cluster cannot be used."""


async def connect(cluster: Cluster, name: str, note: Note, location: str = "") -> Client:
    """Connect to any of the cluster's servers; wait until one is there, and connect again after a break.

    ``note`` is called at each break and return. With a ``location``, answers come to subjects of its own, so
    that accounts can keep other locations from reading them. Raises ClusterError if the server is too old.
    """
    try:
        from nats.aio.client import Client
    except ImportError:
        raise ClusterError(
            "[cluster] needs the extra 'cluster', which is not installed: pip install 'monitor[cluster]'"
        ) from None
    client = Client()
    said = _Said(note, _servers(cluster), client)
    try:
        await client.connect(
            list(map(str, cluster.nats)),
            name=name,
            error_cb=said.error,
            disconnected_cb=said.disconnected,
            reconnected_cb=said.connected,
            connect_timeout=_CONNECT_TIMEOUT,
            reconnect_time_wait=1,
            max_reconnect_attempts=-1,
            ping_interval=5,
            max_outstanding_pings=2,
            pending_size=_PENDING,
            skip_subject_validation=True,  # each is ours, or came in one piece from the server
            inbox_prefix=f"_INBOX_{location}" if location else "_INBOX",
            **_options(cluster),
        )
    except asyncio.CancelledError:
        await client.close()
        raise
    await said.connected()
    await _check_version(client)
    return client


def _options(cluster: Cluster) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if cluster.credentials:
        credentials = Credentials(cluster.credentials)
        options |= {"user_jwt_cb": credentials.jwt, "signature_cb": credentials.sign}
    if cluster.user:
        options |= {"user": str(cluster.user), "password": str(cluster.password)}
    if cluster.tls is not None:
        options["tls"] = context(cluster.tls)
    elif any(str(url).startswith(("tls:", "wss:")) for url in cluster.nats):
        options["tls"] = ssl.create_default_context()
    return options


def _servers(cluster: Cluster) -> str:
    return plain(", ".join(without_password(str(url)) for url in cluster.nats))


async def _check_version(client: Client) -> None:
    version = client.connected_server_version
    if (version.major, version.minor) < OLDEST:
        await client.close()
        present = f"{version.major}.{version.minor}.{version.patch}"
        raise ClusterError(f"the NATS server is {present}; {'.'.join(map(str, OLDEST))} or newer is needed")


class _Said:
    """Notes each break with its reason, and each return."""

    def __init__(self, note: Note, servers: str, client: Client) -> None:
        self._note = note
        self._client = client
        self._servers = servers
        self._connected = False
        self._last = ""

    async def error(self, error: Exception) -> None:
        reason = reason_of(error)
        if reason == self._last:
            return
        if not self._connected:
            self._last = reason
            self._note("bad", f"no connection to NATS ({self._servers}): {reason}; trying again")
        elif "violation" in reason:  # any other error precedes a break, which is noted
            self._last = reason
            self._note("warn", f"NATS refuses: {reason}")

    async def disconnected(self) -> None:
        if self._connected and not self._client.is_closed:
            self._connected, self._last = False, ""
            self._note("bad", f"the connection to NATS is lost ({self._servers})")

    async def connected(self) -> None:
        self._connected = True
        self._note("good", f"connected to NATS ({self._servers})")


class Credentials:
    """The callbacks that a client asks for a JWT and for a signature; both are in a .creds file.

    The file is read for each connection, so that it can be replaced at any time. If it is missing or broken,
    they raise an OSError, after which the client tries again.
    """

    def __init__(self, file: str) -> None:
        self._file = file

    def jwt(self) -> bytearray:
        """The user's JWT."""
        return bytearray(self._found(_JWT, "a JWT"))

    def sign(self, nonce: str) -> bytes:
        """The server's ``nonce``, signed with the seed; base64."""
        import nkeys

        seed = bytearray(self._found(_SEED, "a seed"))
        try:
            pair = nkeys.from_seed(seed)
            signed = pair.sign(nonce.encode())
            pair.wipe()
        except Exception:  # noqa: BLE001 -- nkeys has errors of many kinds; their texts may hold a part of the seed
            raise OSError(f"{self._file} holds a seed that is damaged") from None
        return base64.b64encode(signed)

    def _found(self, block: re.Pattern[bytes], name: str) -> bytes:
        with Path(self._file).open("rb") as file:
            found = block.search(file.read(_LARGEST))
        if found is None:
            raise OSError(f"{self._file} is no .creds file: it holds no block with {name}")
        return found[1]
