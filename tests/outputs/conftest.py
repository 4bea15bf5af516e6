"""A run with one result of every kind."""

from dataclasses import dataclass

import pytest

from monitor.model import (
    Certificate,
    Endpoint,
    Explanation,
    Failed,
    Hop,
    HttpFacts,
    Reason,
    Result,
    Status,
)
from monitor.outputs import Run
from monitor.trace import Trace

AT = 1769860800.123  # 2026-01-31T12:00:00.123Z
DAY = 86400


@dataclass(frozen=True)
class Fake:
    target: str
    kind: str = "http"

    async def check(self, trace: Trace) -> str:
        return ""


def endpoint(name: str, target: str, group: str | None = None, *tags: str) -> Endpoint:
    return Endpoint(id=name.lower(), name=name, probe=Fake(target), group=group, tags=tags)


UP = (
    endpoint("Shop front", "https://shop.example.com/health", "shop", "web", "eu"),
    Result(
        endpoint="shop front",
        status=Status.UP,
        reason=None,
        message="200 OK",
        checked_at=AT,
        latency_ms=41.70049,
        phases_ms={"dns": 1.2, "connect": 8.00012, "wait": 32.5},
        address="203.0.113.7:443",
        http=HttpFacts(status=200, version="HTTP/1.1", redirects=1, bytes=512),
        certificate=Certificate(
            subject="CN=shop.example.com",
            issuer="CN=Test CA",
            not_before=AT - DAY,
            not_after=AT + 60.44 * DAY,
        ),
        explanation=Explanation(
            asked="GET /health HTTP/1.1\nHost: shop",
            hops=(Hop(asked="GET /", answered="302 Found", address="203.0.113.7:443", latency_ms=3.0),),
            tls="TLSv1.3 TLS_AES_256_GCM_SHA384",
            answer="HTTP/1.1 200 OK\n\nok",
        ),
    ),
)
DEGRADED = (
    endpoint("[bold]Größe|'=x'", "http://odd/"),
    Result(
        endpoint="odd",
        status=Status.DEGRADED,
        reason=Reason.LATENCY_EXCEEDED,
        message="latency 812 ms, allowed 500 ms",
        checked_at=AT,
        latency_ms=812.0,
        failed=(
            Failed(
                check="latency",
                severity="warn",
                expected="500 ms",
                actual="812 ms",
                reason=Reason.LATENCY_EXCEEDED,
            ),
        ),
    ),
)
DOWN = (
    endpoint("API", "https://api.example.com/", "api"),
    Result(
        endpoint="api",
        status=Status.DOWN,
        reason=Reason.STATUS_MISMATCH,
        message="expected status 200, got 503 (and 1 more)",
        checked_at=AT,
        latency_ms=5.0,
        http=HttpFacts(status=503, version="HTTP/1.1"),
        failed=(
            Failed(
                check="status", severity="expect", expected="200", actual="503", reason=Reason.STATUS_MISMATCH
            ),
            Failed(
                check="body",
                severity="expect",
                expected="ok",
                actual="a | b <&>",
                reason=Reason.BODY_MISMATCH,
            ),
        ),
    ),
)
INCONCLUSIVE = (
    endpoint("Far away", "https://far.example.com/"),
    Result(
        endpoint="far",
        status=Status.INCONCLUSIVE,
        reason=Reason.LOCAL_ERROR,
        message="this machine has no route to any network",
        checked_at=AT,
    ),
)


@pytest.fixture
def mixed() -> Run:
    return Run(AT, (UP, DEGRADED, DOWN, INCONCLUSIVE))


@pytest.fixture
def healthy() -> Run:
    return Run(AT, (UP,))
