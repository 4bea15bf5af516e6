"""Selections and ids of silences."""

from __future__ import annotations

from virtual import endpoint

from monitor.engine.silences import new_id, silence_of
from monitor.engine.tracked import Tracked
from monitor.syntax.selection import compile_selection


def test_an_id_is_short_and_not_given_twice() -> None:
    first = new_id(1.0, ())
    assert first == "3e8"
    assert new_id(1.0, (first,)) == "3e9"
    assert new_id(1.0, (first, "3e9")) == "3ea"


def test_a_selection_of_one_endpoint_covers_no_other() -> None:
    odd, other = (Tracked(0, endpoint(name), 10, 0.0) for name in ("a*[b]", "axb"))
    selects = compile_selection(silence_of([odd]))
    assert selects(odd.endpoint)
    assert not selects(other.endpoint)
