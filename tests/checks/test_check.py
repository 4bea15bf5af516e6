"""One endpoint to its result, over one address family or both."""

import asyncio
from asyncio import StreamReader, StreamWriter
from dataclasses import replace

import pytest

from monitor.checks.check import check_endpoint
from monitor.checks.run_probe import run_probe
from monitor.demo.process import RunningZoo
from monitor.demo.server import serve
from monitor.judge.expectations import REPLY
from monitor.model import Assertion, Endpoint, Reason, Status
from monitor.probes.tcp import Tcp
from monitor.trace import Trace


async def greet(reader: StreamReader, writer: StreamWriter) -> None:
    writer.write(b"hello\r\n")
    await reader.read()


GREETED = REPLY.compile("expect.reply", {"contains": "hello"})


def endpoint(port: int, expect: tuple[Assertion, ...] = GREETED) -> Endpoint:
    probe = Tcp(url=f"tcp://127.0.0.1:{port}", ip_version=4)
    return Endpoint(id="x", name="x", probe=probe, timeout=3.0, expect=expect)


async def test_what_was_seen_is_judged() -> None:
    async with serve(greet) as port:
        expect = REPLY.compile("expect.reply", {"contains": "goodbye"})
        result = await check_endpoint(replace(endpoint(port, expect), timeout=0.3))
    assert (result.status, result.reason) == (Status.DOWN, Reason.REPLY_MISMATCH)
    assert result.message == "expected reply contains 'goodbye', got hello"


def both(port: int, port6: int) -> Endpoint:
    return replace(endpoint(port), twin=Tcp(url=f"tcp://[::1]:{port6}", ip_version=6))


@pytest.fixture
async def on_both():
    """An endpoint that answers over both families."""
    async with serve(greet) as port, serve(greet, host="::1") as port6:
        yield both(port, port6)


async def test_both_families_have_to_pass(on_both: Endpoint) -> None:
    traces: list[Trace] = []
    result = await check_endpoint(on_both, begun=traces.append)
    assert len(traces) == 2
    assert (result.status, result.message) == (Status.UP, "IPv4 and IPv6: hello")


@pytest.mark.parametrize("failing", ["IPv4", "IPv6"])
async def test_the_family_that_fails_is_reported(failing: str, zoo: RunningZoo) -> None:
    refused = int(zoo.addresses["refused"].rpartition(":")[2])
    async with serve(greet) as port, serve(greet, host="::1") as port6:
        result = await check_endpoint(both(refused, port6) if failing == "IPv4" else both(port, refused))
    assert (result.status, result.reason) == (Status.DOWN, Reason.CONNECTION_REFUSED)
    assert result.message.startswith(f"{failing}: connection refused")


async def test_both_families_are_checked_at_the_same_time(on_both: Endpoint) -> None:
    seen: list[int] = []
    together = asyncio.Barrier(2)

    async def watched(probe, timeout, assertions, begun):  # type: ignore[no-untyped-def]
        seen.append(probe.ip_version)
        await together.wait()
        return await run_probe(probe, timeout, assertions, begun)

    await check_endpoint(on_both, watched)
    assert sorted(seen) == [4, 6]
