"""Connecting to NATS: logins, TLS, servers that are away or too old."""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import nats
import pytest
from cluster_processes import Processes, config_of
from jwts import Operator
from natsd import Server, program, until

from monitor.cluster.connection import ClusterError, Credentials, connect
from monitor.cluster.streams import ensure_streams
from monitor.demo.certs import Authority
from monitor.demo.server import serve
from monitor.model import Cluster
from monitor.wire.tls import TlsOptions

pytestmark = pytest.mark.timeout(120)


class Notes(list[str]):
    def __call__(self, level: str, text: str) -> None:
        self.append(f"{level} {text}")


async def test_a_break_and_the_return_are_noted_once(nats_server: Server):
    notes = Notes()
    client = await connect(Cluster(nats=(nats_server.url,)), "test", notes)
    nats_server.kill()
    await until(lambda: len(notes) >= 2)
    nats_server.start()
    await until(lambda: notes[-1].startswith("good connected") and len(notes) >= 3)
    assert notes[0].startswith("good connected to NATS (nats://127.0.0.1")
    assert notes[1].startswith("bad the connection to NATS is lost")
    await client.close()


async def test_a_server_that_is_away_is_waited_for(tmp_path: Path):
    notes = Notes()
    server = Server(tmp_path)
    connecting = asyncio.create_task(connect(Cluster(nats=(server.url,)), "test", notes))
    await until(lambda: notes)
    assert "trying again" in notes[0]
    server.start()
    client = await asyncio.wait_for(connecting, 15)
    await client.close()
    server.kill()


async def test_a_user_logs_in_and_no_password_is_shown(tmp_path: Path):
    server = Server(tmp_path, 'authorization { user: "m", password: "hunter2" }')
    server.start()
    notes = Notes()
    client = await connect(Cluster(nats=(server.url,), user="m", password="hunter2"), "test", notes)
    await client.close()
    url = f"nats://m:hunter3@127.0.0.1:{server.port}"
    refused = asyncio.create_task(connect(Cluster(nats=(url,)), "test", notes))
    await until(lambda: any("uthorization" in note for note in notes))
    refused.cancel()
    await asyncio.wait([refused])
    assert not any("hunter" in note for note in notes)
    server.kill()


async def test_tls_is_verified_by_the_authority_of_the_config(tmp_path: Path):
    authority = Authority(tmp_path)
    certificate = authority.pem("valid")
    server = Server(tmp_path, f'tls {{ cert_file: "{certificate}", key_file: "{certificate}" }}')
    server.start()
    url = f"tls://localhost:{server.port}"
    client = await connect(
        Cluster(nats=(url,), tls=TlsOptions(ca=str(authority.ca))), "test", lambda level, text: None
    )
    await client.close()
    notes = Notes()
    refused = asyncio.create_task(connect(Cluster(nats=(url,)), "test", notes))
    await until(lambda: any("certificate verify failed" in note for note in notes))
    refused.cancel()
    await asyncio.wait([refused])
    server.kill()


async def test_a_server_that_is_too_old_is_named():
    async def old(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b'INFO {"server_id":"x","version":"2.10.3","max_payload":1048576,"headers":true}\r\n')
        while line := await reader.readline():
            if line.startswith(b"PING"):
                writer.write(b"PONG\r\n")

    async with serve(old) as port:
        with pytest.raises(ClusterError, match=r"2\.10\.3; 2\.14 or newer is needed"):
            await connect(Cluster(nats=(f"nats://127.0.0.1:{port}",)), "test", lambda level, text: None)


async def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "nats.aio.client", None)
    with pytest.raises(ClusterError, match=r"pip install 'monitor\[cluster\]'"):
        await connect(Cluster(nats=("nats://127.0.0.1:1",)), "test", lambda level, text: None)


# ---- logging in with .creds files, and what the documented permissions of a user allow


DOCUMENT = Path(__file__).parents[2] / "docs" / "cluster.md"


def documented(name: str) -> tuple[Sequence[str], Sequence[str]]:
    """What a user may publish, and subscribe to, by the `nsc add user` command in the document."""
    text = DOCUMENT.read_text().replace("\\\n", "")
    (command,) = re.findall(rf"^nsc add user .*--name {name} .*$", text, re.MULTILINE)
    words = shlex.split(command)
    allowed = {flag: words[words.index(flag) + 1].split(",") for flag in ("--allow-pub", "--allow-sub")}
    return allowed["--allow-pub"], allowed["--allow-sub"]


@pytest.fixture
def operator() -> Operator:
    return Operator()


@pytest.fixture
def server(operator: Operator, tmp_path: Path) -> Iterator[Server]:
    if program() is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("nats-server is not installed")
    made = operator.server(tmp_path)
    made.start()
    yield made
    made.kill()


