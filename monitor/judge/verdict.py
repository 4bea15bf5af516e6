"""Judge a check's observation. Pure.

A check that could not be made because of this machine is inconclusive; one that could not be
completed, or violates ``expect``, is down; one that violates ``warn``, or whose probe says so, is
degraded. Of several violations the first in the order of :class:`~monitor.model.Reason` is reported,
and one that makes a check down takes precedence over one that only degrades it. So a certificate that
expires too soon comes before what went wrong behind the TLS handshake.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from monitor.judge.assertions import about_certificate
from monitor.model import REASON_RANK, Reason, Result, Status
from monitor.text import plain

if TYPE_CHECKING:
    from monitor.model import Assertion, Failed, Observation

ACTUAL_LIMIT = 100
"""Characters of a failed assertion's expected and actual values that are shown."""


def judge(
    endpoint_id: str, observation: Observation, expect: Sequence[Assertion], warn: Sequence[Assertion]
) -> Result:
    """The verdict on one observation of the endpoint."""
    reason = observation.reason
    if reason is not None:
        return _unfinished(endpoint_id, observation, reason, expect)
    failed = _violated(observation, expect, "expect") if expect else ()
    if failed and _doubtful(observation, expect):
        return _blurred(endpoint_id, observation, failed)
    status = Status.DOWN if failed else Status.UP
    if warn and not _doubtful(observation, warn):
        failed += _violated(observation, warn, "warn")
    if status is Status.UP and (failed or observation.degraded):
        status = Status.DEGRADED
    if not failed:
        return _result(endpoint_id, observation, status, None, observation.message, ())
    return _result(endpoint_id, observation, status, failed[0].reason, summary(failed), failed)


def _doubtful(observation: Observation, assertions: Sequence[Assertion]) -> bool:
    """Whether all would be well, if this machine had not been busy during the check."""
    if not observation.delayed_ms or observation.latency_ms is None:
        return False
    undelayed = replace(observation, latency_ms=observation.latency_ms - observation.delayed_ms)
    return not _violated(undelayed, assertions, "")


def _blurred(endpoint_id: str, observation: Observation, failed: tuple[Failed, ...]) -> Result:
    text = f"this machine was busy for {observation.delayed_ms:.0f} ms of the check: {summary(failed)}"
    return _result(endpoint_id, observation, Status.INCONCLUSIVE, Reason.LOCAL_ERROR, text, ())


def _unfinished(
    endpoint_id: str, observation: Observation, reason: Reason, expect: Sequence[Assertion]
) -> Result:
    """The verdict on a check that could not be completed; it may have seen the certificate."""
    if reason is Reason.LOCAL_ERROR:
        return _result(endpoint_id, observation, Status.INCONCLUSIVE, reason, observation.message, ())
    message = observation.message
    failed: tuple[Failed, ...] = ()
    if observation.certificate is not None and REASON_RANK[Reason.CERTIFICATE_EXPIRING] < REASON_RANK[reason]:
        failed = _violated(observation, filter(about_certificate, expect), "expect")
    if failed:
        reason, message = failed[0].reason, f"{summary(failed)}; {message}"
    return _result(endpoint_id, observation, Status.DOWN, reason, message, failed)


def _violated(observation: Observation, assertions: Iterable[Assertion], severity: str) -> tuple[Failed, ...]:
    failed = [one for assertion in assertions if (one := assertion.judge(observation, severity))]
    return tuple(sorted(failed, key=_rank)) if failed else ()


def _rank(failed: Failed) -> int:
    return REASON_RANK[failed.reason]


def _result(
    endpoint_id: str,
    observation: Observation,
    status: Status,
    reason: Reason | None,
    message: str,
    failed: tuple[Failed, ...],
) -> Result:
    return Result(
        endpoint=endpoint_id,
        status=status,
        reason=reason,
        message=message,
        checked_at=round(observation.started, 3),  # as stored: an incident begins exactly with its check
        latency_ms=observation.latency_ms,
        phases_ms=observation.phases_ms,
        address=observation.address,
        http=observation.http,
        certificate=observation.certificate,
        performance=observation.facts.get("performance"),
        heartbeat=observation.facts.get("heartbeat"),
        failed=failed,
        explanation=observation.explanation,
        delayed_ms=observation.delayed_ms,
        good_for=observation.good_for,
    )


# ── in words ────────────────────────────────────────────────────────────────────────────────────


def summary(failed: Sequence[Failed]) -> str:
    """The first violation in words, and how many more there are."""
    more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
    return in_words(failed[0]) + more


def in_words(failed: Failed) -> str:
    """One violation for an operator: ``expected status 200, got 503``."""
    if failed.check == "latency":
        return f"latency {failed.actual}, allowed {failed.expected}"
    if failed.check == "certificate":
        return f"certificate: {failed.actual}, wanted {failed.expected}"
    actual = plain(failed.actual, ACTUAL_LIMIT)
    return f"expected {failed.check} {plain(failed.expected, ACTUAL_LIMIT)}, got {actual}"


def offline(result: Result) -> Result:
    """``result`` of a check made while this machine was offline: a failure becomes inconclusive."""
    if result.status is not Status.DOWN:
        return result
    return replace(
        result,
        status=Status.INCONCLUSIVE,
        reason=Reason.LOCAL_ERROR,
        message=f"this machine is offline ({result.message})",
        latency_ms=None,
        phases_ms={},
    )
