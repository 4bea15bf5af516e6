"""When the next check is due."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.engine.schedule import SPREAD, Grid, confirming, following, grid, resumed, share, soon

intervals = st.floats(0.05, 86400)
moments = st.floats(0, 1e7)
ids = st.text(min_size=1, max_size=40)


@st.composite
def grids(draw: st.DrawFn) -> Grid:
    return grid(draw(ids), draw(intervals), draw(moments))


def on_grid(slots: Grid, moment: float) -> bool:
    steps = (moment - slots.phase) / slots.interval
    return abs(steps - round(steps)) * slots.interval < 1e-6


@given(ids)
def test_a_share_is_a_fraction_that_stays(id: str):
    assert 0 <= share(id) < 1
    assert share(id) == share(id)


def test_a_share_is_the_same_in_every_run():
    assert share("https://example.com/") == pytest.approx(0.079347, abs=5e-7)


def test_endpoints_are_spread_evenly():
    """Hundreds of similar ids leave no tenth of the interval empty or crowded."""
    tenths = [0] * 10
    for number in range(2000):
        tenths[int(share(f"https://host-{number}.example.com/") / 0.98 * 10)] += 1
    assert min(tenths) > 150
    assert max(tenths) < 250


# ── the grid ────────────────────────────────────────────────────────────────────────────────────


@given(grids(), moments)
def test_a_slot_is_later_than_what_it_follows_and_never_by_more_than_an_interval(slots: Grid, moment: float):
    slot = slots.after(moment)
    assert slot > moment
    assert slot - moment <= slots.interval + 1e-6
    assert on_grid(slots, slot)


@given(grids(), moments, st.integers(1, 200))
def test_slots_do_not_drift(slots: Grid, moment: float, count: int):
    walked = first = slots.after(moment)
    for _ in range(count):
        walked = slots.after(walked)
    assert walked == pytest.approx(first + count * slots.interval, abs=1e-5)


@given(st.integers(0, 50), st.integers(0, 50), st.floats(0.01, 0.99))
def test_slots_between_two_moments_are_counted(before: int, count: int, into: float):
    slots = Grid(3.0, 10.0)
    since = 3.0 + 10.0 * (before + into)
    assert slots.between(since, since) == 0
    assert slots.between(since, since + 10.0 * count) == count
    assert slots.between(since + 10.0 * count, since) == 0


def test_a_slot_at_the_end_counts_and_one_at_the_beginning_does_not():
    assert Grid(0.0, 10.0).between(10.0, 30.0) == 2


# ── the first checks ────────────────────────────────────────────────────────────────────────────


@given(ids, intervals, moments, st.floats(0, 60))
def test_a_check_out_of_turn_waits_for_neither_interval_nor_spread(
    id: str, interval: float, now: float, within: float
):
    due = soon(id, interval, now, within)
    assert now <= due <= now + min(interval, within) + 1e-6


def test_first_checks_are_spread_over_the_first_seconds():
    first = sorted(soon(f"endpoint {number}", 30.0, 100.0) for number in range(1000))
    assert first[0] < 100.1
    assert 100.0 + SPREAD - 0.3 < first[-1] < 100.0 + SPREAD - 0.1
    assert max(later - earlier for earlier, later in pairwise(first)) < 0.15


# ── what follows a check ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("due", "now", "at", "skipped"),
    [
        (20.0, 20.2, 30.0, 0),
        (20.0, 29.9, 30.0, 0),
        (20.0, 30.0, 30.0, 0),  # it ended as the slot came
        (20.0, 30.2, 30.2, 0),  # the slot has only just passed
        (20.0, 30.3, 40.0, 1),
        (20.0, 57.0, 60.0, 3),
        (20.0, 50.1, 50.1, 2),
        (17.0, 17.1, 20.0, 0),  # a first check, that did not wait for its slot
        (19.5, 19.6, 30.0, 0),  # the same: the slot is too near to be worth a check of its own
        (19.5, 31.0, 40.0, 1),
    ],
)
def test_the_next_check_is_at_the_next_slot_and_missed_ones_are_skipped(
    due: float, now: float, at: float, skipped: int
):
    later = following(Grid(0.0, 10.0), due, now)
    assert (later.at, later.skipped) == (at, skipped)


@given(grids(), moments, st.floats(0, 1000))
def test_what_follows_is_a_slot_in_the_future_or_one_that_has_just_passed(
    slots: Grid, due: float, took: float
):
    now = due + took
    later = following(slots, due, now)
    if later.at > now:
        assert on_grid(slots, later.at)
    else:
        assert later.at == now
        assert slots.after(now - 0.25) <= now
    assert 0 <= later.skipped <= took / slots.interval + 1


@pytest.mark.parametrize("interval", [1.0, 10.0])
def test_checks_as_long_as_the_interval_use_nearly_every_slot_and_never_two_at_once(interval: float):
    """Each ends 2 ms after the slot that follows it, and that adds up until a slot is let go."""
    slots = Grid(0.0, interval)
    due, skipped, starts = 0.0, 0, [0.0]
    for _ in range(1000):
        due, skipped = (later := following(slots, due, due + interval + 0.002)).at, skipped + later.skipped
        starts.append(due)
    assert skipped <= 1000 * 0.002 / min(interval * 0.1, 0.25)
    assert all(after - before >= interval for before, after in pairwise(starts))
    assert all((start + 1e-6) % interval < 0.251 for start in starts)


@given(grids(), moments, st.lists(st.floats(0, 0.85), min_size=1, max_size=50))
def test_checks_shorter_than_the_interval_use_every_slot(slots: Grid, moment: float, took: list[float]):
    first = due = slots.after(moment)
    for share_of_interval in took:
        later = following(slots, due, due + share_of_interval * slots.interval)
        assert later.skipped == 0
        due = later.at
    assert due == pytest.approx(first + len(took) * slots.interval, abs=1e-5)


@pytest.mark.parametrize(
    ("started", "now", "at", "skipped"),
    [
        (20.1, 20.2, 22.1, 0),
        (20.1, 22.1, 22.1, 0),
        (20.1, 25.0, 25.0, 0),  # it took longer than the retry interval: at once
        (20.1, 41.0, 41.0, 2),
    ],
)
def test_what_is_being_confirmed_is_checked_again_after_the_retry_interval(
    started: float, now: float, at: float, skipped: int
):
    later = confirming(Grid(0.0, 10.0), 2.0, started, 20.0, now)
    assert (later.at, later.skipped) == (at, skipped)


@given(ids, intervals, moments, st.floats(0, 86400))
def test_after_a_standstill_the_backlog_is_skipped_and_checks_are_spread_anew(
    id: str, interval: float, due: float, stood_still: float
):
    slots, now = grid(id, interval, 0.0), due + stood_still
    later = resumed(slots, id, due, now)
    assert now <= later.at <= now + min(interval, SPREAD) + 1e-6
    assert abs(later.skipped - stood_still / interval) <= 1 + 1e-6
