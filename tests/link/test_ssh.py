"""A daemon on another machine, through a real sshd on loopback."""

from __future__ import annotations

import asyncio
import getpass
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from servers import free_port

from monitor.errors import LinkError, UsageError
from monitor.link import ssh
from monitor.link.client import Client
from monitor.link.edits import Edited, Undo
from monitor.link.messages import Acknowledge, Pause
from monitor.link.peer import name_of
from monitor.link.ssh import Remote, connected, parse

COMMAND = f"{sys.executable} -P -m monitor"


@pytest.mark.parametrize(
    ("url", "remote"),
    [
        ("ssh://host", Remote(host="host")),
        ("ssh://ann@host:2222", Remote(host="host", user="ann", port=2222)),
        ("ssh://ann@host/", Remote(host="host", user="ann")),
        ("ssh://host/run/my%20socket", Remote(host="host", socket="/run/my socket")),
        ("ssh://[::1]:22/s", Remote(host="::1", port=22, socket="/s")),
    ],
)
def test_a_url_is_taken_apart(url: str, remote: Remote):
    assert parse(url) == remote


@pytest.mark.parametrize(
    "url",
    [
        "ssh://",
        "ssh:///s",
        "ssh://-oProxyCommand=x",
        "ssh://-l@host",
        "ssh://host:port",
        "ssh://host:99999",
        "ssh://ann:secret@host",
        "ssh://host?x=1",
        "ssh://[::1",
    ],
)
def test_a_url_that_cannot_be_meant_is_refused_and_no_password_shown(url: str):
    with pytest.raises(UsageError) as caught:
        parse(url)
    assert "secret" not in str(caught.value)


def test_what_the_other_side_runs_is_quoted():
    remote = Remote(host="h", socket="/run/a b; rm -rf $HOME")
    command = ssh._relay_command(remote, "monitor", read_only=True)
    assert command == "monitor attach --stdio --read-only '/run/a b; rm -rf $HOME'"


# ── sshd ────────────────────────────────────────────────────────────────────────────────────────

SSHD = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin")
needs_sshd = pytest.mark.skipif(
    not (SSHD and shutil.which("ssh")), reason="needs sshd and ssh (Debian: openssh-server, openssh-client)"
)


@dataclass
class Sshd:
    """A server for one user with one key."""

    folder: Path
    port: int

    def write_config(self, *options: str) -> Path:
        config = self.folder / "sshd_config"
        fixed = f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {self.folder}/host\nPidFile none\n"
        fixed += f"AuthorizedKeysFile {self.folder}/user.pub\nStrictModes no\nUsePAM no\n"
        config.write_text(fixed + "\n".join(options) + "\n")
        return config


@pytest.fixture
def sshd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Starts sshd with these further options; ssh finds its keys."""
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / name], check=True)
    port = free_port()
    server = Sshd(tmp_path, port)
    Path("/run/sshd").mkdir(exist_ok=True)
    started: list[subprocess.Popen[bytes]] = []

    def start(*options: str) -> Remote:
        config = server.write_config(*options)
        log = (tmp_path / "sshd.log").open("wb")
        started.append(subprocess.Popen([str(SSHD), "-D", "-e", "-f", str(config)], stderr=log))
        log.close()
        while b"Server listening" not in (tmp_path / "sshd.log").read_bytes():
            assert started[-1].poll() is None, (tmp_path / "sshd.log").read_text()
        return Remote(host="127.0.0.1", user=getpass.getuser(), port=port)

    # ssh reads no other config than this one.
    wrapper = tmp_path / "bin" / "ssh"
    wrapper.parent.mkdir()
    options = f"-F none -i {tmp_path}/user -o UserKnownHostsFile=/dev/null -o StrictHostKeyChecking=no"
    wrapper.write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} {options} -o LogLevel=ERROR "$@"\n')
    wrapper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{wrapper.parent}:{os.environ['PATH']}")
    yield start
    for process in started:
        process.terminate()
        process.wait(10)


@needs_sshd
async def test_a_dashboard_attaches_over_ssh_and_acts_as_the_remote_user(served: Any, sshd: Any):
    remote = sshd()
    remote = Remote(host=remote.host, user=remote.user, port=remote.port, socket=str(served.socket))

    def work() -> None:
        with connected(remote, read_only=False, command=COMMAND) as connections:
            asyncio.run(use(Client(connections.dial)))

    async def use(client: Client) -> None:
        assert [info.name for info in (await client.hello()).infos] == ["a", "b", "c"]
        assert (await client.command(Pause(handles=(0,)))).ok
        assert (await client.command(Acknowledge(handles=(0,)))).ok
        with pytest.raises(LinkError, match="read-only"):  # the stand-in's word, on a second connection
            await client.edit(Undo(edit=1), Edited)
        await client.hello()  # a third one
        await client.close()

    await asyncio.to_thread(work)
    mark = served.engine.endpoints[0].acknowledged
    assert mark.by == name_of(os.geteuid())


@needs_sshd
async def test_a_forced_command_that_is_read_only_stays_so(served: Any, sshd: Any):
    remote = sshd(f"ForceCommand {COMMAND} attach --stdio --read-only {served.socket}")

    def work() -> None:
        with connected(remote, read_only=False, command="whatever the other side likes") as connections:
            asyncio.run(use(Client(connections.dial)))

    async def use(client: Client) -> None:
        assert len((await client.hello()).infos) == 3
        done = await client.command(Pause(handles=(0,)))
        assert (done.ok, done.text) == (False, "this connection is read-only")
        await client.close()

    await asyncio.to_thread(work)


@needs_sshd
async def test_what_is_wrong_on_the_other_side_is_reported(sshd: Any, socket_path: Path):
    remote = sshd()
    missing = Remote(host=remote.host, user=remote.user, port=remote.port, socket=str(socket_path))

    def attempt(remote: Remote, command: str) -> str:
        with pytest.raises(LinkError) as caught, connected(remote, read_only=False, command=command):
            pass
        return str(caught.value)

    assert "no daemon answers on" in await asyncio.to_thread(attempt, missing, COMMAND)
    assert "no-such-program" in await asyncio.to_thread(attempt, missing, "no-such-program")
    nobody = Remote(host="127.0.0.1", port=1)
    assert "refused" in await asyncio.to_thread(attempt, nobody, COMMAND)
