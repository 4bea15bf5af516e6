"""Stored results, judged again by other rules."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from virtual import config, endpoint

from monitor.model import Alert, Config, Reason, Result, Status
from monitor.model.events import Checked
from monitor.store import Reader
from monitor.store.batch import Batch
from monitor.store.files import connect
from monitor.store.recording import Recording
from monitor.store.replaying import replay, suggestions

START = 1_800_000_000.0


def history(path: Path, start: float = START, **letters: str) -> Path:
    """A result every 10 s: ``u`` up, ``d`` down."""
    database = connect(path)
    events = []
    for name, states in letters.items():
        for number, letter in enumerate(states):
            at = start + 10 * number
            result = Result(
                endpoint=name,
                status=Status.UP if letter == "u" else Status.DOWN,
                reason=None if letter == "u" else Reason.READ_TIMEOUT,
                message="no answer" if letter == "d" else "200 OK",
                checked_at=at,
            )
            events.append(Checked(at=at, endpoint=name, result=result))
    database.execute("BEGIN")
    Recording(database).write(Batch(events))
    database.execute("COMMIT")
    database.close()
    return path


def rules(down_after: int, *names: str) -> Config:
    endpoints = (endpoint(name, down_after=down_after, up_after=1) for name in names)
    return replace(config(*endpoints), alerts=(Alert(name="mail", url="exec:true", digest=1.0),))


@pytest.mark.parametrize(("down_after", "kinds"), [(2, ["down", "up"] * 3), (3, ["down", "up"]), (9, [])])
def test_the_messages_follow_from_the_rules(tmp_path: Path, down_after: int, kinds: list[str]):
    path = history(tmp_path / "h.db", a="uu" + "dd" + "u" * 20 + "ddd" + "u" * 20 + "dd" + "u" * 20)
    with Reader(path) as reader:
        outcome = replay(rules(down_after, "a"), reader, 0, 9e9)
    assert [message.kind.value for message in outcome.messages] == kinds


def test_endpoints_that_the_history_does_not_know_are_quiet(tmp_path: Path):
    with Reader(history(tmp_path / "h.db", a="uddd")) as reader:
        outcome = replay(rules(2, "a", "b"), reader, 0, 9e9)
        assert {entry.endpoint for message in outcome.messages for entry in message.entries} == {"a"}
        assert replay(rules(2, "b"), reader, 0, 9e9).messages == []


def test_a_quieter_setting_is_suggested_with_its_price(tmp_path: Path):
    path = history(tmp_path / "h.db", a="u" + ("dd" + "u" * 30) * 5 + "d" * 20 + "u" * 5)
    with Reader(path) as reader:
        whole = replay(rules(2, "a"), reader, 0, 9e9)
        (found,) = suggestions(rules(2, "a"), reader, 0, 9e9, whole)
    assert (found.endpoint, found.key, found.value) == ("a", "down_after", 3)
    assert (found.messages_before, found.messages_after, found.missed) == (12, 2, 0)
    assert found.delay_s == 2.0


def test_an_outage_that_would_not_be_told_counts_as_missed(tmp_path: Path):
    path = history(tmp_path / "h.db", a="u" + ("d" * 7 + "u" * 30) * 4)
    with Reader(path) as reader:
        whole = replay(rules(6, "a"), reader, 0, 9e9)
        (found,) = suggestions(rules(7, "a"), reader, 0, 9e9, whole)
    assert (found.value, found.messages_after, found.missed) == (8, 0, 4)


def test_a_quiet_endpoint_needs_no_suggestion(tmp_path: Path):
    with Reader(history(tmp_path / "h.db", a="uddduuu")) as reader:
        whole = replay(rules(2, "a"), reader, 0, 9e9)
        assert suggestions(rules(2, "a"), reader, 0, 9e9, whole) == []
