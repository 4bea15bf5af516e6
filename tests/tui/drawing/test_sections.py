"""What can be told of one endpoint, a section each."""

from __future__ import annotations

from typing import Any

import pytest
from fake_source import NOW, failed, info, row

from monitor.link.messages import CheckProgress, Detail, EndpointStatus, Point
from monitor.model import (
    Certificate,
    Explanation,
    Heartbeat,
    Incident,
    NetworkPath,
    PathHop,
    PathProtocol,
    Result,
    Status,
)
from monitor.store.past import Part, Past
from monitor.tui.data.board import Entry
from monitor.tui.data.moments import moment
from monitor.tui.data.timeline import SPAN_NAMES, Timeline
from monitor.tui.drawing import sections
from monitor.tui.drawing.section import Section
from monitor.tui.drawing.sections import path
from monitor.tui.drawing.text_layout import TextLayout, width_of
from monitor.tui.terminal.symbols import UNICODE
from monitor.tui.terminal.theme import PALETTES

LAYOUT = TextLayout(UNICODE, PALETTES["dark"])
ENTRY = Entry(info(1, "Shop"), failed(1))
SEEN = Certificate(subject="CN=shop", issuer="CN=ca", not_before=NOW, not_after=NOW + 86400 * 20)


def result(**more: object) -> Result:
    told = {"reason": None, "message": "200 OK", "checked_at": NOW, "latency_ms": 12.0} | more
    return Result(endpoint="id-1", status=Status.UP, **told)  # type: ignore[arg-type]


def detail(last: Result | None = None, **more: object) -> Detail:
    told = {"last_failure": None, "last_good": last, "points": (), "phases_ms": {}} | more
    return Detail(handle=1, last=last, **told)  # type: ignore[arg-type]


def text(section: Section, width: int = 60, height: int = 10) -> str:
    return "\n".join("".join(segment.text for segment in line) for line in section.draw(width, height))


def test_the_summary_says_how_it_is_and_why_details_are_missing() -> None:
    said = text(sections.summary(ENTRY, None, "the engine has gone", NOW, layout=LAYOUT))
    assert "connection refused" in said
    assert "the engine has gone" in said


def test_the_chart_says_what_span_it_shows() -> None:
    timeline = Timeline(1)
    timeline.take(detail(points=tuple(Point(NOW + at, "u", 5.0) for at in range(5))))
    for width in (30, 50, 80):
        assert "15m live" in text(sections.latency(ENTRY, timeline, layout=LAYOUT, rows=8), width=width)


def test_among_other_text_an_empty_chart_needs_few_lines() -> None:
    timeline = Timeline(1)
    timeline.take(detail(points=(Point(NOW, "d", -1.0),)))
    assert len(text(sections.latency(ENTRY, timeline, layout=LAYOUT, rows=12)).splitlines()) == 3


def test_phases_and_certificate_are_there_only_when_there_are_any() -> None:
    assert sections.where_time_goes(None, layout=LAYOUT) == []
    assert sections.where_time_goes(detail(result()), layout=LAYOUT) == []
    assert sections.secured(detail(result()), NOW, layout=LAYOUT) == []
    (phases,) = sections.where_time_goes(detail(result(phases_ms={"connect": 3.0})), layout=LAYOUT)
    assert "connect" in text(phases)
    (secured,) = sections.secured(detail(result(certificate=SEEN)), NOW, layout=LAYOUT)
    assert "CN=shop" in text(secured)


def test_a_chart_from_the_history_has_its_own_medians_of_phases() -> None:
    timeline = Timeline(1, zoom=SPAN_NAMES.index("7d"))
    seen = detail(
        result(phases_ms={"tls": 3.0}),
        points=(Point(NOW, "u", 5.0), Point(NOW + 1, "u", 5.0)),
        phases_ms={"tls": 2.0},
    )
    timeline.take(seen)
    (live,) = sections.where_time_goes(seen, layout=LAYOUT, timeline=timeline)
    assert (live.note, "(2.00 ms)" in text(live)) == ("last (median)", True)
    week = Past(
        since=NOW + 1 - 7 * 86400, until=NOW + 1, parts=(Part(checks=9, p50=5.0),), phases_ms={"tls": 17.0}
    )
    timeline.lookback.take(week)
    (charted,) = sections.where_time_goes(seen, layout=LAYOUT, timeline=timeline)
    assert (charted.note, "(17.0 ms)" in text(charted)) == ("last (median of 7d)", True)


