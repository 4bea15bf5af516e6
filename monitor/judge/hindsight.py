"""Judge a stored result by the limits on latency that a config has now. Pure.

The history has each check's latency. It does not have the other values that ``expect`` and ``warn`` test, so
their stored verdicts stand.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from monitor.judge.assertions import MaxLatency, latency_limit
from monitor.judge.verdict import in_words
from monitor.model import Assertion, Endpoint, Failed, Observation, Reason, Result, Status


def judged_again(endpoint: Endpoint, result: Result) -> Result:
    """``result`` as the endpoint's present limits would have made it."""
    by_latency = result.reason is Reason.LATENCY_EXCEEDED
    if result.latency_ms is None or not (by_latency or result.status in (Status.UP, Status.DEGRADED)):
        return result
    failed = _violated(endpoint.expect, result, "expect")
    if failed:
        return _changed(result, Status.DOWN, failed)
    failed = _violated(endpoint.warn, result, "warn")
    if failed and (by_latency or result.status is Status.UP):
        return _changed(result, Status.DEGRADED, failed)
    return replace(result, status=Status.UP, reason=None, message="", failed=()) if by_latency else result


def _violated(assertions: Iterable[Assertion], result: Result, severity: str) -> Failed | None:
    limit = latency_limit(assertions)
    if limit is None:
        return None
    observation = Observation(started=result.checked_at, latency_ms=result.latency_ms)
    return MaxLatency(limit).judge(observation, severity)


def _changed(result: Result, status: Status, failed: Failed) -> Result:
    return replace(
        result, status=status, reason=Reason.LATENCY_EXCEEDED, message=in_words(failed), failed=(failed,)
    )
