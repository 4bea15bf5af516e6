"""What an engine and its dashboards say to each other, as bytes."""

import builtins
import types
import typing
from collections import abc
from enum import Enum
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.link import messages as m
from monitor.link.certificates import CertificateInfo, Certificates, GetCertificates
from monitor.link.figures import UptimeFigures
from monitor.model import Certificate, Problem, Reason, Result, State, Status

ROW = m.EndpointStatus(
    handle=1, state=State.DOWN, since=1.0, reason=Reason.MISSED, outcomes="ud", latencies_ms=(1.0, -1.0)
)
CARD = m.EndpointInfo(handle=1, id="a", name="A", kind="tcp", target="tcp://a:1", tags=("x",))
RESULT = Result(
    endpoint="a",
    status=Status.UP,
    reason=None,
    message="ok",
    checked_at=1.0,
    certificate=Certificate(subject="CN=a", issuer="CN=b", not_before=0.0, not_after=1.0),
)
PRESENTED = CertificateInfo(
    handle=1, fingerprint="ab", subject="CN=a", issuer="CN=b", names=("a",), not_before=0.0, expires=1.0
)
REQUESTS = [
    m.Hello(),
    m.Pull(uptimes=("1h", "30d")),
    m.GetDetail(handle=3, since=1.5),
    m.CheckNow(handles=(1, 2)),
    m.Pause(handles=(1,)),
    m.Resume(handles=()),
    m.Acknowledge(handles=(1,), on=False, by="ann", note="on it"),
    m.SilenceEndpoints(handles=(1,), until=3.5, by="ann"),
    m.Reload(),
    GetCertificates(after=7),
    m.GetStatesAt(moment=1.5, samples=3, after=7),
]
ANSWERS = [
    m.Snapshot(version="1", title="t", started_at=0.0, now=1.0, infos=(CARD,), statuses=(ROW,)),
    m.Changes(now=1.0, statuses=(ROW,), order=(1,), problems=(Problem("f", 1, "k", "t"),)),
    m.Changes(now=1.0, incidents=(m.Incident(id="1", endpoint="a", handle=1, name="A", began=1.0),)),
    m.Changes(now=1.0, forgotten=("1", "2")),
    m.Changes(now=1.0, uptimes=(UptimeFigures(7, (10_000, None, 9990, 0)),)),
    m.Changes(now=1.0, events=(m.Event(at=1.0, handle=None, level="bad", text="x"),)),
    m.Changes(now=1.0, stats=m.EngineStats(lateness_p99_ms=1.5, queued=2, delayed=0.1, offline=True)),
    m.Detail(
        handle=1,
        last=RESULT,
        last_failure=None,
        last_good=RESULT,
        points=(m.Point(1.0, "u", 2.0),),
        phases_ms={"dns": 1.0},
    ),
    Certificates(certificates=(PRESENTED,), after=9),
    m.StatesAt(statuses=(m.EndpointStatus(handle=1, state=State.UP, since=2.0),), after=1),
    m.Done(ok=True, text="x"),
    m.Refused(text="no"),
]


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda one: type(one).__name__)
def test_a_request_comes_over_as_it_was(request_: Any) -> None:
    assert m.decode_request(m.encode(request_)) == request_


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda one: type(one).__name__)
def test_an_answer_comes_over_as_it_was(answer: Any) -> None:
    assert m.decode_answer(m.encode(answer)) == answer


# ── whatever their fields hold ──────────────────────────────────────────────────────────────────

SCALARS: dict[Any, st.SearchStrategy[Any]] = {
    bool: st.booleans(),
    int: st.integers(-(2**63), 2**64 - 1),
    float: st.floats(allow_nan=False),
    str: st.text(max_size=20),
    type(None): st.none(),
}


def any_of(hint: Any) -> st.SearchStrategy[Any]:
    """Whatever a field with this type hint can hold."""
    if hint in SCALARS:
        return SCALARS[hint]
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(hint)
    held = get_args(hint)
    match get_origin(hint):
        case builtins.tuple if held[-1] is not Ellipsis:
            return st.tuples(*map(any_of, held))
        case builtins.tuple:
            most = 1 if held[0] is Certificate else 2  # it holds certificates itself: this has to end
            return st.lists(any_of(held[0]), max_size=most).map(tuple)
        case builtins.dict | abc.Mapping:
            return st.dictionaries(any_of(held[0]), any_of(held[1]), max_size=2)
        case types.UnionType | typing.Union:
            return st.one_of([any_of(one) for one in held])
    return any_record(hint)


@cache
def any_record(kind: type) -> st.SearchStrategy[Any]:
    """A message, or a part of one, all of whose fields vary."""
    return st.deferred(
        lambda: st.builds(kind, **{name: any_of(hint) for name, hint in get_type_hints(kind).items()})
    )


@given(any_of(m.Request))
def test_any_request_comes_over_as_it_was(request_: Any) -> None:
    assert m.decode_request(m.encode(request_)) == request_


@pytest.mark.parametrize("kind", get_args(m.Answer), ids=lambda kind: kind.__name__)
@given(st.data())
def test_any_answer_comes_over_as_it_was(kind: type, data: st.DataObject) -> None:
    answer = data.draw(any_record(kind))
    assert m.decode_answer(m.encode(answer)) == answer


@given(st.binary(max_size=100))
def test_garbage_is_refused(garbage: bytes) -> None:
    for decode in (m.decode_request, m.decode_answer):
        with pytest.raises(m.INVALID_MESSAGE):
            decode(garbage)