async def test_a_daemon_and_an_agent_need_no_more_than_is_documented(
    operator: Operator, tmp_path: Path, stack: ExitStack
):
    """Over TLS, which both verify."""
    authority = Authority(tmp_path)
    certificate = authority.pem("valid")
    server = operator.server(tmp_path, f'tls {{ cert_file: "{certificate}", key_file: "{certificate}" }}')
    server.start()
    stack.callback(server.kill)
    for name, one in (("daemon", "daemon"), ("eu", "eu")):
        operator.user(tmp_path / f"{one}.creds", *documented(name))
        more = f'credentials = "{one}.creds"\ntls = {{ ca = "{authority.ca}" }}\n'
        target = f"tcp://127.0.0.1:{server.port}"
        config = config_of(server, target, more=more).replace("nats://127.0.0.1", "tls://localhost")
        processes = Processes(tmp_path, config, stack)
        processes.daemon("daemon") if one == "daemon" else processes.agent("eu", "eu")

    async def up() -> bool:
        found = await processes.statuses("daemon")
        return bool(found) and all(one.message.startswith("eu: connected") for one in found)

    await until(up, 40)
    logs = "".join((tmp_path / f"{name}.log").read_text() for name in ("daemon", "eu"))
    assert "iolation" not in logs
    assert "SU" not in logs


@pytest.mark.parametrize(
    "subject",
    [
        "monitor.result.us.shop",
        "monitor.beat.us.a",
        "monitor.due.eu.shop",
        "monitor.at.eu.shop.1000",
        "$KV.monitor_shared.ack.shop",
        "$KV.monitor_shared.silence.x",
        "$KV.monitor_lease.leader",
        "$KV.monitor_delivered.x",
        "$JS.API.STREAM.CREATE.MONITOR_CHECKS",
        "$JS.API.STREAM.PURGE.MONITOR_RESULTS",
        "$JS.API.CONSUMER.MSG.NEXT.MONITOR_CHECKS.us",
    ],
)
async def test_an_agent_with_the_documented_permissions_may_not_publish_more(
    operator: Operator, server: Server, tmp_path: Path, subject: str
):
    bus = await user(server, operator.user(tmp_path / "eu.creds", *documented("eu")))
    with pytest.raises(nats.errors.Error):
        await bus.request(subject, b"{}", timeout=0.5)
    assert "permissions violation for publish" in str(bus.last_error).lower()
    await bus.close()


@pytest.mark.parametrize("subject", ["monitor.>", "_INBOX.>", "_INBOX_us.>", "$KV.>", "$JS.>"])
async def test_an_agent_with_the_documented_permissions_may_not_listen_to_others(
    operator: Operator, server: Server, tmp_path: Path, subject: str
):
    bus = await user(server, operator.user(tmp_path / "eu.creds", *documented("eu")))
    await bus.subscribe(subject)
    await until(lambda: "permissions violation for subscription" in str(bus.last_error).lower(), 5)
    await bus.close()


async def user(server: Server, file: str) -> Any:
    async def ignore(_error: Exception) -> None:
        """The client keeps the last error."""

    return await nats.connect(
        server.url, user_credentials=file, inbox_prefix="_INBOX_eu", allow_reconnect=False, error_cb=ignore
    )


BROKEN = {
    "missing": "No such file",
    "empty": "is no .creds file: it holds no block with a seed",
    "binary": "is no .creds file: it holds no block with a seed",
    "without a JWT": "is no .creds file: it holds no block with a JWT",
    "damaged": "holds a seed that is damaged",
    "expired": "Authorization Violation",
    "of another operator": "Authorization Violation",
}


@pytest.mark.parametrize("kind", BROKEN)
async def test_a_file_that_cannot_be_used_is_named_and_used_once_it_is_mended(
    operator: Operator, server: Server, tmp_path: Path, kind: str
):
    file = tmp_path / "eu.creds"
    seed = broken(kind, file, operator)
    notes: list[str] = []
    cluster = Cluster(nats=(server.url,), credentials=str(file))
    connecting = asyncio.create_task(connect(cluster, "test", lambda level, text: notes.append(text)))
    await until(lambda: notes)
    assert BROKEN[kind] in notes[0]
    assert "trying again" in notes[0]
    assert not seed or seed not in "".join(notes)
    operator.user(file)
    client = await asyncio.wait_for(connecting, 15)
    await ensure_streams(client.jetstream())
    await client.close()


def broken(kind: str, file: Path, operator: Operator) -> str:
    """Write a file that cannot be used; its seed, if it holds one."""
    whole = Path(operator.user(file)).read_text()
    seed = whole.splitlines()[5]
    match kind:
        case "missing":
            file.unlink()
        case "empty":
            file.write_text("")
        case "binary":
            file.write_bytes(bytes(range(256)) * 1000)
        case "without a JWT":
            file.write_text(whole[whole.index("-----BEGIN USER") :])
        case "damaged":
            file.write_text(whole.replace(seed, seed[:-4]))
        case "expired":
            operator.user(file, expires=time.time() - 60)
        case _:
            Operator().user(file)
    return seed


def test_the_callbacks_give_what_the_client_asks_for(operator: Operator, tmp_path: Path):
    credentials = Credentials(operator.user(tmp_path / "eu.creds"))
    assert credentials.jwt().count(b".") == 2
    assert len(credentials.sign("nonce")) == 88
