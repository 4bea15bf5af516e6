"""Sorting and grouping."""

import pytest
from fake_source import NOW, info, mixed, row

from monitor.model import State
from monitor.tui.data.board import Board, Entry
from monitor.tui.lists.order import GROUPINGS, SEVERITY, SORTINGS, group, sort


def entries():
    board = Board(clock=lambda: NOW)
    board.reset(mixed().snapshot)
    return list(board.entries.values())


def handles(found):
    return [entry.info.handle for entry in found]


def test_every_state_has_its_rank():
    assert sorted(SEVERITY) == sorted(State)


def test_the_newest_outage_comes_first():
    down = [Entry(info(n), row(n, State.DOWN, since=NOW - age), place=n) for n, age in enumerate((5, 50, 20))]
    assert handles(sort(down, "severity")) == [0, 2, 1]


ORDERS = {
    "severity": [1, 4, 2, 6, 0, 3, 5],
    "config": [0, 1, 2, 3, 4, 5, 6],
    "latency": [2, 0, 3, 5, 1, 4, 6],
    "name": [6, 1, 2, 5, 4, 0, 3],
    "group": [3, 4, 0, 1, 2, 5, 6],
    "cert": [0, 1, 2, 3, 4, 5, 6],
}


@pytest.mark.parametrize(("by", "expected"), ORDERS.items())
def test_orders(by, expected):
    assert handles(sort(entries(), by)) == expected


@pytest.mark.parametrize("by", SORTINGS)
@pytest.mark.parametrize("reverse", [False, True])
def test_what_is_unknown_comes_last_in_either_direction(by, reverse):
    values = [SORTINGS[by].value(entry) is None for entry in sort(entries(), by, reverse=reverse)]
    assert values == sorted(values)


def test_the_group_in_trouble_comes_first():
    assert [part.name for part in group(entries(), "group")] == ["payments", "intl", "no group"]


def test_an_endpoint_stands_under_each_of_its_tags():
    parts = {part.name: handles(part.entries) for part in group(entries(), "tag")}
    assert parts["eu"] == [0, 1]
    assert parts["web"] == [0]


@pytest.mark.parametrize("by", GROUPINGS[1:])
def test_nobody_is_lost_in_grouping(by):
    assert {handle for part in group(entries(), by) for handle in handles(part.entries)} == set(range(7))
