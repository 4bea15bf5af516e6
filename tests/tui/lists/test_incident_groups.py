"""Which incidents are shown as one, and in which order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import Acknowledgement, Cause, Ending, Incident, Reason
from monitor.tui.filtered import has_words
from monitor.tui.lists.incident_groups import APART, IncidentGroup, incident_groups, searchable_text


def incident(number: int, began: float, ended: float | None, endpoint: str = "a", **more: object) -> Incident:
    ending = None if ended is None else Ending.RECOVERED
    fields = {"handle": 1, "name": endpoint, "failed": 3, "ending": ending} | more
    return Incident(id=str(number), endpoint=endpoint, began=began, ended=ended, **fields)


def numbers(found: list[IncidentGroup]) -> list[list[int]]:
    return [[int(one.id) for one in group.incidents] for group in found]


def test_open_ones_come_first_and_the_newest_before_the_others():
    every = [
        incident(1, 10.0, None, "a"),
        incident(2, 20.0, 30.0, "b"),
        incident(3, 40.0, None, "c"),
        incident(4, 50.0, 60.0, "d"),
    ]
    assert numbers(incident_groups(every)) == [[3], [1], [4], [2]]


@pytest.mark.parametrize(
    ("gaps", "shown"),
    [
        ([60.0, 60.0], [[3, 2, 1]]),
        ([APART, APART], [[3, 2, 1]]),
        ([60.0], [[2], [1]]),  # twice is no habit
        ([60.0, APART + 1, 60.0], [[4], [3], [2], [1]]),
        ([60.0, 60.0, APART + 1, 5.0, 5.0], [[6, 5, 4], [3, 2, 1]]),
    ],
)
def test_what_comes_again_and_again_is_one_case(gaps: list[float], shown: list[list[int]]):
    every, began = [incident(1, 0.0, 100.0)], 0.0
    for number, gap in enumerate(gaps, start=2):
        began += 100.0 + gap
        every.append(incident(number, began, began + 100.0))
    assert numbers(incident_groups(every)) == shown


def test_each_endpoint_has_trouble_of_its_own():
    every = [
        incident(number, number * 100.0, number * 100.0 + 50.0, "ab"[number % 2]) for number in range(1, 7)
    ]
    assert numbers(incident_groups(every)) == [[6, 4, 2], [5, 3, 1]]


def test_an_open_incident_stands_alone():
    every = [incident(number, number * 100.0, number * 100.0 + 50.0) for number in range(1, 4)]
    assert numbers(incident_groups([*every, incident(4, 400.0, None)])) == [[4], [3, 2, 1]]


def test_what_is_one_case_can_be_unfolded():
    every = [incident(number, number * 100.0, number * 100.0 + 50.0) for number in range(1, 4)]
    (group,) = incident_groups(every)
    unfolded = incident_groups(every, {group.run})
    assert numbers(unfolded) == [[3], [2], [1]]
    assert {one.run for one in unfolded} == {group.run}


def test_a_case_keeps_its_key_while_more_join_it():
    every = [incident(number, number * 100.0, number * 100.0 + 50.0) for number in range(1, 6)]
    assert len({incident_groups(every[:count])[0].key for count in (3, 4, 5)}) == 1


def test_a_case_sums_up():
    every = [incident(number, number * 100.0, number * 100.0 + 50.0) for number in range(1, 4)]
    (group,) = incident_groups(every)
    assert (group.began, group.failed, group.lasted(999.0), group.span) == (100.0, 9, 150.0, 250.0)


def test_an_open_case_lasts_until_now():
    assert IncidentGroup([incident(1, 100.0, None)]).lasted(160.0) == 60.0


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3000), st.integers(1, 900), st.booleans())))
def test_every_incident_is_in_exactly_one_case(drawn: list[tuple[str, int, int, bool]]):
    every = [
        incident(number, float(began), None if still else float(began + lasted), endpoint)
        for number, (endpoint, began, lasted, still) in enumerate(drawn)
    ]
    found = incident_groups(every)
    assert sorted(number for group in numbers(found) for number in group) == list(range(len(every)))
    assert len({group.key for group in found}) == len(found)


NOTED = IncidentGroup(
    [
        incident(
            1,
            0.0,
            50.0,
            reason=Reason.READ_TIMEOUT,
            cause="no answer",
            latest="reset",
            acknowledged=Acknowledgement(at=0.0, by="ann", note="the switch"),
        )
    ]
)


@pytest.mark.parametrize(
    ("words", "fit"),
    [
        ("", True),
        ("OVER", True),
        ("open", False),
        ("shop answer", True),
        ("read_timeout reset", True),
        ("ann switch acknow", True),
        ("shop nothing", False),
    ],
)
def test_every_word_has_to_be_in_it(words: str, fit: bool):
    assert has_words(searchable_text(NOTED, "Shop front"), words) is fit


SHOP = Cause(kind="group", value="shop", count=3)


def shared(number: int, began: float, ended: float | None = None, outage: str = "1") -> Incident:
    more = {"common_cause": SHOP, "outage": outage}
    return incident(number, began, ended, f"endpoint {number}", **more)


@pytest.mark.parametrize(
    ("every", "shown"),
    [
        ([shared(1, 1.0), shared(2, 2.0), shared(3, 3.0)], [[3, 2, 1]]),
        ([shared(1, 1.0), shared(2, 2.0)], [[2], [1]]),
        ([shared(1, 1.0), shared(2, 2.0), shared(3, 3.0), incident(4, 9.0, None)], [[4], [3, 2, 1]]),
        ([shared(1, 1.0), shared(2, 2.0), shared(3, 3.0, 5.0)], [[2], [1], [3]]),
        ([shared(1, 1.0, 9.0), shared(2, 2.0, 9.0), shared(3, 3.0, 9.0)], [[3, 2, 1]]),
        ([shared(1, 1.0), shared(2, 2.0), shared(3, 3.0, outage="3")], [[3], [2], [1]]),
    ],
)
def test_incidents_with_a_common_cause_are_one_line(every: list[Incident], shown: list[list[int]]):
    assert numbers(incident_groups(every)) == shown


def test_a_common_cause_is_unfolded_and_folded_again():
    every = [shared(1, 1.0), shared(2, 2.0), shared(3, 3.0)]
    (group,) = incident_groups(every)
    assert (group.cause, group.lasted(13.0)) == (SHOP, 12.0)
    assert group.run
    unfolded = incident_groups(every, {group.run})
    assert numbers(unfolded) == [[3], [2], [1]]
    assert {one.run for one in unfolded} == {group.run}


def test_a_common_cause_can_be_searched():
    (group,) = incident_groups([shared(1, 1.0), shared(2, 2.0), shared(3, 3.0)])
    assert "group shop" in searchable_text(group, "names")
