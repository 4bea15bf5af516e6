"""Several votes, one verdict."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.judge.quorum import Rounds, Vote, conclusive, needed, verdict
from monitor.model import Quorum, Reason, Result, Status

REASONS = {"down": Reason.CONNECTION_REFUSED, "inconclusive": Reason.LOCAL_ERROR}


def said(status: str, ms: float = 1.0, message: str = "", at: float = 1.0) -> Result:
    return Result(
        endpoint="x",
        status=Status(status),
        reason=REASONS.get(status),
        message=message or status,
        checked_at=at,
        latency_ms=ms,
    )


def votes(**statuses: str) -> list[Vote]:
    return [Vote(voter, said(status)) for voter, status in statuses.items()]


@pytest.mark.parametrize(
    ("quorum", "voters", "enough"),
    [
        ("any", 1, 1),
        ("any", 5, 1),
        ("majority", 1, 1),
        ("majority", 2, 2),
        ("majority", 3, 2),
        ("majority", 4, 3),
        ("all", 3, 3),
        (2, 3, 2),
        (5, 3, 3),
        (5, 0, 1),
    ],
)
def test_so_many_voters_are_needed(quorum: Quorum, voters: int, enough: int):
    assert needed(quorum, voters) == enough


@pytest.mark.parametrize(
    ("quorum", "eu", "us", "ap", "status", "message"),
    [
        ("majority", "up", "up", "up", "up", "eu, us and ap: up"),
        ("majority", "down", "up", "up", "degraded", "eu: down (1 of 3)"),
        ("majority", "down", "up", "down", "down", "eu and ap: down"),
        ("majority", "down", "degraded", "up", "degraded", "eu: down (1 of 3)"),
        ("majority", "up", "degraded", "up", "degraded", "us: degraded"),
        ("any", "up", "up", "down", "down", "ap: down"),
        ("all", "down", "down", "up", "degraded", "eu and us: down (2 of 3)"),
        ("all", "down", "down", "down", "down", "eu, us and ap: down"),
        (2, "up", "down", "up", "degraded", "us: down (1 of 3)"),
        (2, "up", "down", "down", "down", "us and ap: down"),
        (9, "down", "down", "down", "down", "eu, us and ap: down"),
    ],
)
def test_the_quorum_decides(quorum: Quorum, eu: str, us: str, ap: str, status: str, message: str):
    result = verdict(votes(eu=eu, us=us, ap=ap), quorum)
    assert (result.status.value, result.message) == (status, message)


@pytest.mark.parametrize(
    ("eu", "us", "ap", "status"),
    [
        ("inconclusive", "down", "up", "degraded"),
        ("inconclusive", "down", "down", "down"),
        ("inconclusive", "inconclusive", "down", "down"),
        ("inconclusive", "up", "up", "up"),
        ("inconclusive", "inconclusive", "inconclusive", "inconclusive"),
    ],
)
def test_a_location_that_learnt_nothing_has_no_vote(eu: str, us: str, ap: str, status: str):
    assert verdict(conclusive(votes(eu=eu, us=us, ap=ap)), "majority").status.value == status


@pytest.mark.parametrize(
    ("four", "six", "told"),
    [
        ("up", "up", "IPv4 and IPv6: up"),
        ("up", "down", "IPv6: down"),
        ("down", "up", "IPv4: down"),
        ("inconclusive", "down", "IPv6: down"),
        ("up", "inconclusive", "IPv6: inconclusive"),
        ("degraded", "up", "IPv4: degraded"),
        ("degraded", "inconclusive", "IPv6: inconclusive"),
    ],
)
def test_of_two_address_families_the_worse_one_is_reported(four: str, six: str, told: str):
    result = verdict(votes(IPv4=four, IPv6=six), "any")
    assert result.message == told
    assert result.status.value == told.rpartition(": ")[2]


def test_of_votes_alike_the_slowest_is_told_from_the_first_ones_start():
    result = verdict([Vote("a", said("up", 5.0, at=2.0)), Vote("b", said("up", 9.0, at=3.0))], "any")
    assert (result.latency_ms, result.checked_at) == (9.0, 2.0)


def test_voters_with_another_message_are_not_named():
    result = verdict([Vote("a", said("down", 5.0, "refused")), Vote("b", said("down", 9.0, "reset"))], "any")
    assert result.message == "b: reset"


def test_a_message_names_no_more_than_three_voters():
    many = [Vote(f"v{number}", said("up")) for number in range(10)]
    assert verdict(many, "any").message == "v0, v1, v2 and 7 more: up"


QUORUMS = st.sampled_from(["any", "majority", "all"]) | st.integers(1, 12)
BALLOTS = st.lists(st.sampled_from(list(Status)), min_size=1, max_size=10)


def ballot(statuses: list[Status]) -> list[Vote]:
    return [Vote(f"v{at}", said(status.value)) for at, status in enumerate(statuses)]


@given(BALLOTS, QUORUMS)
def test_an_endpoint_is_down_exactly_when_enough_voters_say_so(statuses: list[Status], quorum: Quorum):
    down = verdict(ballot(statuses), quorum).status is Status.DOWN
    assert down is (statuses.count(Status.DOWN) >= needed(quorum, len(statuses)))


@given(BALLOTS, QUORUMS)
def test_an_endpoint_is_up_exactly_when_every_voter_says_so(statuses: list[Status], quorum: Quorum):
    assert (verdict(ballot(statuses), quorum).status is Status.UP) is (set(statuses) == {Status.UP})


@given(BALLOTS, QUORUMS, st.randoms())
def test_the_order_of_the_votes_does_not_change_the_verdict(statuses: list[Status], quorum: Quorum, random):
    shuffled = random.sample(statuses, len(statuses))
    assert verdict(ballot(statuses), quorum).status is verdict(ballot(shuffled), quorum).status


# ---- results of locations, in rounds


EVERYWHERE = {"ap", "eu", "us"}


def result(status: str, at: float) -> Result:
    reason = Reason.CONNECTION_REFUSED if status == "down" else None
    return Result(endpoint="x", status=Status(status), reason=reason, message=status, checked_at=at)


def accept(rounds: Rounds, location: str, status: str, at: float) -> list[str]:
    verdicts = rounds.accept(location, result(status, at), EVERYWHERE, "majority", at)
    return [f"{one.status.value} {one.message}" for one in verdicts]


def test_a_round_is_judged_once_every_location_has_answered():
    rounds = Rounds()
    assert accept(rounds, "eu", "up", 1.0) == []
    assert accept(rounds, "us", "down", 1.1) == []
    assert accept(rounds, "ap", "down", 1.2) == ["down ap and us: down"]
    assert accept(rounds, "eu", "up", 11.0) == []


def test_a_location_that_answers_again_ends_the_round():
    rounds = Rounds()
    accept(rounds, "eu", "down", 1.0)
    accept(rounds, "us", "down", 1.0)
    assert accept(rounds, "eu", "up", 11.0) == ["down eu and us: down"]


def test_a_result_that_comes_twice_counts_once():
    rounds = Rounds()
    for _ in range(3):
        assert accept(rounds, "eu", "down", 1.0) == []
    assert accept(rounds, "eu", "down", 2.0) == ["down eu: down"]


def test_a_result_older_than_the_last_one_is_left_out():
    rounds = Rounds()
    accept(rounds, "eu", "down", 5.0)
    assert accept(rounds, "eu", "up", 4.0) == []


def test_only_expected_locations_are_waited_for():
    rounds = Rounds()
    assert rounds.accept("eu", result("up", 1.0), {"eu"}, "majority", 1.0)[0].status is Status.UP


def test_a_round_is_over_when_the_others_had_enough_time():
    rounds = Rounds()
    assert rounds.overdue(10.0, "majority", 100.0) is None
    accept(rounds, "eu", "down", 1.0)
    assert rounds.overdue(10.0, "majority", 11.0) is None
    late = rounds.overdue(10.0, "majority", 11.1)
    assert late
    assert (late.status, late.message) == (Status.DOWN, "eu: down")
    assert rounds.overdue(10.0, "majority", 99.0) is None


ANSWERS = st.lists(
    st.tuples(st.sampled_from(sorted(EVERYWHERE)), st.sampled_from(["up", "down"])), max_size=60
)


@given(ANSWERS)
def test_rounds_follow_one_another(answers: list[tuple[str, str]]):
    rounds = Rounds()
    began = [
        verdict.checked_at
        for at, (location, status) in enumerate(answers, 1)
        for verdict in rounds.accept(location, result(status, at), EVERYWHERE, "majority", at)
    ]
    assert began == sorted(set(began))


@given(ANSWERS, st.randoms())
def test_results_that_come_twice_change_nothing(answers: list[tuple[str, str]], random):
    once, twice = Rounds(), Rounds()
    for at, (location, status) in enumerate(answers, 1):
        expected = accept(once, location, status, float(at))
        assert accept(twice, location, status, float(at)) == expected
        again = random.randint(1, at)
        assert accept(twice, answers[again - 1][0], "down", float(again)) == []
