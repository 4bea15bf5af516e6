"""TCP checks against peers of every temperament."""

import pytest

from monitor.checks.run_probe import run_probe
from monitor.demo.process import RunningZoo
from monitor.errors import FieldError
from monitor.judge.expectations import REPLY
from monitor.judge.verdict import judge
from monitor.model import Reason, Result, Status
from monitor.probes.tcp import REPLY_LIMIT, Tcp


async def check(address: str, reply: object = None, timeout: float = 2.0, **keys: object) -> Result:
    expect = () if reply is None else REPLY.compile("expect.reply", reply)
    seen = await run_probe(Tcp(url=f"tcp://{address}", **keys), timeout, expect)  # type: ignore[arg-type]
    return judge("x", seen, expect, ())


@pytest.mark.parametrize("peer", ["tcp-banner", "tcp-silent", "tcp-close", "tcp-endless", "tcp-binary"])
async def test_an_open_port_is_up_whatever_it_says(zoo: RunningZoo, peer: str) -> None:
    result = await check(zoo.addresses[peer])
    assert (result.status, result.reason, result.message) == (Status.UP, None, "connected")
    assert result.address == zoo.addresses[peer]
    assert result.phases_ms.keys() == {"connect"}


@pytest.mark.parametrize(
    ("peer", "reply", "reason"),
    [
        ("tcp-banner", {"matches": "^220 "}, None),
        ("tcp-banner", {"contains": "nothing like it"}, Reason.REPLY_MISMATCH),
        ("tcp-pieces", {"exists": True}, None),
        ("tcp-silent", {"exists": True}, Reason.READ_TIMEOUT),
        ("tcp-close", {"exists": True}, Reason.REPLY_MISMATCH),
        ("tcp-reset", {"exists": True}, Reason.CONNECTION_RESET),
        ("tcp-endless", {"contains": "never there"}, Reason.REPLY_MISMATCH),
        ("refused", {"exists": True}, Reason.CONNECTION_REFUSED),
    ],
)
async def test_what_is_heard_is_matched(
    zoo: RunningZoo, peer: str, reply: object, reason: Reason | None
) -> None:
    assert (await check(zoo.addresses[peer], reply, timeout=0.5)).reason is reason


async def test_what_is_sent_comes_back_from_an_echo(zoo: RunningZoo) -> None:
    result = await check(zoo.addresses["tcp-echo"], "PING\r\n", send="PING\r\n")
    assert result.status is Status.UP
    assert result.phases_ms.keys() == {"connect", "wait", "transfer"}


async def test_no_more_than_the_limit_of_a_reply_is_kept(zoo: RunningZoo) -> None:
    expect = REPLY.compile("expect.reply", {"contains": "never there"})
    seen = await run_probe(Tcp(url=f"tcp://{zoo.addresses['tcp-endless']}"), 2.0, expect)
    assert len(seen.facts["reply"]) <= REPLY_LIMIT


async def test_escape_codes_in_a_banner_are_no_escape_codes_in_the_message(zoo: RunningZoo) -> None:
    result = await check(zoo.addresses["tcp-escapes"], {"exists": True})
    assert "\x1b" not in result.message


def test_a_url_without_a_port_is_refused() -> None:
    with pytest.raises(FieldError, match="names no port"):
        Tcp(url="tcp://db.example.com")
