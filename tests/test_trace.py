"""The record of one check: phases, gaps, latency."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor import trace as traces
from monitor.model import Reason
from monitor.trace import ANSWER_LIMIT, Phase, Resources, Trace


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(traces.time, "perf_counter", lambda: now[0])
    return now


def test_phases_that_recur_add_up_and_gaps_are_in_the_latency_alone(clock: list[float]) -> None:
    trace = Trace()
    for phase, seconds in (("connect", 1), ("wait", 2), (None, 4), ("connect", 8)):
        trace.enter(phase)
        clock[0] += seconds
    trace.finish()
    assert trace.phases_ms == {"connect": 9000.0, "wait": 2000.0}
    assert trace.latency_ms == 15000.0


def test_a_gap_of_our_own_is_left_out_of_the_latency(clock: list[float]) -> None:
    trace = Trace()
    trace.enter("dns")
    clock[0] += 0.010
    trace.enter(None)
    clock[0] += 0.500
    trace.skip_gap()
    clock[0] += 0.002
    trace.enter("connect")
    clock[0] += 0.020
    trace.finish()
    assert trace.latency_ms == pytest.approx(32)
    assert trace.phases_ms == pytest.approx({"dns": 10, "connect": 20})


def test_the_latency_stands_once_the_check_has_ended(clock: list[float]) -> None:
    trace = Trace()
    clock[0] += 1
    trace.finish()
    clock[0] += 10
    trace.finish()
    assert trace.latency_ms == 1000.0


def test_a_running_check_is_as_long_as_it_ran(clock: list[float]) -> None:
    trace = Trace()
    clock[0] += 0.25
    assert trace.latency_ms == 250.0


def test_the_phase_under_way_counts_as_far_as_it_got(clock: list[float]) -> None:
    trace = Trace()
    for phase in ("dns", "connect", "dns"):
        trace.enter(phase)
        clock[0] += 2
    assert trace.phases_ms == {"dns": 2000.0, "connect": 2000.0}
    assert trace.phases_so_far_ms == {"dns": 4000.0, "connect": 2000.0}
    trace.finish()
    assert trace.phases_so_far_ms == trace.phases_ms == {"dns": 4000.0, "connect": 2000.0}


def test_a_stated_latency_stands_for_all_that_was_measured(clock: list[float]) -> None:
    trace = Trace()
    trace.enter("wait")
    clock[0] += 5
    trace.state_latency("wait", 0.003)
    trace.finish()
    assert trace.latency_ms == 3.0
    assert trace.phases_ms == trace.phases_so_far_ms == {"wait": 3.0}


def test_time_that_somebody_else_measured_counts() -> None:
    trace = Trace()
    trace.add("tls", 0.5)
    trace.add("tls", 0.25)
    assert trace.phases_ms == {"tls": 750.0}


def test_an_explanation_is_bounded() -> None:
    trace = Trace()
    trace.answer = "x" * (ANSWER_LIMIT * 2)
    assert len(trace.explanation().answer) == ANSWER_LIMIT


@given(st.lists(st.tuples(st.sampled_from(["dns", "connect", None]), st.floats(0, 10)), max_size=20))
def test_phases_never_exceed_the_latency(steps: list[tuple[str | None, float]]) -> None:
    now = [0.0]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(traces.time, "perf_counter", lambda: now[0])
        trace = Trace()
        for phase, seconds in steps:
            trace.enter(phase)
            now[0] += seconds
        trace.finish()
        assert sum(trace.phases_ms.values()) <= trace.latency_ms + 1e-6


def test_every_phase_says_what_it_means_when_time_runs_out() -> None:
    assert {str(phase): phase.reason for phase in Phase if phase.reason is not Reason.READ_TIMEOUT} == {
        "dns": Reason.CONNECT_TIMEOUT,
        "connect": Reason.CONNECT_TIMEOUT,
        "tls": Reason.TLS_TIMEOUT,
        "listen": Reason.LOCAL_ERROR,
    }
    assert all(phase.doing for phase in Phase)


def test_phases_are_known_by_their_names() -> None:
    trace = Trace()
    trace.enter(Phase.WAIT)
    trace.enter("wait")
    trace.enter(None)
    assert [type(name) for name in trace.phases_ms] == [str]
    assert list(trace.phases_ms) == ["wait"]


def test_resources_are_made_once_for_each_type():
    resources = Resources()
    made = resources.of(dict), resources.of(list)
    assert (resources.of(dict), resources.of(list)) == made
    assert resources.of(dict) is made[0]


def test_checks_share_the_resources_that_they_are_given_and_no_others():
    resources = Resources()
    assert Trace(resources=resources).resources.of(dict) is Trace(resources=resources).resources.of(dict)
    assert Trace().resources.of(dict) is not Trace().resources.of(dict)
