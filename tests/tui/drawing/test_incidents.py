"""Incidents as lines."""

from datetime import datetime

import pytest
from rich.cells import cell_len

from monitor.model import Acknowledgement, Cause, Ending, Incident, Kind, Notification, NotificationState
from monitor.tui.drawing.incidents import (
    Lengths,
    Scene,
    fit,
    incident_lines,
    is_acknowledged,
    lengths,
    line,
    titles,
)
from monitor.tui.drawing.text_layout import TextLayout
from monitor.tui.lists.incident_groups import IncidentGroup, incident_groups
from monitor.tui.terminal.symbols import ASCII, UNICODE
from monitor.tui.terminal.theme import PALETTES

LAYOUT = TextLayout(UNICODE, PALETTES["dark"])
NOON = datetime(2026, 11, 23, 12, 0).astimezone().timestamp()
SCENE = Scene({1: "Shop front"}, NOON)
LONGEST = Lengths(11, 10, 10)
ANN = Acknowledgement(at=NOON, by="ann", note="on it")


def incident(number=1, **more):
    fields = {"endpoint": "shop", "handle": 1, "name": "Old shop", "began": NOON - 3900, "failed": 12}
    return Incident(id=str(number), **fields | {"cause": "no answer", "latest": "no answer"} | more)


def text(segments):
    return "".join(segment.text for segment in segments)


def drawn(group, width, layout=LAYOUT):
    return text(line(group, fit(width, LONGEST), SCENE, layout))


OPEN = IncidentGroup([incident(acknowledged=ANN)])


def test_an_open_incident_tells_everything():
    told_ = drawn(OPEN, 119)
    for part in ("✖ OPEN a", "10:55:00", "1h05m", "Shop front", "no answer", "12", "ann: on it"):
        assert part in told_
    assert text(titles(fit(119, LONGEST), LAYOUT)).split() == [
        "STATE",
        "STARTED",
        "LASTED",
        "ENDPOINT",
        "CAUSE",
        "FAILED",
        "ACKNOWLEDGED",
    ]


@pytest.mark.parametrize(
    ("width", "lacking"),
    [
        (79, ""),
        (70, "ACKNOWLEDGED"),
        (57, "ACKNOWLEDGED FAILED"),
        (39, "ACKNOWLEDGED FAILED STARTED"),
        (28, "ACKNOWLEDGED FAILED STARTED CAUSE"),
        (21, "ACKNOWLEDGED FAILED STARTED CAUSE LASTED"),
        (5, "ACKNOWLEDGED FAILED STARTED CAUSE LASTED ENDPOINT"),
    ],
)
def test_what_matters_least_goes_first(width, lacking):
    every = "STATE STARTED LASTED ENDPOINT CAUSE FAILED ACKNOWLEDGED"
    shown = [column.title for column, _ in fit(width, LONGEST)]
    assert shown == [title for title in every.split() if title not in lacking]


@pytest.mark.parametrize("width", [*range(1, 130), 200, 400])
def test_the_width_is_kept(width):
    for longest in (Lengths(8, 5, 0), Lengths(11, 20, 9), Lengths(8, 100, 300)):
        widths = fit(width, longest)
        assert sum(size for _, size in widths) + len(widths) - 1 <= width
    assert cell_len(drawn(OPEN, width)) <= width


ENDINGS = [(Ending.RECOVERED, "● over"), (Ending.PAUSED, "‖ paused"), (Ending.REMOVED, "○ removed")]


@pytest.mark.parametrize(("ending", "sign"), ENDINGS)
def test_how_it_came_out_has_a_sign_and_a_word(ending, sign):
    past = IncidentGroup([incident(ended=NOON - 3767, ending=ending)])
    assert sign in drawn(past, 100)
    assert " 2m13s " in drawn(past, 100)


def test_an_open_incident_changes_once_a_minute_at_most():
    group = IncidentGroup([incident(began=NOON - 133)])
    assert " 2m " in drawn(group, 100)


def test_a_cause_that_changed_is_told_with_what_came_of_it():
    assert "no answer · then refused" in drawn(IncidentGroup([incident(latest="refused")]), 120)


def test_where_the_network_path_ends_is_told_behind_the_cause():
    group = IncidentGroup([incident(path="stops at hop 1, 10.0.0.1: the target does not answer")])
    assert "no answer · stops at hop 1, 10.0.0.1: the target does not answer" in drawn(group, 160)


def test_what_came_again_and_again_says_how_often():
    every = [
        incident(number, began=NOON + 300 * number, ended=NOON + 300 * number + 60, ending=Ending.RECOVERED)
        for number in range(1, 8)
    ]
    (group,) = incident_groups(every)
    said = drawn(group, 120)
    assert "● over ~" in said
    assert "7× in 31m · no answer" in said
    assert " 7m00s " in said
    assert " 84 " in said