@pytest.mark.parametrize(("phase", "said"), [("", "checking …"), ("tls", "checking: tls …")])
def test_a_check_under_way_is_told_of_in_place_of_the_last_one(phase: str, said: str) -> None:
    check = CheckProgress(phase, 31.0, {"connect": 1.0, "tls": 30.0})
    seen = detail(result(phases_ms={"wait": 3.0}), in_progress=check)
    (phases,) = sections.where_time_goes(seen, layout=LAYOUT)
    assert (phases.title, phases.note) == ("Phases", said)
    assert "wait" not in text(phases)


@pytest.mark.parametrize(
    ("now", "check", "titles"),
    [
        (failed(1), None, ["Explained", "Phases"]),
        (failed(1), CheckProgress("wait"), ["Phases", "Explained"]),
        (row(1), None, ["Phases", "Explained"]),
    ],
    ids=["down", "down, being checked", "up"],
)
def test_what_an_operator_waits_for_comes_first(
    now: EndpointStatus, check: CheckProgress | None, titles: list[str]
) -> None:
    seen = detail(result(phases_ms={"wait": 3.0}), in_progress=check)
    told = sections.in_question(Entry(info(1), now), seen, NOW, layout=LAYOUT)
    assert [section.title for section in told] == titles


def test_the_last_known_certificate_is_told_when_the_last_check_saw_none() -> None:
    seen = detail(result(), last_good=result(certificate=SEEN))
    assert len(sections.secured(seen, NOW, layout=LAYOUT)) == 1


def test_the_network_path_is_the_last_one_or_that_of_the_failure() -> None:
    def path(target: str) -> NetworkPath:
        return NetworkPath(at=NOW, target=target, protocol=PathProtocol.TCP)

    failure = result(explanation=Explanation(path=path("192.0.2.1:443")))
    (of_failure,) = sections.route(detail(last_failure=failure), NOW, layout=LAYOUT)
    assert "192.0.2.1:443" in text(of_failure)
    (newer,) = sections.route(detail(last_failure=failure, path=path("192.0.2.2:443")), NOW, layout=LAYOUT)
    assert "192.0.2.2:443" in text(newer)
    assert sections.route(detail(last_failure=result()), NOW, layout=LAYOUT) == []


def test_a_heartbeat_has_a_section_of_its_own() -> None:
    beat = Heartbeat(heard_at=NOW - 60, due_at=NOW + 60, grace_s=0.0, note="3 files")
    (section,) = sections.reporting(detail(result(heartbeat=beat)), NOW, layout=LAYOUT)
    assert section.title == "Heartbeat"
    assert "3 files" in text(section)
    assert sections.reporting(detail(result()), NOW, layout=LAYOUT) == []
    assert sections.reporting(None, NOW, layout=LAYOUT) == []


def incident(number: int, endpoint: str = "id-1") -> Incident:
    return Incident(
        id=str(number),
        endpoint=endpoint,
        handle=1,
        name="Shop",
        began=NOW - 9000 + number,
        cause=f"no {number}",
    )


def test_incidents_are_told_of_this_endpoint_alone_the_newest_first() -> None:
    assert sections.incidents(ENTRY, [incident(1, "id-2")], NOW, layout=LAYOUT) == []
    every = [incident(1), incident(2), incident(3, "id-2")]
    (section,) = sections.incidents(ENTRY, every, NOW, layout=LAYOUT)
    assert [line.split("m ")[1].split(" · ")[0] for line in text(section).splitlines()] == ["no 2", "no 1"]


def test_of_many_incidents_the_newest_are_reported() -> None:
    (section,) = sections.incidents(ENTRY, map(incident, range(12)), NOW, layout=LAYOUT)
    assert section.note == "the last 10 of 12"
    assert len(text(section).splitlines()) == 10


def test_the_config_is_reported() -> None:
    entry = Entry(info(1, "Shop", group="payments", interval=10.0), row(1))
    said = text(sections.configured(entry, layout=LAYOUT))
    assert "payments" in said
    assert "every 10s" in said


@pytest.mark.parametrize(("cursor", "says"), [(None, False), (NOW, False), (NOW - 60, True)])
def test_the_explanation_says_that_it_is_not_of_the_sample_under_the_cursor(cursor, says):
    section = sections.explanation(ENTRY, detail(result()), NOW, layout=LAYOUT, cursor=cursor)
    assert section.note.startswith("not of the sample at") is says


def beating(now: float = NOW, **facts: Any) -> list[list[str]]:
    beat = Heartbeat(**{"heard_at": NOW - 120, "due_at": NOW + 3480, "grace_s": 0.0} | facts)
    lines = sections.heartbeat(beat, now, 70, LAYOUT)
    return [
        ["".join(segment.text for segment in line).split(maxsplit=1)[n].strip() for n in (0, 1)]
        for line in lines
    ]


