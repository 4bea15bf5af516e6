"""`monitor agent` as a process."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from monitor_command import monitor
from natsd import Server, until

from monitor.cluster.protocol import Due, due_subject, encode
from monitor.cluster.reader import Results
from monitor.cluster.streams import ensure_streams
from monitor.errors import UsageError
from monitor.service.agent import load_for

ENDPOINT = '[[endpoints]]\nname = "{}"\nurl = "tcp://127.0.0.1:{}"\nlocations = ["eu"]\n'


@contextmanager
def running(file: Path, *arguments: str):
    process = subprocess.Popen(
        monitor("agent", "-c", str(file), "--log-format", "json", *arguments),
        stderr=subprocess.PIPE,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def until_says(process: subprocess.Popen[bytes], text: str) -> str:
    assert process.stderr
    for line in process.stderr:
        said = str(json.loads(line)["message"])
        if text in said:
            return said
    raise AssertionError(f"it ended without {text!r}")


async def results(bus: Any) -> tuple[list[Any], asyncio.Task[None]]:
    found: list[Any] = []
    reader = Results(
        bus,
        0,
        lambda location, report, at: found.append((location, report.result)),
        lambda location, beat, at: None,
        lambda level, text: None,
    )
    return found, asyncio.create_task(reader.run())


async def test_it_checks_follows_its_config_and_ends_in_time(nats_server: Server, bus: Any, tmp_path: Path):
    file = tmp_path / "monitor.toml"
    head = f'[cluster]\nnats = ["{nats_server.url}"]\n'
    await ensure_streams(bus.jetstream())  # as a daemon does
    file.write_text(head + ENDPOINT.format("nats", nats_server.port))
    with running(file, "--location", "eu") as process:
        await asyncio.to_thread(until_says, process, "checks 1 endpoint")
        await asyncio.to_thread(until_says, process, "connected to NATS")
        await until(lambda: ask(bus, "nats"))
        found, reading = await results(bus)
        await until(lambda: found)
        assert found[0][0] == "eu"
        assert found[0][1].status.value == "up"
        file.write_text(head + ENDPOINT.format("other", nats_server.port))
        await asyncio.to_thread(until_says, process, "config reloaded")
        await ask(bus, "other")
        await until(lambda: found[-1][1].endpoint == "other")
        assert found[-1][1].status.value == "up"
        reading.cancel()
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(process.wait, 10) == 0
        assert time.monotonic() - began < 5


async def ask(bus: Any, id: str) -> bool:
    try:
        await bus.jetstream().consumer_info("MONITOR_CHECKS", "eu")
    except Exception:  # noqa: BLE001 -- not made yet
        return False
    await bus.jetstream().publish(due_subject("eu", id), encode(Due(endpoint=id)))
    return True


@pytest.mark.parametrize(
    ("text", "location", "told"),
    [
        ("", "eu", "has no table"),
        ('[cluster]\nnats = ["nats://127.0.0.1:1"]\n', None, "needs --location NAME"),
    ],
)
def test_what_an_agent_cannot_do_without_is_named(tmp_path: Path, text: str, location: str | None, told: str):
    file = tmp_path / "monitor.toml"
    file.write_text(text)
    with pytest.raises(UsageError, match=told):
        load_for(file, location)


def test_the_location_may_be_in_the_config(tmp_path: Path):
    file = tmp_path / "monitor.toml"
    file.write_text('[cluster]\nnats = ["nats://127.0.0.1:1"]\nlocation = "eu"\n')
    assert load_for(file, None)[1] == "eu"
    assert load_for(file, "us")[1] == "us"
