"""A report of a month with an endpoint of every kind."""

from __future__ import annotations

import pytest

from monitor.judge.availability import Seconds
from monitor.judge.reporting import Measured, Period, Seen, report
from monitor.judge.sketch import Sketch
from monitor.model import Acknowledgement, Ending, Incident, Reason
from monitor.model.report import Report

SINCE = 1767225600.0  # 2026-01-01T00:00:00Z
DAY = 86400.0
HOSTILE = "<script>alert('x')</script>\x1b[31m, \"quoted\""


@pytest.fixture(autouse=True)
def _berlin(berlin: None) -> None:
    """Reports are made in Berlin."""


def incident(id: str, endpoint: str, day: float, hours: float | None, **more: object) -> Incident:
    began = SINCE + day * DAY
    return Incident(
        id=id,
        endpoint=endpoint,
        handle=0,
        name=endpoint.upper(),
        began=began,
        ended=None if hours is None else began + hours * 3600,
        ending=None if hours is None else Ending.RECOVERED,
        reason=Reason.STATUS_MISMATCH,
        failed=12,
        **more,  # type: ignore[arg-type]
    )


SHOP = Measured(
    id="shop",
    name="Shop front",
    group="shop",
    tags=("web", "eu"),
    slo=99.9,
    checks=259200,
    failed=360,
    seconds=Seconds(up=30 * DAY - 7200 - 3600, down=3600.0, maintenance=7200.0),
    last_hour=Seconds(up=3600.0),
    incidents=(
        incident(
            "1",
            "shop",
            3.5,
            1,
            cause="503 Service Unavailable",
            acknowledged=Acknowledgement(at=SINCE + 3.51 * DAY, by="ann", note="on it"),
        ),
    ),
    latencies=Sketch([10.0] * 90 + [250.0] * 9 + [2130.0]),
    parts=(*[Seconds(up=DAY)] * 3, Seconds(up=DAY - 3600, down=3600.0), *[Seconds(up=DAY)] * 26),
)
QUIET = Measured(
    id="quiet", name="Quiet", seconds=Seconds(unknown=30 * DAY), parts=(Seconds(unknown=DAY),) * 30
)
ODD = Measured(
    id="odd",
    name=HOSTILE,
    group="shop",
    slo=99.0,
    checks=100,
    failed=90,
    seconds=Seconds(up=DAY, down=2 * DAY, unknown=27 * DAY),
    last_hour=Seconds(down=3600.0),
    incidents=(incident("2", "odd", 28, None, cause=HOSTILE),),
    parts=(*[Seconds(unknown=DAY)] * 26, Seconds(maintenance=DAY), Seconds(up=DAY), *[Seconds(down=DAY)] * 2),
)


@pytest.fixture
def month() -> Report:
    edges = tuple(SINCE + day * DAY for day in range(31))
    period = Period(since=SINCE, until=SINCE + 30 * DAY, now=SINCE + 30 * DAY, parts=edges)
    return report([SHOP, QUIET, ODD], period, "endpoint")


@pytest.fixture
def empty() -> Report:
    return report([], Period(since=SINCE, until=SINCE + DAY, now=SINCE + DAY), "endpoint")


@pytest.fixture
def clustered() -> Report:
    """An endpoint that three locations checked, one of them in vain, and one without a cluster."""
    seen = {
        "ap": Seen(checks=100, failed=10, inconclusive=0, latencies=Sketch([250.0] * 90)),
        "eu": Seen(checks=100, failed=0, inconclusive=0, latencies=Sketch([10.0] * 100)),
        "us": Seen(checks=4, failed=0, inconclusive=4, latencies=Sketch()),
    }
    everywhere = Measured(id="shop", name=HOSTILE, checks=100, seconds=Seconds(up=DAY), locations=seen)
    here = Measured(id="here", name="Here", checks=100, seconds=Seconds(up=DAY))
    return report([everywhere, here], Period(since=SINCE, until=SINCE + DAY, now=SINCE + DAY), "endpoint")