def test_ages_of_heartbeats_and_times_left_grow_with_the_clock() -> None:
    heard = moment(NOW - 120, NOW)
    assert beating() == [["heard", f"2m ago ({heard})"], ["due", "in 58m"]]
    assert beating(NOW + 600)[0][1].startswith("12m ago")
    assert beating(NOW + 600)[1] == ["due", "in 48m"]
    assert beating(NOW + 3600)[1] == ["due", "2m ago"]


@pytest.mark.parametrize(
    ("facts", "line"),
    [
        ({"heard_at": None}, ["heard", "not yet"]),
        ({"grace_s": 3600.0}, ["due", "in 58m, with 1h of grace"]),
        ({"note": "3 files\x1b[2J"}, ["message", "3 files␛[2J"]),
        ({"started_at": NOW - 300}, ["running", "for 5m"]),
        ({"run_s": 75.04}, ["last", "run   took 1m15s"]),
        ({"run_s": 2.0, "failed": True}, ["last", "run   took 2s, and failed"]),
    ],
)
def test_a_heartbeat_is_shown_with_what_is_known_of_it(facts: dict[str, Any], line: list[str]) -> None:
    assert line in beating(**facts)


def test_an_overdue_heartbeat_has_the_colour_of_trouble() -> None:
    beat = Heartbeat(heard_at=NOW - 7200, due_at=NOW - 3600, grace_s=0.0)
    due = sections.heartbeat(beat, NOW, 70, LAYOUT)[1]
    assert due[1].style == PALETTES["dark"].bad


# ---- the network path


HOPS = (
    PathHop(ttl=1, sent=5, trips_ms=(0.4, 0.5, 0.6, 0.5, 9.0), addresses=("10.0.0.1",)),
    PathHop(ttl=2, sent=5),
    PathHop(ttl=3, sent=5, trips_ms=(12.0, 14.0), addresses=("203.0.113.9", "203.0.113.10")),
)
SILENT = PathHop(ttl=4, sent=5)
TARGET = PathHop(
    ttl=4, sent=5, trips_ms=(15.0,) * 5, addresses=("192.0.2.1",), answer="the port is open", is_target=True
)


def found(*hops: PathHop, **facts: Any) -> NetworkPath:
    usual = {"at": NOW - 60, "target": "192.0.2.1:443", "protocol": PathProtocol.TCP}
    return NetworkPath(hops=hops, **(usual | facts))


def drawn(one: NetworkPath, width: int = 70) -> list[str]:
    lines = path(one, NOW, width, LAYOUT)
    assert all(width_of(line) <= width for line in lines)
    return ["".join(segment.text for segment in line).rstrip() for line in lines]


def test_each_hop_has_its_loss_and_round_trips() -> None:
    assert drawn(found(*HOPS, SILENT)) == [
        "stops at hop 3, 203.0.113.9: the target does not answer",
        " 1 10.0.0.1                   0%  0.50ms  0.40ms to 9.00ms",
        " 2 no answer                100%",
        " 3 203.0.113.9 203.0.113.10  60%  13.0ms  12.0ms to 14.0ms",
        " 4 no answer                100%",
        f"TCP to 192.0.2.1:443, {moment(NOW - 60, NOW)}",
    ]


def test_a_narrow_pane_has_the_usual_round_trip_alone() -> None:
    lines = drawn(found(*HOPS, TARGET), 38)
    assert lines[0] == "the target answers at hop 4: the port"
    assert " 1 10.0.0.1             0%  0.50ms" in lines
    assert "   the port is open" in lines


@pytest.mark.parametrize(
    ("one", "first"),
    [
        (found(done=False), "tracing …"),
        (found(HOPS[0], done=False), "tracing …"),
        (found(), "nothing answered"),
        (
            found(problem="this machine has no route to any network"),
            "this machine has no route to any network",
        ),
    ],
)
def test_a_path_with_nothing_to_show_yet(one: NetworkPath, first: str) -> None:
    assert drawn(one)[0] == first


@pytest.mark.parametrize("width", [10, 20, 30, 60, 200])
def test_long_addresses_are_cut_to_the_width(width: int) -> None:
    long = ("2001:db8:1111:2222:3333:4444:5555:6666", "2001:db8:1111:2222:3333:4444:5555:7777")
    hop = PathHop(
        ttl=30, sent=5, trips_ms=(0.1, 2_999.0), addresses=long, answer="administratively prohibited"
    )
    lines = path(found(hop), NOW, width, LAYOUT)
    assert all(width_of(line) <= max(width, 26) for line in lines)
