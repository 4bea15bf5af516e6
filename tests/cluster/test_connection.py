"""Connecting to NATS: logins, TLS, servers that are away or too old."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest
from natsd import Server, until
from servers import free_port

from monitor.cluster.connection import ClusterError, connect
from monitor.demo.certs import Authority
from monitor.model import Cluster
from monitor.wire.tls import TlsOptions


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
        writer.close()

    server = await asyncio.start_server(old, "127.0.0.1", port := free_port())
    with pytest.raises(ClusterError, match=r"2\.10\.3; 2\.14 or newer is needed"):
        await connect(Cluster(nats=(f"nats://127.0.0.1:{port}",)), "test", lambda level, text: None)
    server.close()
    await asyncio.sleep(0)


async def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "nats.aio.client", None)
    with pytest.raises(ClusterError, match=r"pip install 'monitor\[cluster\]'"):
        await connect(Cluster(nats=("nats://127.0.0.1:1",)), "test", lambda level, text: None)
