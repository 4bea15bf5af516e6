"""What is remembered of each endpoint."""

from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.engine.samples import SAMPLE_BYTES, Phases, Sample, Samples, capacity
from monitor.model import LETTERS, NO_LATENCY, Status


def sample(number: int) -> Sample:
    return Sample(float(number), "ugdi"[number % 4], number / 2)


def filled(room: int, count: int) -> Samples:
    samples = Samples(room)
    for number in range(count):
        samples.add(sample(number))
    return samples


def test_every_status_has_a_letter_of_its_own():
    assert set(LETTERS) == set(Status)
    assert len(set(LETTERS.values())) == len(Status)


@pytest.mark.parametrize(
    ("endpoints", "room"), [(0, 2880), (1, 2880), (1000, 1290), (10_000, 129), (100_000, 60)]
)
def test_all_endpoints_share_one_budget(endpoints: int, room: int):
    assert capacity(endpoints) == room


@pytest.mark.parametrize(("endpoints", "megabytes"), [(1, 1), (10_000, 20), (100_000, 80)])
def test_many_endpoints_stay_within_bounds(endpoints: int, megabytes: int):
    assert endpoints * capacity(endpoints) * SAMPLE_BYTES <= megabytes << 20


def test_nothing_is_remembered_at_first():
    samples = Samples(5)
    assert (len(samples), samples.total) == (0, 0)
    assert samples.newest(10) == ("", ())
    assert samples.since(0.0) == []


@pytest.mark.parametrize(("room", "count"), [(5, 3), (5, 5), (5, 6), (5, 10), (5, 12), (1, 3)])
def test_the_newest_samples_stay_oldest_first(room: int, count: int):
    samples = filled(room, count)
    kept = [sample(number) for number in range(max(count - room, 0), count)]
    assert samples.since(-1.0) == kept
    assert samples.total == count
    for wanted in range(room + 3):
        tail = kept[len(kept) - min(wanted, len(kept)) :]
        assert samples.newest(wanted) == (
            "".join(one.outcome for one in tail),
            tuple(one.latency_ms for one in tail),
        )


def test_only_what_is_later_than_a_moment_is_reported():
    assert [one.at for one in filled(5, 8).since(5.0)] == [6.0, 7.0]
    assert filled(5, 8).since(7.0) == []


@pytest.mark.parametrize(
    ("moment", "count", "told"), [(5.0, 2, [4.0, 5.0]), (5.5, 9, [3.0, 4.0, 5.0]), (2.9, 9, []), (9.0, 0, [])]
)
def test_what_was_there_at_a_moment_is_reported(moment: float, count: int, told: list[float]):
    assert filled(5, 8).until(moment, count) == [sample(int(at)) for at in told]


def test_a_check_without_latency_is_remembered():
    samples = Samples(2)
    samples.add(Sample(1.0, "i", NO_LATENCY))
    assert samples.newest(1) == ("i", (NO_LATENCY,))


@given(
    st.integers(1, 9),
    st.lists(st.one_of(st.none(), st.integers(1, 9)), max_size=80),
)
def test_a_ring_is_a_list_cut_to_its_newest(room: int, steps: list[int | None]):
    """``steps``: None adds a sample, a number changes the room."""
    samples, model, count = Samples(room), [], 0
    for step in steps:
        if step is None:
            samples.add(sample(count))
            model.append(sample(count))
            count += 1
        else:
            room = step
            samples.resize(room)
        model = model[-room:]
        assert samples.since(-1.0) == model
        assert len(samples) == len(model)
    assert samples.total == count


def test_phases_are_told_by_their_medians():
    phases = Phases()
    for ms in (1.0, 5.0, 2.0):
        phases.add({"connect": ms, "wait": 10 * ms})
    phases.add({"wait": 30.0})
    assert phases.medians() == {"connect": 2.0, "wait": 25.0}


@given(
    st.lists(
        st.dictionaries(st.sampled_from(["dns", "connect", "tls", "wait"]), st.integers(0, 9).map(float)),
        max_size=50,
    )
)
def test_phases_that_come_and_go_are_those_of_the_newest_twenty(every: list[dict[str, float]]):
    phases = Phases()
    for one in every:
        phases.add(one)
    every = [one for one in every if one]
    names = {name for one in every[-20:] for name in one}
    newest = {name: [one[name] for one in every[-20:] if name in one] for name in names}
    assert phases.medians() == {name: median(values) for name, values in newest.items()}


def test_only_the_newest_phases_are_remembered():
    phases = Phases()
    for ms in range(100):
        phases.add({"wait": float(ms)})
    assert phases.medians() == {"wait": 89.5}
    assert Phases().medians() == {}
