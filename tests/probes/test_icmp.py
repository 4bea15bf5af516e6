"""ICMP checks of this machine itself, over whichever socket it permits."""

import errno
import socket

import pytest

from monitor.checks.run_probe import run_probe
from monitor.errors import FieldError
from monitor.judge.verdict import judge
from monitor.model import Observation, Reason, Status
from monitor.probes.icmp import Icmp, jitter
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
