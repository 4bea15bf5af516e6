"""Marks of slower phases on the tracker's endpoints."""

from __future__ import annotations

from msgspec.structs import replace
from virtual import config, endpoint

from monitor.engine.slowdowns import note_slowdown
from monitor.engine.tracker import Tracker
from monitor.engine.views import status
from monitor.model import Difference, Slowdown, State
from monitor.model.events import SlowdownChanged

MARK = Slowdown(phase="tls", since=600.0, ms=68.0, usual_ms=17.0)


def tracker() -> Tracker:
    made = Tracker()
    made.apply(config(endpoint("Shop")), Difference(added=frozenset({"Shop"})), 1000.0)
    return made


def test_a_mark_that_changes_is_an_event():
    shop = tracker()
    larger = replace(MARK, ms=170.0)
    assert note_slowdown(shop, "Shop", None, 1800.0) == []
    for before, after in ((None, MARK), (MARK, larger), (larger, None)):
        changed = SlowdownChanged(at=1800.0, endpoint="Shop", before=before, after=after, state=State.PENDING)
        assert note_slowdown(shop, "Shop", after, 1800.0) == [changed]
        assert note_slowdown(shop, "Shop", after, 1900.0) == []
    assert note_slowdown(shop, "gone", MARK, 1800.0) == []


def test_the_mark_is_part_of_the_status_and_survives_a_restart():
    shop = tracker()
    note_slowdown(shop, "Shop", MARK, 1800.0)
    again = tracker()
    again.restore(shop.save(), 2000.0)
    (tracked,) = again.endpoints.values()
    assert status(tracked, 0, None, None).slower == MARK
