"""HTTP/2 exchanges; broken ones are tested with the HTTP check."""

import pytest

from monitor.demo.process import RunningZoo
from monitor.trace import Trace
from monitor.wire.connection import connect
from monitor.wire.http2 import exchange
from monitor.wire.messages import Request
from monitor.wire.urls import parse


@pytest.mark.parametrize(("method", "body"), [("GET", b""), ("POST", b"x" * 200_000)])
async def test_a_request_is_answered_whatever_its_size(zoo: RunningZoo, method: str, body: bytes) -> None:
    host, _, port = zoo.addresses["h2c"].rpartition(":")
    url = parse(f"http://{zoo.addresses['h2c']}/healthy")
    headers = (("Connection", "close"), ("X", "y"))
    request = Request(method=method, url=url, headers=headers, body=body)
    trace = Trace()
    with await connect(host, int(port), trace) as connection:
        got = await exchange(connection, request, trace, 5)
    assert (got.status, got.version, got.body) == (200, "2", b"ok ov")
    assert list(trace.phases) == ["connect", "wait", "transfer"]
