"""From what a check saw to its verdict."""

from typing import Any

import pytest

from monitor.judge.expectations import BODY, CERTIFICATE, LATENCY, STATUS
from monitor.judge.verdict import in_words, judge, offline
from monitor.model import Certificate, Failed, HttpFacts, Observation, Reason, Status


def seen(**kwargs: Any) -> Observation:
    facts = {"status": 200, "body": b"hello"}
    return Observation(started=1.0, latency_ms=40.0, message="200 OK", facts=facts, **kwargs)


OK = STATUS.compile("status", 200)
BAD = STATUS.compile("status", 201)
SLOW = LATENCY.compile("latency", "1ms")
FAST = LATENCY.compile("latency", "1s")
BODY_BAD = BODY.compile("body", "x")


@pytest.mark.parametrize(
    ("observation", "expect", "warn", "status", "reason"),
    [
        (seen(), (), (), Status.UP, None),
        (seen(), OK, FAST, Status.UP, None),
        (seen(), OK, SLOW, Status.DEGRADED, Reason.LATENCY_EXCEEDED),
        (seen(), BAD, (), Status.DOWN, Reason.STATUS_MISMATCH),
        (seen(), SLOW + BODY_BAD + BAD, (), Status.DOWN, Reason.STATUS_MISMATCH),
        (seen(), SLOW, BAD, Status.DOWN, Reason.LATENCY_EXCEEDED),
        (seen(degraded=True), OK, (), Status.DEGRADED, None),
        (seen(degraded=True), BAD, (), Status.DOWN, Reason.STATUS_MISMATCH),
        (seen(delayed_ms=39.9), SLOW, (), Status.INCONCLUSIVE, Reason.LOCAL_ERROR),
        (seen(delayed_ms=38.9), SLOW, (), Status.DOWN, Reason.LATENCY_EXCEEDED),
        (seen(delayed_ms=39.9), SLOW + BAD, (), Status.DOWN, Reason.STATUS_MISMATCH),
        (seen(delayed_ms=39.9), OK, SLOW, Status.UP, None),
        (seen(delayed_ms=39.9), OK, SLOW + BAD, Status.DEGRADED, Reason.STATUS_MISMATCH),
        (seen(delayed_ms=39.9), OK, FAST, Status.UP, None),
        (seen(reason=Reason.DNS_ERROR), BAD, SLOW, Status.DOWN, Reason.DNS_ERROR),
        (seen(reason=Reason.LOCAL_ERROR), BAD, SLOW, Status.INCONCLUSIVE, Reason.LOCAL_ERROR),
        (seen(reason=Reason.LOCAL_ERROR, degraded=True), (), (), Status.INCONCLUSIVE, Reason.LOCAL_ERROR),
    ],
)
def test_the_verdict_follows_from_the_observation(
    observation: Observation, expect: Any, warn: Any, status: Status, reason: Reason | None
) -> None:
    result = judge("shop", observation, expect, warn)
    assert (result.endpoint, result.status, result.reason) == ("shop", status, reason)


def expiring(days: float) -> Certificate:
    return Certificate(subject="x", issuer="y", not_before=0.0, not_after=1.0 + days * 86400)


@pytest.mark.parametrize(
    ("reason", "days", "expect", "warn", "told"),
    [
        (Reason.PROTOCOL_ERROR, 3, "7d", None, Reason.CERTIFICATE_EXPIRING),
        (Reason.TOO_MANY_REDIRECTS, 3, "7d", None, Reason.CERTIFICATE_EXPIRING),
        (Reason.AUTH_ERROR, 3, "7d", None, Reason.CERTIFICATE_EXPIRING),
        (Reason.READ_TIMEOUT, 3, "7d", None, Reason.READ_TIMEOUT),
        (Reason.CERTIFICATE_NAME_MISMATCH, 3, "7d", None, Reason.CERTIFICATE_NAME_MISMATCH),
        (Reason.PROTOCOL_ERROR, 8, "7d", None, Reason.PROTOCOL_ERROR),
        (Reason.PROTOCOL_ERROR, 3, None, "7d", Reason.PROTOCOL_ERROR),
        (Reason.LOCAL_ERROR, 3, "7d", None, Reason.LOCAL_ERROR),
        (Reason.PROTOCOL_ERROR, None, "7d", None, Reason.PROTOCOL_ERROR),
    ],
)
def test_a_certificate_that_expires_too_soon_comes_before_later_failures(
    reason: Reason, days: float | None, expect: str | None, warn: str | None, told: Reason
) -> None:
    certificate = None if days is None else expiring(days)
    observation = Observation(
        started=1.0, latency_ms=1.0, message="it broke", facts={}, reason=reason, certificate=certificate
    )
    keys = [CERTIFICATE.compile("certificate", value) if value else () for value in (expect, warn)]
    result = judge("x", observation, *keys)
    assert result.reason is told
    assert "it broke" in result.message
    assert bool(result.failed) is (told is Reason.CERTIFICATE_EXPIRING)
    if result.failed:
        assert result.message == "certificate: 3 days left, wanted 7 days; it broke"


def test_a_verdict_carries_what_was_seen() -> None:
    observation = seen(address="192.0.2.1:80", http=HttpFacts(status=200, version="HTTP/1.1"))
    result = judge("a", observation, (), ())
    assert (result.checked_at, result.latency_ms, result.message) == (1.0, 40.0, "200 OK")
    assert (result.address, result.http) == (observation.address, observation.http)


def test_a_delay_of_our_own_is_told_and_never_counts_against_the_endpoint() -> None:
    result = judge("a", seen(delayed_ms=39.9), SLOW, ())
    assert result.message == "this machine was busy for 40 ms of the check: latency 40.0 ms, allowed 1 ms"
    assert (result.failed, result.delayed_ms) == ((), 39.9)


def test_everything_that_was_violated_is_listed_what_makes_it_down_first() -> None:
    result = judge("a", seen(), SLOW + BAD, CERTIFICATE.compile("certificate", "7d"))
    assert [(one.check, one.severity) for one in result.failed] == [
        ("status", "expect"),
        ("latency", "expect"),
        ("certificate", "warn"),
    ]
    assert result.message == "expected status 201, got 200 (and 2 more)"


@pytest.mark.parametrize(
    ("check", "expected", "actual", "words"),
    [
        ("status", "200", "503", "expected status 200, got 503"),
        ("latency", "500 ms", "812 ms", "latency 812 ms, allowed 500 ms"),
        ("certificate", "7 days", "3 days left", "certificate: 3 days left, wanted 7 days"),
        ("json $.a", "< 1", "2", "expected json $.a < 1, got 2"),
    ],
)
def test_a_violation_is_told_in_an_operators_words(
    check: str, expected: str, actual: str, words: str
) -> None:
    failed = Failed(
        check=check, severity="expect", expected=expected, actual=actual, reason=Reason.BODY_MISMATCH
    )
    assert in_words(failed) == words


def test_while_this_machine_is_offline_a_failure_says_nothing() -> None:
    down = judge("a", seen(reason=Reason.CONNECT_TIMEOUT), (), ())
    assert offline(down).status is Status.INCONCLUSIVE
    assert offline(down).reason is Reason.LOCAL_ERROR
    assert offline(down).latency_ms is None
    up = judge("a", seen(), (), ())
    assert offline(up) is up


def test_a_check_begins_at_a_whole_millisecond_as_the_history_stores_it():
    observation = Observation(started=1000.0006, latency_ms=1.0, message="", facts={})
    assert judge("shop", observation, (), ()).checked_at == 1000.001
