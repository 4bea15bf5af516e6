"""blackbox_exporter's modules: URL and keys for a target, and that they pass and fail as there."""

from __future__ import annotations

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from monitor.demo.server import serve
from monitor.importers._blackbox_modules import take_module
from monitor.importers._draft import Block
from monitor.importers._fields import Fields
from monitor.importers._secrets import Secrets
from monitor.model import Status
from monitor.service.once import check_all

Convert = Callable[..., Any]

STARTTLS = [{"expect": "OK"}, {"send": ". STARTTLS"}, {"expect": "OK"}, {"starttls": True}]
CASES: dict[str, tuple[dict[str, Any], str, dict[str, Any]]] = {
    "a page": ({"prober": "http"}, "a.example", {"url": "http://a.example"}),
    "a URL": ({"prober": "http"}, "https://a.example/x", {"url": "https://a.example/x"}),
    "a port": ({"prober": "tcp"}, "a.example:25", {"url": "tcp://a.example:25"}),
    "TLS": ({"prober": "tcp", "tcp": {"tls": True}}, "a.example:443", {"url": "tls://a.example:443"}),
    "STARTTLS": (
        {"prober": "tcp", "tcp": {"query_response": STARTTLS}},
        "a.example:143",
        {"url": "tls://a.example:143", "starttls": "imap"},
    ),
    "a name": (
        {"prober": "dns", "dns": {"query_name": "a.example", "query_type": "A"}},
        "192.0.2.1",
        {"url": "dns://a.example?type=A&server=192.0.2.1"},
    ),
    "a name over TLS": (
        {"prober": "dns", "dns": {"query_name": "a.example", "query_type": "A", "dns_over_tls": True}},
        "192.0.2.1:853",
        {"url": "dns://a.example?type=A&server=tls://192.0.2.1:853"},
    ),
    "a host": ({"prober": "icmp"}, "2001:db8::1", {"url": "icmp://[2001:db8::1]"}),
    "a service": (
        {"prober": "grpc", "grpc": {"service": "a.B", "tls": True}},
        "a.example:50051",
        {"url": "grpcs://a.example:50051/a.B"},
    ),
    "a WebSocket": ({"prober": "websocket"}, "a.example/ws", {"url": "ws://a.example/ws"}),
    "a timeout": ({"prober": "icmp", "timeout": "2s"}, "a", {"url": "icmp://a", "timeout": "2s"}),
}


@pytest.mark.parametrize(("module", "target", "wanted"), CASES.values(), ids=CASES)
def test_a_module_and_a_target_are_an_endpoint(module: dict[str, Any], target: str, wanted: dict[str, Any]):
    block = Block("endpoints", {"name": "a"})
    take_module(Fields(module, block.note), target, block, Secrets(), Path())
    assert block.keys == {"name": "a", **wanted}


REPLIES = [
    ([{"send": "PING"}, {"expect": "^PONG"}], "PONG\n", True),
    ([{"send": "PING"}, {"expect": "^PONG"}], "ERR\n", False),
    ([{"expect": "^220 .*ESMTP$"}], "220 mail ESMTP\n", True),
    ([{"expect": "^220"}], "hello\n220 mail\n", True),
    ([{"expect_bytes": "a.b"}], "xa.b", True),
    ([{"expect_bytes": "a.b"}], "axb", False),
]


@pytest.mark.parametrize(("steps", "reply", "passes"), REPLIES)
async def test_a_dialogue_passes_as_it_did_there(
    steps: list[dict[str, str]], reply: str, passes: bool, convert: Convert
):
    async def answer(reader: StreamReader, writer: StreamWriter) -> None:
        if any("send" in step for step in steps):
            assert await reader.readline() == b"PING\n"
        writer.write(reply.encode())
        await writer.drain()
        writer.close()

    async with serve(answer) as port:
        job = {
            "job_name": "j",
            "params": {"module": ["m"]},
            "static_configs": [{"targets": [f"127.0.0.1:{port}"]}],
            "relabel_configs": [{"source_labels": ["__address__"], "target_label": "__param_target"}],
        }
        result = await asyncio.to_thread(_with_module, convert, job, steps)
        config = result.config()
        (checked,) = await check_all(config.endpoints, config.settings, config.redact)
    assert (checked.status is Status.UP) is passes, checked.message


def _with_module(convert: Convert, job: dict[str, Any], steps: list[dict[str, str]]) -> Any:
    import json
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        modules = Path(folder) / "modules.yml"
        modules.write_text(
            json.dumps({"modules": {"m": {"prober": "tcp", "tcp": {"query_response": steps}}}})
        )
        return convert("prometheus", {"scrape_configs": [job]}, modules)


def test_an_unknown_prober_makes_the_endpoint_a_comment():
    block = Block("endpoints")
    take_module(Fields({"prober": "unix"}, block.note), "/run/a", block, Secrets(), Path())
    assert block.refused == "there is no check like its prober 'unix'"
