"""Stored results, judged by other limits on latency."""

import pytest
from simulation import endpoint

from monitor.judge.assertions import MaxLatency
from monitor.judge.hindsight import judged_again
from monitor.model import Reason, Result, Status

SLOW, REFUSED, EXPIRING = Reason.LATENCY_EXCEEDED, Reason.CONNECTION_REFUSED, Reason.CERTIFICATE_EXPIRING
UP, DEGRADED, DOWN, UNKNOWN = Status.UP, Status.DEGRADED, Status.DOWN, Status.INCONCLUSIVE


@pytest.mark.parametrize(
    ("status", "reason", "latency", "expect", "warn", "expected"),
    [
        (UP, None, 300.0, None, None, (UP, None)),
        (UP, None, 300.0, 1000, 200, (DEGRADED, SLOW)),
        (UP, None, 300.0, 300, None, (UP, None)),
        (UP, None, 300.0, 299, 200, (DOWN, SLOW)),
        (UP, None, None, 299, 200, (UP, None)),
        (DEGRADED, SLOW, 300.0, None, 400, (UP, None)),
        (DEGRADED, SLOW, 300.0, None, None, (UP, None)),
        (DEGRADED, SLOW, 300.0, None, 200, (DEGRADED, SLOW)),
        (DEGRADED, EXPIRING, 300.0, None, 200, (DEGRADED, EXPIRING)),
        (DEGRADED, EXPIRING, 300.0, 200, None, (DOWN, SLOW)),
        (DOWN, SLOW, 300.0, 400, 200, (DEGRADED, SLOW)),
        (DOWN, SLOW, 300.0, 400, None, (UP, None)),
        (DOWN, REFUSED, 300.0, 1000, 1000, (DOWN, REFUSED)),
        (UNKNOWN, Reason.LOCAL_ERROR, 300.0, 200, 200, (UNKNOWN, Reason.LOCAL_ERROR)),
    ],
)
def test_the_present_limits_decide_over_a_stored_latency(status, reason, latency, expect, warn, expected):
    limits = {key: (MaxLatency(ms),) for key, ms in (("expect", expect), ("warn", warn)) if ms is not None}
    stored = Result(
        endpoint="a", status=status, reason=reason, message="x", checked_at=1.0, latency_ms=latency
    )
    again = judged_again(endpoint("a", **limits), stored)
    assert (again.status, again.reason) == expected
    assert (again == stored) is (expected == (status, reason) and reason is not SLOW)
    assert [one.reason for one in again.failed] == ([SLOW] if expected[1] is SLOW else [])
