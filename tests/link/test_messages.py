"""What an engine and its dashboards say to each other, as bytes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.link import messages as m
from monitor.model import Certificate, Problem, Reason, Result, State, Status

ROW = m.Row(
    handle=1, state=State.DOWN, since=1.0, reason=Reason.MISSED, outcomes="ud", latencies_ms=(1.0, -1.0)
)
CARD = m.Card(handle=1, id="a", name="A", kind="tcp", target="tcp://a:1", tags=("x",))
RESULT = Result(
    endpoint="a",
    status=Status.UP,
    reason=None,
    message="ok",
    checked_at=1.0,
    certificate=Certificate(subject="CN=a", issuer="CN=b", not_before=0.0, not_after=1.0),
)
REQUESTS = [
    m.Hello(),
    m.Pull(),
    m.GetDetail(handle=3, since=1.5),
    m.CheckNow(handles=(1, 2)),
    m.Pause(handles=(1,)),
    m.Resume(handles=()),
    m.Acknowledge(handles=(1,), on=False),
    m.Reload(),
]
ANSWERS = [
    m.Snapshot(version="1", title="t", started_at=0.0, now=1.0, cards=(CARD,), rows=(ROW,)),
    m.Changes(now=1.0, rows=(ROW,), order=(1,), problems=(Problem("f", 1, "k", "t"),)),
    m.Changes(now=1.0, events=(m.Event(at=1.0, handle=None, level="bad", text="x"),)),
    m.Detail(
        handle=1,
        last=RESULT,
        last_failure=None,
        last_good=RESULT,
        points=(m.Point(1.0, "u", 2.0),),
        phases_ms={"dns": 1.0},
    ),
    m.Done(ok=True, text="x"),
    m.Refused(text="no"),
]


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda one: type(one).__name__)
def test_a_request_comes_over_as_it_was(request_: Any) -> None:
    assert m.decode_request(m.encode(request_)) == request_


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda one: type(one).__name__)
def test_an_answer_comes_over_as_it_was(answer: Any) -> None:
    assert m.decode_answer(m.encode(answer)) == answer


@given(
    st.builds(
        m.Row,
        handle=st.integers(0, 2**31),
        state=st.sampled_from(State),
        since=st.floats(allow_nan=False),
        message=st.text(),
        outcomes=st.text("ugdi", max_size=20),
        latencies_ms=st.lists(st.floats(-1, 1e6), max_size=20).map(tuple),
    )
)
def test_any_row_comes_over_as_it_was(row: m.Row) -> None:
    changes = m.Changes(now=0.0, rows=(row,))
    assert m.decode_answer(m.encode(changes)) == changes


@given(st.binary(max_size=100))
def test_garbage_is_refused(garbage: bytes) -> None:
    for decode in (m.decode_request, m.decode_answer):
        with pytest.raises(m.NO_MESSAGE):
            decode(garbage)
