"""What is sent to trace a path, and what its answers mean: a table of networks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from monitor.judge.path_trace import EXPIRED, GAP, MAX_TTL, Answer, PathTrace, conclusion
from monitor.model.path import NetworkPath, PathHop, PathProtocol

OPEN = Answer("the port is open", is_target=True)
UNREACHABLE = Answer("host unreachable", refused=True)


def trace() -> PathTrace:
    return PathTrace("192.0.2.9:443", PathProtocol.TCP, 0.0)


def hop(ttl: int, *, answered: int = 5, answer: str = "", is_target: bool = False) -> PathHop:
    return PathHop(
        ttl=ttl,
        sent=5,
        trips_ms=(1.0,) * answered,
        addresses=(f"10.0.0.{ttl}",) if answered else (),
        answer=answer,
        is_target=is_target,
    )


def path(*hops: PathHop, done: bool = True) -> NetworkPath:
    return NetworkPath(at=0.0, target="192.0.2.9:443", protocol=PathProtocol.TCP, hops=hops, done=done)


TARGET = hop(4, answer="the port is open", is_target=True)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (path(), ""),
        (path(hop(1), done=False), "tracing"),
        (path(hop(1), hop(2), hop(3), TARGET), "the target answers at hop 4: the port is open"),
        (path(hop(1), hop(2, answered=0), done=True), "stops at hop 1, 10.0.0.1: the target does not answer"),
        (path(hop(1, answered=0)), "no router answers, and neither does the target"),
        (path(hop(1), hop(2, answer="host unreachable")), "hop 2, 10.0.0.2, answers: host unreachable"),
        (path(hop(MAX_TTL)), f"longer than {MAX_TTL} hops"),
        (replace(path(), problem="this machine has no route"), "this machine has no route"),
    ],
)
def test_a_path_in_words(found: NetworkPath, expected: str) -> None:
    assert conclusion(found) == expected


@pytest.mark.parametrize(
    ("answered", "expected"),
    [
        ((5, 5, 5, 5), ""),
        ((5, 5, 5, 4), "from hop 4 on, 20% of the packets are lost"),
        ((5, 3, 4, 4), "from hop 2 on, 20% of the packets are lost"),
        ((5, 2, 5, 4), "from hop 4 on, 20% of the packets are lost"),
        ((5, 1, 5, 5), ""),  # the router answers not every packet, and forwards them all
        ((5, 0, 4, 4), "from hop 3 on, 20% of the packets are lost"),
    ],
)
def test_loss_counts_where_it_goes_on_to_the_target(answered: tuple[int, ...], expected: str) -> None:
    hops = [hop(ttl, answered=count) for ttl, count in enumerate(answered[:3], start=1)]
    found = path(*hops, hop(4, answered=answered[3], answer="echo reply", is_target=True))
    assert conclusion(found).partition("; ")[2] == expected


def test_loss_is_not_told_of_a_path_that_stops() -> None:
    assert "lost" not in conclusion(path(hop(1, answered=2), hop(2, answered=0)))


# ── under way ───────────────────────────────────────────────────────────────────────────────────


def test_sending_runs_ahead_of_answers_by_a_few_hops() -> None:
    under_way = trace()
    assert under_way.reach == GAP
    under_way.sent(1)
    under_way.sent(2)
    under_way.heard(2, "10.0.0.2", 1.0, EXPIRED)
    assert under_way.reach == 2 + GAP


def test_sending_ends_at_the_nearest_answer_of_the_target() -> None:
    under_way = trace()
    for ttl in range(1, 7):
        under_way.sent(ttl)
    for ttl in (6, 4, 5):
        under_way.heard(ttl, "192.0.2.9", 1.0, OPEN)
    assert (under_way.end, under_way.reach, under_way.length) == (4, 4, 4)


def test_the_target_counts_for_more_than_a_router_that_refuses() -> None:
    under_way = trace()
    for ttl in range(1, 5):
        under_way.sent(ttl)
    under_way.heard(2, "10.0.0.2", 1.0, UNREACHABLE)
    assert under_way.end == 2
    under_way.heard(4, "192.0.2.9", 1.0, OPEN)
    assert under_way.end == 4


def test_of_the_silent_rest_one_hop_is_shown() -> None:
    under_way = trace()
    for ttl in range(1, 8):
        under_way.sent(ttl)
    under_way.heard(1, "10.0.0.1", 1.0, EXPIRED)
    assert [one.ttl for one in under_way.path().hops] == [1, 2]


def test_a_packet_is_answered_once() -> None:
    under_way = trace()
    under_way.sent(1)
    under_way.heard(1, "10.0.0.1", 1.0, EXPIRED)
    under_way.heard(1, "10.0.0.66", 1.0, EXPIRED)
    assert under_way.path().hops[0].addresses == ("10.0.0.1",)


ANSWERS = st.tuples(
    st.integers(1, MAX_TTL), st.integers(0, 20), st.sampled_from([EXPIRED, OPEN, UNREACHABLE])
)


@given(st.lists(ANSWERS, max_size=200), st.integers(0, MAX_TTL))
def test_no_answers_break_the_bounds(answers: list[tuple[int, int, Answer]], sent: int) -> None:
    under_way = trace()
    for _ in range(5):
        for ttl in range(1, sent + 1):
            under_way.sent(ttl)
    for ttl, number, answer in answers:
        under_way.heard(ttl, f"10.0.0.{number}", 1.0, answer)
    under_way.done = True
    found = under_way.path()
    assert [one.ttl for one in found.hops] == list(range(1, len(found.hops) + 1))
    assert len(found.hops) <= sent
    assert all(0 <= one.loss <= 1 and len(one.addresses) <= 4 for one in found.hops)
    assert under_way.reach <= MAX_TTL
    assert conclusion(found) or not sent