def test_the_name_of_what_has_gone_is_the_last_one():
    assert "Old shop" in text(line(OPEN, fit(100, LONGEST), Scene({}, NOON), LAYOUT))


def test_an_ascii_terminal_gets_ascii():
    ascii_pen = TextLayout(ASCII, PALETTES["dark"])
    assert drawn(OPEN, 100, ascii_pen).isascii()
    assert drawn(OPEN, 100, ascii_pen).startswith("X OPEN a")


def test_beside_its_endpoint_it_is_told_in_few_words():
    past = incident(ended=NOON - 3767, ending=Ending.RECOVERED, latest="refused", acknowledged=ANN)
    (only,) = incident_lines(past, NOON, 100, LAYOUT)
    assert text(only) == (
        "● 10:55:00  2m13s no answer · then refused · 12 failed · acknowledged by ann: on it"
    )
    narrow = incident_lines(past, NOON, 40, LAYOUT)
    assert all(cell_len(text(row)) <= 40 for row in narrow)
    assert text(narrow[1]).startswith(" " * 18 + "refused")


def test_an_end_that_is_none_is_said():
    (only,) = incident_lines(incident(ended=NOON, ending=Ending.PAUSED), NOON, 100, LAYOUT)
    assert text(only).endswith("12 failed · paused")


def test_columns_are_as_wide_as_what_is_in_them():
    yesterday = IncidentGroup([incident(began=NOON - 86400)])
    assert lengths([OPEN], SCENE, LAYOUT) == Lengths(8, 10, 10)
    assert lengths([OPEN, yesterday], SCENE, LAYOUT) == Lengths(11, 10, 10)
    assert lengths([yesterday], Scene({}, NOON), LAYOUT) == Lengths(11, 8, 0)
    assert lengths([], SCENE, LAYOUT) == Lengths(0, 0, 0)
    widths = {column.title: width for column, width in fit(79, lengths([OPEN], SCENE, LAYOUT))}
    assert (widths["STARTED"], widths["ENDPOINT"]) == (8, 12)
    assert "ACKNOWLEDGED" not in {column.title for column, _ in fit(200, Lengths(8, 10, 0))}


MAIL = Notification(
    alert="Mail",
    channel="mail",
    kind=Kind.DOWN,
    at=NOON,
    state=NotificationState.RETRYING,
    tries=2,
    detail="refused",
)


def test_the_alerts_that_reported_it_have_a_column_where_there_are_any():
    group = IncidentGroup([incident(notifications=(MAIL,))])
    longest = lengths([group], SCENE, LAYOUT)
    assert "ALERTS" not in text(titles(fit(119, LONGEST), LAYOUT))
    for width in (79, 119):
        assert "ALERTS" in text(titles(fit(width, longest), LAYOUT))
    assert "Mail retrying" in text(line(group, fit(119, longest), SCENE, LAYOUT))


def test_beside_its_endpoint_it_tells_what_became_of_each_message():
    *_, last = incident_lines(incident(notifications=(MAIL,)), NOON, 100, LAYOUT)
    assert text(last) == "  Mail (mail): down not delivered since 12:00:00, 2 failed tries: refused"


def test_a_common_cause_is_named_with_the_number_of_endpoints():
    cause = Cause(kind="address", value="10.0.0.1", count=3)
    every = [
        incident(number, endpoint=str(number), common_cause=cause, outage="1", began=NOON - number)
        for number in (1, 2, 3)
    ]
    (group,) = incident_groups(every)
    shown = drawn(group, 119)
    assert "3 endpoints" in shown
    assert "address 10.0.0.1 · no answer" in shown
    assert "3 endpoints: address 10.0.0.1" in text(incident_lines(every[0], NOON, 100, LAYOUT)[0])


def test_the_endpoints_behind_one_that_is_down_are_counted():
    scene = Scene({1: "Gateway"}, NOON, {"Gateway": 50})
    shown = text(line(IncidentGroup([incident()]), fit(119, LONGEST), scene, LAYOUT))
    assert "no answer · 50 unreachable" in shown


@pytest.mark.parametrize(
    ("until", "ended", "acknowledged"),
    [
        (None, None, True),
        (NOON + 60, None, True),
        (NOON, None, False),
        (NOON - 60, NOON - 120, True),
        (NOON - 60, NOON - 30, False),
    ],
)
def test_an_acknowledgement_whose_time_is_over_counts_no_more(until, ended, acknowledged):
    mark = Acknowledgement(at=NOON - 900, by="ann", until=until)
    one = incident(acknowledged=mark, ended=ended, ending=Ending.RECOVERED if ended else None)
    assert is_acknowledged(one, NOON) is acknowledged
