"""UDP checks."""

import pytest

from monitor.checks.run_probe import run_probe
from monitor.demo.process import RunningZoo
from monitor.demo.server import serve_datagrams
from monitor.judge.expectations import REPLY
from monitor.judge.verdict import judge
from monitor.model import Reason, Result, Status
from monitor.probes.udp import Udp


async def check(address: str, reply: object = None, **keys: object) -> Result:
    expect = () if reply is None else REPLY.compile("expect.reply", reply)
    seen = await run_probe(Udp(url=f"udp://{address}", **keys), 0.4, expect)  # type: ignore[arg-type]
    return judge("x", seen, expect, ())


@pytest.mark.parametrize(
    ("server", "reply", "reason"),
    [
        ("udp-echo", None, None),
        ("udp-echo", "ping", None),
        ("udp-echo", {"contains": "pong"}, Reason.REPLY_MISMATCH),
        ("udp-silent", None, Reason.READ_TIMEOUT),
        ("refused", None, Reason.CONNECTION_REFUSED),
    ],
)
async def test_something_has_to_answer(
    zoo: RunningZoo, server: str, reply: object, reason: Reason | None
) -> None:
    result = await check(zoo.addresses[server], reply, send="ping")
    assert result.reason is reason
    if result.status is Status.UP:
        assert result.message == "ping"
        assert "wait" in result.phases_ms


async def test_without_a_text_an_empty_datagram_asks() -> None:
    async def reply(asked: bytes) -> bytes | None:
        return b"empty" if asked == b"" else None

    async with serve_datagrams(reply) as port:
        assert (await check(f"127.0.0.1:{port}")).message == "empty"


async def test_another_address_may_be_dialled(zoo: RunningZoo) -> None:
    result = await check("nowhere.invalid:1", connect_to=zoo.addresses["udp-echo"], send="x")
    assert (result.status, result.address) == (Status.UP, zoo.addresses["udp-echo"])
