"""Results of locations, in rounds."""

from hypothesis import given
from hypothesis import strategies as st

from monitor.judge.rounds import Rounds
from monitor.model import Reason, Result, Status

EVERYWHERE = {"ap", "eu", "us"}


def said(status: str, at: float) -> Result:
    reason = Reason.CONNECTION_REFUSED if status == "down" else None
    return Result(endpoint="x", status=Status(status), reason=reason, message=status, checked_at=at)


def accept(rounds: Rounds, location: str, status: str, at: float) -> list[str]:
    verdicts = rounds.accept(location, said(status, at), EVERYWHERE, "majority", at)
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
    assert rounds.accept("eu", said("up", 1.0), {"eu"}, "majority", 1.0)[0].status is Status.UP


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
        for verdict in rounds.accept(location, said(status, at), EVERYWHERE, "majority", at)
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
