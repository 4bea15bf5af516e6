"""The states that an endpoint has left."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.engine.state_history import KEPT, StateSpan, append, state_at
from monitor.model import Reason, State

DOWN = StateSpan(30.0, State.DOWN, Reason.CONNECTION_REFUSED, "connection refused")
FAILING = StateSpan(20.0, State.FAILING, Reason.CONNECTION_REFUSED, "connection refused")
PAST = (StateSpan(10.0, State.UP), FAILING, DOWN)
PRESENT = StateSpan(40.0, State.UP)


@pytest.mark.parametrize(
    ("moment", "was"),
    [
        (9.9, None),
        (10.0, PAST[0]),
        (19.9, PAST[0]),
        (35.0, DOWN),
        (40.0, PRESENT),
        (1e12, PRESENT),
        (float("nan"), None),
    ],
)
def test_what_it_was_is_the_state_that_had_begun(moment: float, was: StateSpan | None):
    assert state_at(PAST, PRESENT, moment) == was


def test_that_nothing_was_known_at_first_takes_no_memory():
    assert append((), StateSpan(1.0, State.PENDING)) is ()  # noqa: F632 -- the very one, which is there already
    assert append(PAST, StateSpan(1.0, State.PENDING))[-1].state is State.PENDING


@given(st.lists(st.tuples(st.floats(0.1, 100), st.sampled_from(State)), max_size=2 * KEPT))
def test_whatever_is_remembered_is_right(steps: list[tuple[float, State]]):
    past, present, now, told = (), StateSpan(0.0, State.PENDING), 0.0, []
    for lasted, state in steps:
        told.append((now + lasted / 2, present.state))
        now += lasted
        past, present = append(past, present), StateSpan(now, state)
    assert len(past) <= KEPT
    for moment, state in told[-KEPT:]:
        found = state_at(past, present, moment)
        assert state is (found.state if found else State.PENDING)
    for moment, state in told[:-KEPT]:
        found = state_at(past, present, moment)
        assert found is None or found.state is state
