"""Soft and hard states, flapping, and what a dependency means."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.judge.health import (
    FLAPPING_OFF,
    FLAPPING_ON,
    TURNS_OFF,
    TURNS_ON,
    Health,
    Inhibition,
    Policy,
    advance,
    change_rate,
    confirming,
    decided,
    progress,
    state,
)
from monitor.model import State, Status

RESULTS = {"u": Status.UP, "g": Status.DEGRADED, "d": Status.DOWN, "i": Status.INCONCLUSIVE}
HOLDS = {"": Inhibition.NONE, "?": Inhibition.UNDECIDED, "~": Inhibition.SUSPECT, "!": Inhibition.BLOCKED}
SIGNS = {
    State.PENDING: "p",
    State.UP: "U",
    State.DEGRADED: "G",
    State.FAILING: "f",
    State.DOWN: "D",
    State.INCONCLUSIVE: "i",
    State.UNREACHABLE: "x",
}


def lived(results: str, policy: Policy, inhibition: Inhibition = Inhibition.NONE) -> list[Health]:
    """The health after each result: a letter of RESULTS."""
    health, passed = Health(), []
    for letter in results:
        health = advance(health, RESULTS[letter], policy, inhibition)
        passed.append(health)
    return passed


def states(results: str, policy: Policy, inhibition: Inhibition = Inhibition.NONE) -> str:
    return "".join(SIGNS[state(health, inhibition)] for health in lived(results, policy, inhibition))


@pytest.mark.parametrize(
    ("down_after", "up_after", "results", "expected"),
    [
        (3, 2, "uuu", "UUU"),
        (3, 2, "ddd", "ffD"),
        (3, 2, "uddd", "UffD"),
        (3, 2, "uddudd", "UffUff"),
        (3, 2, "ugu", "UGU"),
        (3, 2, "udgdd", "UfGff"),
        (3, 2, "ddduu", "ffDDU"),
        (3, 2, "dddgg", "ffDDG"),
        (3, 2, "dddudu", "ffDDDD"),
        (3, 2, "ddduduu", "ffDDDDU"),
        (1, 1, "udu", "UDU"),
        (1, 1, "d", "D"),
        (1, 3, "duuu", "DDDU"),
        (2, 1, "ddu", "fDU"),
        (3, 2, "i", "i"),
        (3, 2, "uiu", "UiU"),
        (3, 2, "didid", "fifiD"),
        (3, 2, "dddiuiu", "ffDiDiU"),
        (3, 2, "gi", "Gi"),
        (3, 2, "ggd", "GGf"),
        (1, 2, "gdgu", "GDDU"),
    ],
)
def test_states_follow_from_results(down_after: int, up_after: int, results: str, expected: str):
    assert states(results, Policy(down_after, up_after)) == expected


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ("u", (0, 0)),
        ("d", (1, 3)),
        ("dd", (2, 3)),
        ("ddd", (0, 0)),
        ("dddu", (1, 2)),
        ("ddduu", (0, 0)),
        ("dddud", (0, 0)),
        ("ddi", (2, 3)),
    ],
)
def test_what_is_being_confirmed_says_how_far_it_is(results: str, expected: tuple[int, int]):
    health = lived(results, Policy(3, 2))[-1]
    assert progress(health, Policy(3, 2)) == expected
    assert confirming(health) is (expected != (0, 0))


def test_before_the_first_result_nothing_is_known():
    assert state(Health(), Inhibition.NONE) is State.PENDING
    assert state(Health(), Inhibition.BLOCKED) is State.PENDING


# ── dependencies ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("inhibition", "results", "expected"),
    [
        (Inhibition.UNDECIDED, "udddddd", "Uffffff"),
        (Inhibition.UNDECIDED, "udddu", "UfffU"),
        (Inhibition.SUSPECT, "udddddd", "Uffffff"),
        (Inhibition.SUSPECT, "udddu", "UfffU"),
        (Inhibition.BLOCKED, "uddd", "Uxxx"),
        (Inhibition.BLOCKED, "udddu", "UxxxU"),
        (Inhibition.BLOCKED, "di", "xi"),
    ],
)
def test_a_failure_is_held_while_a_dependency_may_explain_it(
    inhibition: Inhibition, results: str, expected: str
):
    assert states(results, Policy(3, 2), inhibition) == expected


def test_failures_held_back_count_at_once_when_the_dependency_turns_out_to_be_fine():
    policy = Policy(3, 2)
    held = lived("uddddd", policy, Inhibition.UNDECIDED)[-1]
    assert progress(held, policy) == (3, 3)
    assert decided(held, policy, Inhibition.UNDECIDED) == held
    assert state(decided(held, policy, Inhibition.NONE), Inhibition.NONE) is State.DOWN


@pytest.mark.parametrize(
    ("inhibition", "shown"), [(Inhibition.SUSPECT, State.FAILING), (Inhibition.BLOCKED, State.UNREACHABLE)]
)
def test_failures_held_back_say_nothing_when_the_dependency_turns_out_to_fail_too(
    inhibition: Inhibition, shown: State
):
    policy = Policy(3, 2)
    held = lived("uddddd", policy, Inhibition.UNDECIDED)[-1]
    explained = decided(held, policy, inhibition)
    assert state(explained, inhibition) is shown
    assert progress(explained, policy) == (0, 0)
    assert state(decided(explained, policy, Inhibition.NONE), Inhibition.NONE) is State.FAILING


@pytest.mark.parametrize("inhibition", list(Inhibition))
@pytest.mark.parametrize("results", ["u", "uddd", "uddduu", "udddu", "ui", "udddi"])
def test_a_decision_changes_nothing_for_what_does_not_wait(results: str, inhibition: Inhibition):
    health = lived(results, Policy(3, 2))[-1]
    assert decided(health, Policy(3, 2), inhibition) == health


@pytest.mark.parametrize("inhibition", [Inhibition.SUSPECT, Inhibition.BLOCKED])
@pytest.mark.parametrize("down_after", [1, 2, 3])
def test_counting_begins_anew_when_the_dependency_is_back(down_after: int, inhibition: Inhibition):
    policy = Policy(down_after, 2)
    health = decided(lived("udddddd", policy, inhibition)[-1], policy, Inhibition.NONE)
    assert state(health, Inhibition.NONE) is State.FAILING
    assert confirming(health)
    assert progress(health, policy) == (0, 0)
    for _ in range(down_after - 1):
        health = advance(health, Status.DOWN, policy)
        assert state(health, Inhibition.NONE) is State.FAILING
    assert state(advance(health, Status.DOWN, policy), Inhibition.NONE) is State.DOWN


def test_what_was_down_by_itself_is_down_again_when_the_dependency_is_back():
    policy = Policy(2, 2)
    health = advance(lived("dd", policy)[-1], Status.DOWN, policy, Inhibition.BLOCKED)
    assert state(health, Inhibition.BLOCKED) is State.UNREACHABLE
    assert state(health, Inhibition.NONE) is State.DOWN


def test_a_success_behind_a_dead_dependency_is_a_success():
    assert states("uuu", Policy(3, 2), Inhibition.BLOCKED) == "UUU"


# ── invariants ──────────────────────────────────────────────────────────────────────────────────

policies = st.builds(Policy, st.integers(1, 5), st.integers(1, 5))
histories = st.lists(st.tuples(st.sampled_from("ugdi"), st.sampled_from(list(HOLDS))), max_size=60)


def run(history: list[tuple[str, str]], policy: Policy) -> list[Health]:
    passed = [Health()]
    for letter, inhibition in history:
        passed.append(advance(passed[-1], RESULTS[letter], policy, HOLDS[inhibition]))
    return passed


def conclusive(history: list[tuple[str, str]]) -> str:
    return "".join("d" if letter == "d" else "u" for letter, _ in history if letter != "i")


@given(histories, policies)
def test_nothing_is_down_without_failures_enough_in_a_row(history: list[tuple[str, str]], policy: Policy):
    for count, (before, after) in enumerate(pairwise(run(history, policy)), 1):
        if after.hard is State.DOWN and before.hard is not State.DOWN:
            assert conclusive(history[:count]).endswith("d" * policy.down_after)
            assert HOLDS[history[count - 1][1]] is Inhibition.NONE


@given(histories, policies)
def test_nothing_recovers_without_successes_enough_in_a_row(history: list[tuple[str, str]], policy: Policy):
    for count, (before, after) in enumerate(pairwise(run(history, policy)), 1):
        if before.hard is State.DOWN and after.hard is State.UP:
            assert conclusive(history[:count]).endswith("u" * policy.up_after)


@given(histories, policies)
def test_an_inconclusive_result_changes_no_count(history: list[tuple[str, str]], policy: Policy):
    for (letter, _), (before, after) in zip(history, pairwise(run(history, policy)), strict=True):
        if letter == "i":
            assert (after.hard, after.streak, after.changes, after.flapping, after.failed) == (
                before.hard,
                before.streak,
                before.changes,
                before.flapping,
                before.failed,
            )


@given(histories, policies)
def test_a_streak_is_never_longer_than_what_it_takes(history: list[tuple[str, str]], policy: Policy):
    for health in run(history, policy):
        count, needed = progress(health, policy)
        assert count <= needed


@given(st.text("ugd", min_size=1, max_size=60), policies)
def test_failures_enough_in_a_row_are_down(results: str, policy: Policy):
    health = lived(results + "d" * policy.down_after, policy)[-1]
    assert state(health, Inhibition.NONE) is State.DOWN
    health = lived(results + "d" * policy.down_after + "u" * policy.up_after, policy)[-1]
    assert state(health, Inhibition.NONE) is State.UP


# ── flapping ────────────────────────────────────────────────────────────────────────────────────


def flaps(results: str, hard: list[State]) -> list[bool]:
    """Icinga's rule, as its C++ has it, on a list of the last twenty results, and ours beside it."""
    changed, turned, before, flapping, found = [False] * 20, [False] * 20, None, False, []
    for number, result in enumerate(results):
        failed = result == "d"
        changed = [*changed[1:], before is not None and failed != before]
        past = hard[number - 1] if number else State.PENDING
        turned = [*turned[1:], past is not State.PENDING and hard[number] is not past]
        before = failed
        value = sum(80 + 2 * i for i, one in enumerate(changed) if one) / 20
        rate, turns = (FLAPPING_OFF, TURNS_OFF) if flapping else (FLAPPING_ON, TURNS_ON)
        flapping = any(changed) and (value > rate or sum(turned) >= turns)
        found.append(flapping)
    return found


