"""What dashboards are sent about one endpoint."""

from dataclasses import replace
from typing import Any

import pytest
from simulation import EPOCH, Simulation, alert, endpoint
from tracking import fed, record, result

from monitor.engine import views
from monitor.engine.tracked import Tracked
from monitor.engine.uptimes import Uptimes
from monitor.engine.views import subjects
from monitor.judge.expectations import LATENCY
from monitor.link.messages import EndpointInfo
from monitor.model import Certificate, HttpFacts, Reason, Source, State, Status


def status(tracked: Tracked, samples: int = 10) -> Any:
    return views.status(tracked, samples, None, 0.75)


def described(tracked: Tracked) -> EndpointInfo:
    return views.description(tracked.handle, tracked.endpoint)


def test_an_endpoint_that_was_never_checked_has_nothing_to_tell():
    detail = views.detail(record(), 0.0, None, None, Uptimes(), 0.0)
    assert (detail.last, detail.points, detail.phases_ms, detail.in_progress) == (None, (), {}, None)
    row = status(record())
    assert (row.state, row.total, row.message, row.uptime) == (State.PENDING, 0, "", 0.75)


def test_a_disabled_endpoint_is_paused_and_says_why():
    tracked = record(enabled=False)
    assert tracked.judged is State.PAUSED
    assert status(tracked).message == views.DISABLED


def test_an_inconclusive_result_is_neither_the_last_success_nor_the_last_failure():
    tracked = fed(record(), result(Status.INCONCLUSIVE))
    detail = views.detail(tracked, 0.0, None, None, Uptimes(), 0.0)
    assert (detail.last_failure, detail.last_good) == (None, None)
    assert detail.last is not None
    assert tracked.judged is State.INCONCLUSIVE


def test_a_detail_has_the_results_phases_and_samples():
    tracked = fed(record(), result(phases_ms={"wait": 30.0}), result(Status.DOWN, checked_at=1010.0))
    detail = views.detail(tracked, 0.0, None, None, Uptimes(), 0.0)
    assert (detail.last, detail.last_failure) == (tracked.last, tracked.last)
    assert detail.last_good is not None
    assert detail.last_good.status is Status.UP
    assert detail.phases_ms == {"wait": 30.0}
    assert [(point.at, point.outcome) for point in detail.points] == [(1000.0, "u"), (1010.0, "d")]
    assert [point.at for point in views.detail(tracked, 1005.0, None, None, Uptimes(), 0.0).points] == [
        1010.0
    ]


def test_a_row_tells_the_present_and_the_newest_samples():
    tracked = fed(record(), result(), result(), result(Status.DOWN, checked_at=1020.0))
    row = views.status(tracked, 2, 1030.0, 0.75)
    assert (row.handle, row.state, row.since) == (4, State.FAILING, 1000.0)
    assert (row.streak, row.needed) == (1, 3)
    assert (row.reason, row.message) == (Reason.CONNECTION_REFUSED, "refused")
    assert (row.latency_ms, row.checked_at, row.next_due) == (None, 1020.0, 1030.0)
    assert (row.total, row.outcomes, row.latencies_ms) == (3, "ud", (40.0, -1.0))
    assert status(tracked, 0).outcomes == ""


def certificate(not_after: float, chain: float | None = None) -> Certificate:
    own = Certificate(subject="a", issuer="b", not_before=0.0, not_after=not_after)
    return own if chain is None else replace(own, issuers=(replace(own, not_after=chain),))


def test_the_expiry_of_the_last_certificate_seen_is_reported():
    seen = result(certificate=certificate(5000.0, 4000.0))
    assert status(fed(record(), seen)).not_after == 4000.0
    assert status(fed(record(), result(certificate=certificate(5000.0)))).not_after == 5000.0
    assert status(fed(record(), seen, result(Status.DOWN))).not_after == 4000.0
    assert status(record()).not_after is None


def test_a_card_says_what_the_config_says():
    keys = {"tags": ("a", "b"), "description": "d", "runbook": "r", "depends_on": ("gateway",)}
    info = described(record(group="g", source=Source("m.toml", 7), **keys))
    assert (info.handle, info.id, info.name, info.kind, info.target) == (
        4, "shop", "shop", "fake", "fake://shop",
    )  # fmt: skip
    assert (info.group, info.file, info.line) == ("g", "m.toml", 7)
    assert {key: getattr(info, key) for key in keys} == keys
    assert (info.interval, info.timeout, info.down_after, info.up_after) == (10.0, 5.0, 3, 2)
    bare = described(record())
    assert (bare.group, bare.file, bare.line) == ("", "", 0)


@pytest.mark.parametrize(
    ("warn", "expect", "allowed"), [(None, None, None), ("1s", "2s", 1000.0), (None, "2s", 2000.0)]
)
def test_a_card_has_the_latency_that_warn_or_else_expect_allows(
    warn: str | None, expect: str | None, allowed: float | None
):
    keys = {
        key: LATENCY.compile("latency", value)
        for key, value in (("warn", warn), ("expect", expect))
        if value is not None
    }
    assert described(record(**keys)).warn_latency_ms == allowed


def test_a_status_has_the_code_of_the_last_answer():
    assert status(fed(record(), result(http=HttpFacts(status=503, version="HTTP/1.1")))).http_status == 503
    assert (
        status(
            fed(record(), result(http=HttpFacts(status=503, version="HTTP/1.1")), result(Status.DOWN))
        ).http_status
        is None
    )


# ---- as subjects of alerts


def test_endpoints_are_as_the_tracker_has_them() -> None:
    def world(id: str, at: float) -> str:
        return {"a": "u", "b": "d", "c": "g"}[id] if at > 60 else "u"

    sim = Simulation([endpoint("a"), endpoint("b"), endpoint("c")], [alert()], world)
    sim.run(300)
    a, b, c = subjects(sim.tracker)
    assert (a.state, a.is_unremarkable) == (State.UP, True)
    assert b.state is State.DOWN
    assert b.incident == sim.tracker.incidents.open("b")
    assert b.opened > EPOCH
    assert (c.state, c.is_unremarkable) == (State.DEGRADED, False)
