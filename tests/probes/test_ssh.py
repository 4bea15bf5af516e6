"""SSH checks, against OpenSSH and peers that are none."""

import asyncio
import subprocess
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable
from pathlib import Path

import pytest
from servers import free_port, running

from monitor.checks.run_probe import run_probe
from monitor.demo.server import Handler, serve
from monitor.judge.expectations import REPLY
from monitor.judge.verdict import judge
from monitor.model import Reason, Result, Status
from monitor.probes.ssh import Ssh
from monitor.wire.connection import Connection


async def check(port: int, reply: object = None) -> Result:
    expect = () if reply is None else REPLY.compile("expect.reply", reply)
    return judge("x", await run_probe(Ssh(url=f"ssh://127.0.0.1:{port}"), 3.0, expect), expect, ())


async def test_openssh_introduces_itself(needs: Callable[[str], str], tmp_path: Path) -> None:
    sshd, key, port = needs("sshd"), tmp_path / "key", free_port()
    subprocess.run([needs("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    Path("/run/sshd").mkdir(exist_ok=True)
    options = [f"-oPort={port}", "-oListenAddress=127.0.0.1", f"-oHostKey={key}", "-oPidFile=none"]
    with running([sshd, "-D", "-e", "-f", "/dev/null", *options], port, folder=tmp_path):
        result = await check(port, {"matches": "^SSH-2.0-OpenSSH"})
    assert (result.status, result.reason) == (Status.UP, None)
    assert result.message.startswith("SSH-2.0-OpenSSH")


def says(data: bytes) -> Handler:
    async def talk(reader: StreamReader, writer: StreamWriter) -> None:
        writer.write(data)
        await writer.drain()
        if data:
            await reader.read()

    return talk


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"SSH-2.0-x\r\n", None),
        (b"Welcome\r\nto all\r\nSSH-1.99-x comment\n", None),
        (b"220 mail.example ESMTP\r\n" * 60, Reason.PROTOCOL_ERROR),
        (b"\0\0\0\x14garbage\n", Reason.PROTOCOL_ERROR),
        (b"x" * 5000, Reason.PROTOCOL_ERROR),
        (b"", Reason.PROTOCOL_ERROR),
    ],
)
async def test_lines_may_come_before_the_introduction_which_has_to_come(
    data: bytes, reason: Reason | None
) -> None:
    async with serve(says(data)) as port:
        assert (await check(port)).reason is reason


async def test_the_default_port_is_22() -> None:
    assert Ssh(url="ssh://example.com").port == 22


async def test_the_goodbye_is_not_in_the_latency(monkeypatch: pytest.MonkeyPatch) -> None:
    async def linger(_connection: Connection, _data: bytes) -> None:
        await asyncio.sleep(0.3)

    monkeypatch.setattr(Connection, "farewell", linger)
    async with serve(says(b"SSH-2.0-x\r\n")) as port:
        result = await check(port)
    assert result.latency_ms is not None
    assert result.latency_ms < 300
    assert result.latency_ms == pytest.approx(sum(result.phases_ms.values()), abs=5)
