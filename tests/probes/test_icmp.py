"""ICMP checks of this machine itself, over whichever socket it permits."""

import asyncio
import errno
import select
import socket

import pytest

from monitor.checks.run_probe import run_probe
from monitor.errors import FieldError, ProbeError
from monitor.judge.verdict import judge
from monitor.model import Observation, Reason, Status
from monitor.probes import icmp as probe
from monitor.probes.icmp import SPACING, Icmp, _Echo, jitter
from monitor.trace import Trace
from monitor.wire import icmp


async def ping(host: str, **keys: object) -> Observation:
    seen = await run_probe(Icmp(url=f"icmp://{host}", **keys), 3.0)  # type: ignore[arg-type]
    if seen.reason is Reason.LOCAL_ERROR:
        pytest.skip(seen.message)
    return seen


async def test_this_machine_answers() -> None:
    seen = await ping("127.0.0.1", count=2)
    assert (seen.reason, seen.address) == (None, "127.0.0.1")
    assert seen.facts["loss"] == 0
    assert seen.latency_ms == seen.phases_ms["wait"]


async def test_this_machine_answers_over_ipv6() -> None:
    assert (await ping("[::1]", count=1)).reason is None


async def test_loss_may_be_asked_about() -> None:
    expect = Icmp.expectations["loss"].compile("expect.loss", {"lt": 50})
    assert judge("x", await ping("127.0.0.1", count=1), expect, ()).status is Status.UP


async def test_jitter_may_be_asked_about_and_is_kept() -> None:
    expect = Icmp.expectations["jitter"].compile("expect.jitter", {"lt": 1000})
    result = judge("x", await ping("127.0.0.1", count=3), expect, ())
    assert result.status is Status.UP
    assert result.performance is not None
    assert list(result.performance) == ["loss", "jitter", "fastest", "slowest"]
    assert str(result.performance["loss"]) == "0%"


@pytest.mark.parametrize(
    ("trips", "expected"),
    [([5.0], 0.0), ([5.0, 5.0], 0.0), ([5.0, 8.0, 4.0], 3.5), ([1.0, 2.0, 1.0, 2.0], 1.0)],
)
def test_jitter_is_the_mean_difference_of_neighbours(trips: list[float], expected: float) -> None:
    assert jitter(trips) == expected


async def test_without_permission_the_message_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object) -> socket.socket:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(icmp.socket, "socket", forbidden)
    seen = await run_probe(Icmp(url="icmp://127.0.0.1"), 1.0)
    assert seen.reason is Reason.LOCAL_ERROR
    assert "ping_group_range" in seen.message


@pytest.mark.parametrize(
    ("url", "count"), [("icmp://", 3), ("icmp://a:80", 3), ("icmp://a", 0), ("icmp://a", 101)]
)
def test_what_cannot_be_pinged_is_refused(url: str, count: int) -> None:
    with pytest.raises(FieldError):
        Icmp(url=url, count=count)


class Errors(socket.socket):
    """A socket whose first reads end in errors, as ICMP errors are reported."""

    due: list[int]

    def recv(self, *arguments: int) -> bytes:  # type: ignore[override]
        if self.due and select.select([self], [], [], 0)[0]:
            super().recv(*arguments)
            raise OSError(self.due.pop(0), "unreachable")
        return super().recv(*arguments)


async def echoes(errors: int) -> Trace:
    """Three echoes, of which the first ones come back as errors."""
    trace = Trace()
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with Errors(fileno=ours.detach()) as sock, theirs:
        sock.setblocking(False)
        sock.due = [errno.EHOSTUNREACH] * errors
        theirs.setblocking(False)
        answering = asyncio.ensure_future(_answer_echoes(theirs))
        try:
            await _Echo(sock, socket.AF_INET, 3, trace).run()
        finally:
            answering.cancel()
    return trace


@pytest.mark.parametrize(("answers", "least", "most"), [(100, 0, 0), (1, 50, 80)])
async def test_echoes_that_were_never_sent_are_not_lost(
    monkeypatch: pytest.MonkeyPatch, answers: int, least: float, most: float
) -> None:
    monkeypatch.setattr(probe, "PATIENCE", 0.0)
    trace = Trace()
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with ours, theirs:
        ours.setblocking(False)
        theirs.setblocking(False)
        answering = asyncio.ensure_future(_answer_echoes(theirs, answers))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(2.5 * SPACING):
                await _Echo(ours, socket.AF_INET, 20, trace).run()
        answering.cancel()
    assert least <= trace.facts["loss"] <= most
    assert trace.settled


@pytest.mark.parametrize(("errors", "loss"), [(0, 0.0), (1, 100 / 3), (2, 200 / 3)])
async def test_an_error_counts_as_a_lost_echo_if_others_are_answered(errors: int, loss: float) -> None:
    assert (await echoes(errors)).facts["loss"] == pytest.approx(loss)


async def test_errors_alone_are_the_reason() -> None:
    with pytest.raises(ProbeError) as caught:
        await echoes(3)
    assert caught.value.reason is Reason.UNREACHABLE


async def _answer_echoes(sock: socket.socket, count: int = 100) -> None:
    loop = asyncio.get_running_loop()
    for _ in range(count):
        echo = await loop.sock_recv(sock, 100)
        await loop.sock_sendall(sock, bytes([icmp.REPLY[socket.AF_INET]]) + echo[1:])