@given(st.text("udg", max_size=120), policies)
def test_flapping_follows_from_the_rate_of_changes_and_from_confirmed_changes(results: str, policy: Policy):
    healths = lived(results, policy)
    assert [health.flapping for health in healths] == flaps(results, [health.hard for health in healths])


@pytest.mark.parametrize(
    ("results", "flapping"),
    [
        ("u" + "ddduu" * 2, False),
        ("u" + "ddduu" * 2 + "ddd", True),
        ("u" + ("ddduu" + "u" * 6) * 2 + "ddd", False),
        ("u" + "ddduu" * 2 + "ddd" + "u" * 14, True),
        ("u" + "ddduu" * 2 + "ddd" + "u" * 25, False),
    ],
)
def test_a_third_outage_within_twenty_results_is_flapping(results: str, flapping: bool):
    assert lived(results, Policy(3, 2))[-1].flapping is flapping


def test_an_outage_that_waited_for_a_dependency_counts_as_a_change():
    failing = Health(hard=State.UP, failed=True, streak=3, changes=4)
    assert decided(failing, Policy(3, 2), Inhibition.NONE).turns == 1


@pytest.mark.parametrize(
    ("changes", "per_cent"),
    [(0, 0.0), (1, 5.9), (1 << 19, 4.0), ((1 << 20) - 1, 99.0)],
)
def test_newer_changes_weigh_more(changes: int, per_cent: float):
    assert change_rate(changes) == pytest.approx(per_cent)


def test_flapping_begins_above_thirty_per_cent_and_ends_below_twenty_five():
    marks = [health.flapping for health in lived("ududud" + "u" * 25, Policy(3, 2))]
    assert not any(marks[:5])
    assert not marks[-1]
    assert lived("udududud", Policy(3, 2))[-1].flapping


def test_warnings_and_gaps_do_not_flap():
    assert not any(health.flapping for health in lived("ug" * 30, Policy(3, 2)))
    assert not any(health.flapping for health in lived("ui" * 30, Policy(3, 2)))
