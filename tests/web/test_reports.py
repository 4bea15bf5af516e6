"""A report from what the engine remembers."""

from __future__ import annotations

from msgspec.structs import replace

from monitor.judge.reporting import Period
from monitor.judge.sketch import Sketch
from monitor.link.figures import Measure
from monitor.link.messages import EndpointInfo, EndpointStatus
from monitor.link.picture import Picture
from monitor.model import Ending, Incident, State
from monitor.syntax.selection import compile_selection
from monitor.web.reports import report_json

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
