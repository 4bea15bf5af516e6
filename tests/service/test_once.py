"""Every endpoint once, all at the same time."""

import asyncio
import socket
from collections.abc import Awaitable, Callable

import httpx
from fake_probe import Fake
from servers import free_port

from monitor.errors import ProbeError
from monitor.judge.expectations import LATENCY
from monitor.model import Endpoint, Reason, Settings, Status
from monitor.probes._heartbeats import Call, Heartbeats
from monitor.probes.push import Push
from monitor.redact import MASK, Redactor
from monitor.service.once import check_all
from monitor.trace import Resources, Trace


async def fine(trace: Trace) -> str:
    return "200 OK, token hunter2"


async def refused(trace: Trace) -> str:
    raise ProbeError(Reason.CONNECTION_REFUSED, "connection refused")


def endpoints(*scripts: Callable[[Trace], Awaitable[str]], timeout: float = 10.0) -> list[Endpoint]:
    return [
        Endpoint(id=f"e{number}", name=f"e{number}", probe=Fake(script), timeout=timeout)
        for number, script in enumerate(scripts)
    ]


async def test_results_come_in_the_order_of_the_endpoints() -> None:
    turn = asyncio.Event()

    async def last(trace: Trace) -> str:
        await turn.wait()
        return "last"

    async def first(trace: Trace) -> str:
        turn.set()
        return "first"

    results = await check_all(endpoints(last, refused, first), Settings(), str)
    assert [result.message for result in results] == ["last", "connection refused", "first"]
    assert [result.status for result in results] == [Status.UP, Status.DOWN, Status.UP]


async def test_all_endpoints_are_checked_at_the_same_time() -> None:
    together = asyncio.Barrier(50)

    async def meet(trace: Trace) -> str:
        await together.wait()
        return "met"

    results = await check_all(endpoints(*[meet] * 50), Settings(), str)
    assert {result.message for result in results} == {"met"}


async def test_waiting_for_a_turn_is_in_neither_timeout_nor_latency() -> None:
    in_flight = 0

    async def alone(trace: Trace) -> str:
        nonlocal in_flight
        in_flight += 1
        assert in_flight == 1
        for _ in range(3):
            await asyncio.sleep(0.02)
        in_flight -= 1
        return "ok"

    results = await check_all(endpoints(*[alone] * 5, timeout=0.25), Settings(max_concurrency=1), str)
    assert {result.status for result in results} == {Status.UP}
    assert all(result.latency_ms is not None and result.latency_ms < 250 for result in results)


async def test_secrets_are_masked() -> None:
    (result,) = await check_all(endpoints(fine), Settings(), Redactor(["hunter2"]))
    assert result.message == f"200 OK, token {MASK}"


async def test_assertions_are_judged() -> None:
    expect = LATENCY.compile("latency", 0.000001)
    (endpoint,) = endpoints(fine)
    failing = Endpoint(id="a", name="a", probe=endpoint.probe, expect=expect)
    (result,) = await check_all([failing], Settings(), str)
    assert result.reason is Reason.LATENCY_EXCEEDED


async def test_while_no_canary_answers_failures_are_inconclusive() -> None:
    offline = Settings(connectivity=(Fake(refused), Fake(refused)))
    results = await check_all(endpoints(fine, refused), offline, str)
    assert [result.status for result in results] == [Status.UP, Status.INCONCLUSIVE]
    assert "offline" in results[1].message


async def test_one_canary_that_answers_is_enough() -> None:
    async def hang(trace: Trace) -> str:
        await asyncio.Event().wait()
        return "never"

    settings = Settings(connectivity=(Fake(hang), Fake(fine)))
    (result,) = await check_all(endpoints(refused), settings, str)
    assert result.status is Status.DOWN


async def test_heartbeats_are_taken_while_checks_wait_for_them() -> None:
    probe = Push(url="push:backup", interval=30)
    waiting = [Endpoint(id=name, name=name, probe=probe) for name in ("a", "b")]
    resources = Resources()
    heartbeats = resources.of(Heartbeats)
    checking = asyncio.create_task(check_all(waiting, Settings(listen=("127.0.0.1", 0)), str, resources))
    while heartbeats.deaf:
        await asyncio.sleep(0)
    heartbeats.take(Call("backup", note="3 files"))
    assert [result.message for result in await checking] == ["3 files"] * 2
    assert heartbeats.deaf


async def test_nobody_waits_for_canaries_while_all_is_well() -> None:
    async def hang(trace: Trace) -> str:
        await asyncio.Event().wait()
        return "never"

    (result,) = await check_all(endpoints(fine), Settings(connectivity=(Fake(hang),)), str)
    assert result.status is Status.UP


async def test_nothing_to_check_is_no_error() -> None:
    assert await check_all([], Settings(), str) == []


async def test_a_heartbeat_reaches_a_single_check_over_http() -> None:
    waiting = Endpoint(id="a", name="a", probe=Push(url="push:backup", interval=30, token="t"))
    port = free_port()
    resources = Resources()
    settings = Settings(listen=("127.0.0.1", port))
    checking = asyncio.create_task(check_all([waiting], settings, str, resources))
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as caller:
        while resources.of(Heartbeats).deaf:
            await asyncio.sleep(0)
        assert (await caller.get("/healthz")).text == "ok\n"
        assert (await caller.get("/push/backup")).status_code == 401
        assert (await caller.get("/push/backup?token=t&msg=hi")).status_code == 200
    (result,) = await checking
    assert (result.status, result.message) == (Status.UP, "hi")


async def test_an_address_that_is_taken_keeps_a_single_check_from_hearing() -> None:
    waiting = Endpoint(id="a", name="a", probe=Push(url="push:backup", interval=30))
    with socket.create_server(("127.0.0.1", 0)) as other:
        (result,) = await check_all([waiting], Settings(listen=other.getsockname()[:2]), str)
    assert result.status is Status.INCONCLUSIVE
    assert "address already in use" in result.message
