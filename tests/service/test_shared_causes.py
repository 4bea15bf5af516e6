"""A real daemon names the resolver and the certificate authority behind failures that begin together."""

from __future__ import annotations

import json
import os
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import dns.message
import dns.rrset
import pytest
from issuing import authority, leaf, pem, private_pem, root
from monitor_command import monitor

SERVER = "127.77.0.1"
SETTINGS = """
[monitor]
history = "h.db"
socket = "s.sock"
[defaults]
interval = "300ms"
retry_interval = "300ms"
timeout = "5s"
down_after = 2
[[alerts]]
url = "{url}"
digest = "2s"
"""


@contextmanager
def daemon(folder: Path, *before: str) -> Iterator[None]:
    with subprocess.Popen([*before, *monitor("daemon")], cwd=folder, stderr=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.terminate()


def causes(folder: Path) -> list[Any]:
    """The common cause of each incident in the report."""
    told = subprocess.run(
        monitor("report", "--since", "1h", "--format", "json"), check=True, cwd=folder, stdout=subprocess.PIPE
    )
    return [one["common_cause"] for one in json.loads(told.stdout)["incidents"]]


class NameServer:
    """Answers every question with 127.0.0.1 until it dies."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((SERVER, 53))
        self._thread = Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            data, asker = self._socket.recvfrom(4096)
            if not data:
                return
            answer = dns.message.make_response(dns.message.from_wire(data))
            (question,) = answer.question
            if question.rdtype == 1:
                answer.answer.append(dns.rrset.from_text(question.name, 1, "IN", "A", "127.0.0.1"))
            self._socket.sendto(answer.to_wire(), asker)

    def die(self) -> None:
        self._socket.sendto(b"", (SERVER, 53))
        self._thread.join()
        self._socket.close()


def own_resolver(folder: Path) -> list[str]:
    """A command that runs another one with a resolv.conf of its own."""
    file = folder / "resolv.conf"
    file.write_text(f"nameserver {SERVER}\noptions timeout:1 attempts:1\n")
    script = f'mount --bind {file} /etc/resolv.conf && exec "$@"'
    return ["unshare", "--mount", "sh", "-c", script, "sh"]


def may_unshare(folder: Path) -> bool:
    return (
        os.geteuid() == 0
        and not subprocess.run(
            [*own_resolver(folder), "true"], check=False, stderr=subprocess.DEVNULL
        ).returncode
    )


def test_a_dead_resolver_is_one_message_that_names_it(tmp_path: Path, sink: Any):
    if not may_unshare(tmp_path):
        pytest.skip("needs root and mount namespaces")
    with closing(socket.create_server(("127.0.0.1", 0), backlog=500)) as target:
        port = target.getsockname()[1]
        hosts = ["shop.test", "api.test", "mail.test", "127.0.0.1"]
        endpoints = [f'[[endpoints]]\nname = "{host}"\nurl = "tcp://{host}:{port}"\n' for host in hosts]
        (tmp_path / "monitor.toml").write_text(SETTINGS.format(url=sink.url) + "".join(endpoints))
        server = NameServer()
        with daemon(tmp_path, *own_resolver(tmp_path)):
            until_up(tmp_path, 4)
            server.die()
            (message,) = sink.wait(1)
    named = {"kind": "resolver", "value": SERVER, "count": 3}
    assert (message["kind"], len(message["endpoints"]), message["cause"]) == ("digest", 3, named)
    assert f"In common: resolver {SERVER} (3 endpoints)" in message["text"]
    assert causes(tmp_path) == [named] * 3


def until_up(folder: Path, count: int) -> None:
    """Wait until so many endpoints are up."""
    states: dict[str, int] = {}
    while states.get("up") != count:
        told = subprocess.run(
            monitor("status", "--format", "json"), check=False, cwd=folder, capture_output=True
        )
        states = json.loads(told.stdout)["summary"] if told.stdout else {}


def tls_server(folder: Path, issuer: str, chain: str) -> tuple[socket.socket, int]:
    """A server on loopback whose certificate ``issuer`` signed."""
    own = leaf(issuer, "127.0.0.1", subject="shop")
    (folder / "chain.pem").write_text(pem(own.der()) + chain)
    (folder / "key.pem").write_text(private_pem(own.key))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "chain.pem", folder / "key.pem")
    listening = socket.create_server(("127.0.0.1", 0), backlog=500)
    Thread(target=_shake_hands, args=(listening, context), daemon=True).start()
    return listening, listening.getsockname()[1]


def _shake_hands(listening: socket.socket, context: ssl.SSLContext) -> None:
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        try:
            context.wrap_socket(connection, server_side=True).close()
        except OSError:
            connection.close()


@pytest.mark.parametrize(("until", "reason"), [(-1, "certificate_expired"), (90, "certificate_untrusted")])
def test_certificates_of_one_authority_that_fail_together_name_it(
    tmp_path: Path, sink: Any, until: float, reason: str
):
    trusted = root("Test Root")
    (tmp_path / "ca.pem").write_text(pem(trusted.der()))
    bad = authority("R3", "Test Root" if until < 0 else "Unknown Root", until=until)
    good = authority("R4", "Test Root")
    with ExitStack() as stack:
        text = SETTINGS.format(url=sink.url) + '[defaults.tls]\nca = "ca.pem"\n'
        for name, signer in (("a", bad), ("b", bad), ("c", bad), ("fine", good), ("well", good)):
            listening, port = tls_server(tmp_path, signer.subject, pem(signer.der()))
            stack.enter_context(closing(listening))
            text += f'[[endpoints]]\nname = "{name}"\nurl = "tls://127.0.0.1:{port}"\n'
        (tmp_path / "monitor.toml").write_text(text)
        with daemon(tmp_path):
            (message,) = sink.wait(1)
    named = {"kind": "issuer", "value": "R3", "count": 3}
    assert {one["reason"] for one in message["endpoints"]} == {reason}
    assert (message["kind"], message["cause"]) == ("digest", named)
    assert "In common: issuer 'R3' (3 endpoints)" in message["text"]
    assert causes(tmp_path) == [named] * 3
