"""Series and reports from what the engine remembers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from monitor.judge.reporting import Period
from monitor.judge.sketch import Sketch
from monitor.link.figures import Measure
from monitor.link.messages import EndpointInfo, EndpointStatus, Point
from monitor.link.picture import Picture
from monitor.model import Ending, Incident, State
from monitor.syntax.selection import compile_selection
from monitor.web.memory import report_json, series, starts


def test_each_step_counts_its_checks_and_failures():
    points = [
        Point(0.0, "u", 10.0),
        Point(5.0, "d", -1.0),
        Point(9.9, "g", 30.0),
        Point(10.0, "i", -1.0),
        Point(99.0, "u", 1.0),
    ]
    first, second, third = series(points, 0.0, 25.0, 10.0)
    assert (first["checks"], first["failed"]) == (3, 1)
    assert first["latency_ms"] == {"p50": 10.0, "p90": 30.0, "p95": 30.0, "p99": 30.0, "max": 30.0}
    assert (second["checks"], second["failed"], second["latency_ms"]) == (0, 0, None)
    assert third["at"] == "1970-01-01T00:00:20.000Z"


@pytest.mark.parametrize(
    ("until", "step", "found"),
    [
        (10.0, 3.0, [0.0, 3.0, 6.0, 9.0]),
        (9.0, 3.0, [0.0, 3.0, 6.0]),
        (10.0, 7.0, [0.0, 7.0]),
        (3.0, 7.0, [0.0]),
        (0.7, 0.7 / 3, [0.0, 0.7 / 3, 1.4 / 3]),
    ],
)
def test_steps_begin_with_the_window_and_the_last_one_ends_with_it(
    until: float, step: float, found: list[float]
):
    assert starts(0.0, until, step) == pytest.approx(found)


@given(
    moments=st.lists(st.floats(0.0, 1000.0), max_size=50),
    until=st.floats(1.0, 1000.0),
    step=st.floats(0.7, 500.0),
)
def test_no_check_in_the_window_is_lost_or_counted_twice(moments: list[float], until: float, step: float):
    points = [Point(at, "u", 1.0) for at in moments]
    counted = sum(one["checks"] for one in series(points, 0.0, until, step))
    assert counted == sum(at < until for at in moments)


# ---- reports


PERIOD = Period(since=1000.0, until=2000.0, now=2000.0)


def picture() -> Picture:
    made = Picture()
    made.infos = {
        handle: EndpointInfo(handle=handle, id=name, name=name, kind="tcp", target="tcp://x:1", group="g")
        for handle, name in enumerate("ab")
    }
    made.statuses = {
        handle: EndpointStatus(handle=handle, state=State.UP, since=0.0) for handle in made.infos
    }
    spans = {"before": (0.0, 900.0), "inside": (1500.0, 1600.0), "open": (1900.0, None)}
    made.incidents = {
        id: Incident(
            id=id, endpoint="a", handle=0, name="a", began=began, ended=ended, ending=Ending.RECOVERED
        )
        for id, (began, ended) in spans.items()
    }
    return made


def measure(handle: int) -> Measure:
    return Measure(
        handle=handle,
        checks=10,
        failed=2,
        slo=99.0,
        seconds=(800.0, 200.0, 0.0, 0.0),
        last_hour=(800.0, 200.0, 0.0, 0.0),
        latencies=Sketch([10.0, 20.0, 30.0]).encode(),
    )


def test_figures_are_those_of_the_endpoints_and_incidents_those_of_the_period():
    selects = compile_selection(["a"])
    told = report_json(picture(), [measure(0), measure(1)], PERIOD, "endpoint", selects)
    (entry,) = told["entries"]
    assert (entry["uptime"], entry["down_s"], entry["incidents"]) == (0.8, 200.0, 2)
    assert (entry["checks"], entry["failed"], entry["latency_ms"]["max"]) == (10, 2, 30.0)
    assert (entry["slo"]["objective"], entry["slo"]["budget_s"]) == (99.0, 10.0)
    assert [one["id"] for one in told["incidents"]] == ["inside", "open"]


def test_an_incident_in_maintenance_is_marked_and_counts_in_no_figure():
    planned = replace(measure(0), in_maintenance=("inside",))
    told = report_json(picture(), [planned], PERIOD, "endpoint", compile_selection(["a"]))
    (entry,) = told["entries"]
    assert (entry["incidents"], entry["longest_s"], entry["down_s"]) == (1, 100.0, 200.0)
    assert [one.get("maintenance") for one in told["incidents"]] == [True, None]


def test_an_endpoint_that_came_meanwhile_is_left_out():
    told = report_json(picture(), [measure(0)], PERIOD, "group", compile_selection([]))
    (entry,) = told["entries"]
    assert (entry["name"], entry["checks"]) == ("g", 10)
