"""What the overview shows, and in which order."""

from fake_source import NOW, failed, info, mixed, row

from monitor.link.messages import Changes
from monitor.tui.data.board import Board
from monitor.tui.lists.arrangement import Arrangement, Heading, in_old_order
from monitor.tui.lists.order import GROUPINGS, SORTINGS
from monitor.tui.lists.query import parse


def known():
    board = Board(clock=lambda: NOW)
    board.reset(mixed().snapshot)
    return board


def keys(lines):
    return [line.key for line in lines]


def test_only_what_moves_something_is_a_move():
    board, arrangement = known(), Arrangement()
    arrangement.lines(board)
    seen = board.revision
    board.apply(Changes(now=NOW, statuses=(row(0, latency_ms=99.0),)))
    assert not arrangement.moved(board, seen)
    board.apply(Changes(now=NOW, statuses=(failed(0),)))
    assert arrangement.moved(board, seen)


def test_a_newcomer_is_a_move():
    board, arrangement = known(), Arrangement()
    arrangement.lines(board)
    seen = board.revision
    board.apply(Changes(now=NOW, infos=(info(9),), order=(*range(7), 9)))
    assert arrangement.moved(board, seen)


def test_query_and_problems_only_both_count():
    board, arrangement = known(), Arrangement(query=parse("api"), problems_only=True)
    assert keys(arrangement.lines(board)) == [("", "id-1"), ("", "id-2")]


def test_a_folded_group_keeps_its_heading_only():
    board, arrangement = known(), Arrangement(grouping="group")
    arrangement.fold("payments")
    lines = arrangement.lines(board)
    assert isinstance(lines[0], Heading)
    assert lines[0].folded
    assert lines[1].key == "intl"


def test_sorting_by_the_same_turns_it_round():
    arrangement = Arrangement()
    arrangement.sort("name")
    assert not arrangement.reverse
    arrangement.sort("name")
    assert arrangement.reverse
    arrangement.sort("latency")
    assert not arrangement.reverse


def test_sortings_and_groupings_go_round():
    arrangement = Arrangement()
    for _ in SORTINGS:
        arrangement.next_sort(1, list(SORTINGS))
    for _ in GROUPINGS:
        arrangement.next_grouping()
    assert (arrangement.sort_by, arrangement.grouping) == ("severity", "none")


def test_a_sorting_that_is_not_among_the_next_ones_begins_with_the_first_or_the_last():
    arrangement = Arrangement(sort_by="config")
    arrangement.next_sort(1, ["latency", "name"])
    assert arrangement.sort_by == "latency"
    arrangement.sort_by = "config"
    arrangement.next_sort(-1, ["latency", "name"])
    assert arrangement.sort_by == "name"


def test_every_line_of_a_tagged_endpoint_has_a_key_of_its_own():
    lines = Arrangement(grouping="tag").lines(known())
    assert len(set(keys(lines))) == len(lines)


def test_what_is_new_goes_behind_what_keeps_its_place():
    lines = Arrangement(sort_by="config").lines(known())
    old = [lines[2], lines[0]]
    assert keys(in_old_order(lines[:4], old)) == keys([lines[2], lines[0], lines[1], lines[3]])
