"""Logging in with .creds files, and what the documented permissions of a user allow."""

from __future__ import annotations

import asyncio
import os
import re
import shlex
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

from monitor.cluster.connection import connect
from monitor.cluster.credentials import Credentials
from monitor.cluster.streams import ensure_streams
from monitor.demo.certs import Authority
from monitor.model import Cluster

DOCUMENT = Path(__file__).parents[2] / "docs" / "cluster.md"

pytestmark = pytest.mark.timeout(120)


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
