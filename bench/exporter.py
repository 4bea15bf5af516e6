"""prometheus-blackbox-exporter as a peer: its process, and probes as Prometheus has it make them."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import rig

from monitor.trace import Trace
from monitor.wire import http1
from monitor.wire.connection import Connection, connect

MODULES = """
modules:
  http_2xx:
    prober: http
    timeout: 60s
    http:
      preferred_ip_protocol: ip4
"""
CA = """
      tls_config:
        ca_file: {ca}
"""
LARGEST = 1 << 20
"""Bytes of metrics that one probe gives at most."""


def program() -> str | None:
    """Where it is installed."""
    return shutil.which("prometheus-blackbox-exporter") or shutil.which("blackbox_exporter")


class Exporter:
    """A running exporter; ``pid`` is its process."""

    def __init__(self, port: int, pid: int) -> None:
        self.pid = pid
        self.asked = self.failed = 0
        self._port = port
        self._idle: list[Connection] = []

    async def probe(self, target: str) -> None:
        """Have it check ``target``; over a kept connection and uncompressed, which is cheaper for it."""
        trace = Trace()
        connection = self._idle.pop() if self._idle else await connect("127.0.0.1", self._port, trace)
        path = f"/probe?module=http_2xx&target={quote(target, safe='')}"
        request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
        response = await http1.exchange(connection, request, "GET", trace, LARGEST)
        self._idle.append(connection)
        self.asked += 1
        self.failed += b"\nprobe_success 1" not in response.body

    def cpu_seconds(self) -> float:
        """CPU time that it has used so far."""
        return rig.cpu_seconds(self.pid)

    def close(self) -> None:
        """Close the connections to it."""
        for connection in self._idle:
            connection.close()


@contextmanager
def exporter(folder: Path, ca: Path | None = None) -> Iterator[Exporter]:
    """A running exporter that trusts ``ca``; it has to be installed."""
    found = program()
    assert found is not None
    [port] = rig.free_ports(1)
    config = folder / "blackbox.yml"
    config.write_text(MODULES + (CA.format(ca=ca) if ca else ""))
    words = [found, f"--config.file={config}", f"--web.listen-address=127.0.0.1:{port}", "--log.level=error"]
    child = subprocess.Popen(words)
    try:
        rig.listening(port)
        running = Exporter(port, child.pid)
        yield running
        running.close()
    finally:
        child.terminate()
        child.wait()
