"""Heartbeats in the detail view."""

from typing import Any

import pytest

from monitor.model import Heartbeat
from monitor.tui.data.moments import moment
from monitor.tui.drawing.heartbeat import heartbeat
from monitor.tui.drawing.text_layout import TextLayout
from monitor.tui.terminal.symbols import UNICODE
from monitor.tui.terminal.theme import PALETTES

NOW = 1_800_000_000.0
LAYOUT = TextLayout(UNICODE, PALETTES["dark"])


def drawn(now: float = NOW, **facts: Any) -> list[list[str]]:
    beat = Heartbeat(**{"heard_at": NOW - 120, "due_at": NOW + 3480, "grace_s": 0.0} | facts)
    lines = heartbeat(beat, now, 70, LAYOUT)
    return [
        ["".join(segment.text for segment in line).split(maxsplit=1)[n].strip() for n in (0, 1)]
        for line in lines
    ]


def test_ages_and_times_left_grow_with_the_clock() -> None:
    heard = moment(NOW - 120, NOW)
    assert drawn() == [["heard", f"2m ago ({heard})"], ["due", "in 58m"]]
    assert drawn(NOW + 600)[0][1].startswith("12m ago")
    assert drawn(NOW + 600)[1] == ["due", "in 48m"]
    assert drawn(NOW + 3600)[1] == ["due", "2m ago"]


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
def test_what_is_known_is_told(facts: dict[str, Any], line: list[str]) -> None:
    assert line in drawn(**facts)


def test_what_is_overdue_is_in_the_colour_of_trouble() -> None:
    beat = Heartbeat(heard_at=NOW - 7200, due_at=NOW - 3600, grace_s=0.0)
    due = heartbeat(beat, NOW, 70, LAYOUT)[1]
    assert due[1].style == PALETTES["dark"].bad
