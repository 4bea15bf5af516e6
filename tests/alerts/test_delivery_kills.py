"""Deliveries over random kills of engine and notifier."""

from __future__ import annotations

from pathlib import Path

import pytest
from delivery_kills import ALERTS, Receipt, judge, run

from monitor.alerts.mail import thread_id
from monitor.model import Ending, Incident

pytestmark = pytest.mark.long


@pytest.mark.timeout(600)
def test_each_transition_is_delivered_once_or_again_with_the_same_id(tmp_path: Path):
    figures = run(kills=30, seed=7, folder=tmp_path)
    assert figures.wrong == []
    assert figures.kills["notifier"] > 0
    assert figures.incidents > 2
    assert figures.once + figures.repeated >= len(ALERTS) * (figures.incidents - figures.left_out)


OUTAGE = Incident(
    id="i", endpoint="a", handle=0, name="a", began=0.0, ended=60.0, ending=Ending.RECOVERED, failed=9
)


def receipt(alert: str, id: str, line: str) -> Receipt:
    return Receipt(alert, id, frozenset({thread_id("i")}), (line,))


DOWN, UP = "a is down since noon", "a was down from noon"


@pytest.mark.parametrize(
    ("arrived", "wrong"),
    [
        ([("1", DOWN), ("2", UP)], ""),
        ([("1", DOWN), ("1", DOWN), ("2", UP)], ""),
        ([("2", UP)], ""),
        ([("1", DOWN), ("3", DOWN), ("2", UP)], "down with 2 ids"),
        ([("2", UP), ("1", DOWN)], "up before down"),
        ([("1", DOWN)], "down without up"),
        ([], "nothing"),
    ],
)
def test_the_judge_finds_what_is_wrong(arrived: list[tuple[str, str]], wrong: str):
    receipts = [receipt(alert, *one) for alert in ALERTS for one in arrived]
    found = judge([OUTAGE], receipts, {}).wrong
    assert len(found) == (len(ALERTS) if wrong else 0)
    assert all(one.startswith(wrong) for one in found)
