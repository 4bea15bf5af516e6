"""A dashboard's questions about the past, on the scripted month."""

from __future__ import annotations

from contextlib import closing, suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import MsgspecError
from msgspec.structs import replace
from scripted_month import SINCE, UNTIL

from monitor.model import Reason, Result, Status
from monitor.model.events import Checked
from monitor.store.batch import Batch
from monitor.store.files import connect
from monitor.store.past import (
    MOST_PARTS,
    GetLastTime,
    GetPast,
    LastTime,
    Past,
    Question,
    Unanswered,
    answer,
    decode_answer,
    decode_question,
    encode,
)
from monitor.store.reader import Reader
from monitor.store.recording import Recording

DAY = 86400.0
PASSED = Result(
    endpoint="a", status=Status.UP, reason=None, message="", checked_at=0.0, latency_ms=900.0, phases_ms={}
)


def whole(**changes: object) -> GetPast:
    keys = {"endpoint": "shop", "since": SINCE, "until": UNTIL, "parts": 31}
    return GetPast(**keys | changes)  # type: ignore[arg-type]


def past(month: Path, question: GetPast) -> Past:
    found = answer(month, question)
    assert isinstance(found, Past)
    return found


def test_the_parts_add_up_to_the_window(month: Path):
    found = past(month, whole())
    with Reader(month) as reader:
        shop = reader.endpoint("shop")
        assert shop is not None
        summary = reader.summary(shop, SINCE, UNTIL)
        seconds = reader.availability(shop).seconds(SINCE, UNTIL)
    assert sum(part.checks for part in found.parts) == summary.checks
    assert sum(part.failed for part in found.parts) == summary.failed
    assert sum(part.down_s for part in found.parts) == pytest.approx(seconds.down, abs=0.1)
    assert sum(part.maintenance_s for part in found.parts) == pytest.approx(seconds.maintenance, abs=0.1)
    p50, p95 = summary.latencies.percentiles((0.5, 0.95))
    assert found.percentiles[:2] == pytest.approx((p50, p95))


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        (whole(endpoint="nobody"), 0),
        (whole(since=UNTIL), 0),
        (whole(since=float("nan")), 0),
        (whole(parts=0), 1),
        (whole(parts=-5), 1),
        (whole(since=UNTIL - DAY, parts=10**9), MOST_PARTS),
    ],
)
def test_a_question_that_makes_no_sense_is_bounded(month: Path, question: GetPast, parts: int):
    assert len(past(month, question).parts) == parts


def test_the_last_incident_with_the_same_reason_is_found(month: Path):
    with Reader(month) as reader:
        own = [one for one in reader.incidents(SINCE, UNTIL) if one.endpoint == "shop"]
    newest = own[-1]
    assert newest.reason is not None
    alike = [one for one in own if one.reason is newest.reason and one.ended is not None]
    question = GetLastTime(endpoint="shop", reason=newest.reason, before=UNTIL)
    assert answer(month, question) == LastTime(incident=alike[-1])
    before = GetLastTime(endpoint="shop", reason=newest.reason, before=own[0].began)
    assert answer(month, before) == LastTime()
    other = GetLastTime(endpoint="shop", reason=Reason.MISSED, before=UNTIL)
    assert answer(month, other) == LastTime()


def test_a_history_that_is_missing_or_broken_is_an_answer(tmp_path: Path):
    assert answer(tmp_path / "none.db", whole()) == Unanswered(text="there is no history")
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"no database at all" * 100)
    found = answer(broken, whole())
    assert isinstance(found, Unanswered)
    assert found.text.startswith("the history cannot be read: ")


def test_questions_and_answers_survive_the_way(month: Path):
    question: Question = whole(parts=120)
    assert decode_question(encode(question)) == question
    found = answer(month, question)
    data = encode(found)
    assert decode_answer(data) == found
    assert len(data) < 8000


@given(st.binary(max_size=60))
def test_garbage_is_refused(data: bytes):
    for decode in (decode_question, decode_answer):
        with suppress(MsgspecError, UnicodeDecodeError, RecursionError):
            decode(data)


def test_the_window_has_the_medians_of_its_phases(tmp_path: Path):
    events = [
        Checked(at=at, endpoint="a", result=replace(PASSED, checked_at=at, phases_ms={"tls": at}))
        for at in (100.0, 200.0, 300.0)
    ]
    with closing(connect(tmp_path / "h.db")) as database:
        database.execute("BEGIN")
        Recording(database).write(Batch(events=list(events)))
        database.execute("COMMIT")
    found = past(tmp_path / "h.db", GetPast(endpoint="a", since=150.0, until=400.0, parts=2))
    assert found.phases_ms == pytest.approx({"tls": 200.0}, rel=0.03)
    assert past(tmp_path / "h.db", GetPast(endpoint="a", since=500.0, until=600.0, parts=2)).phases_ms == {}
