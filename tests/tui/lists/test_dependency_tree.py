"""Trees of dependencies."""

from fake_source import NOW, info, row

from monitor.model import State
from monitor.tui.data.board import Entry
from monitor.tui.lists.dependency_tree import dependency_tree, with_words


def entries(needs, **states):
    """Endpoints by name, each with the names that it depends on."""
    return [
        Entry(
            info(place, name, depends_on=tuple(names.split())),
            row(place, states.get(name, State.UP), since=NOW),
            place=place,
        )
        for place, (name, names) in enumerate(needs.items())
    ]


def drawn(rows):
    return ["  " * len(one.last) + one.entry.info.name + "…" * one.repeated for one in rows]


SHOP = {"db": "", "api": "db", "shop": "api", "reports": "db", "alone": ""}


def test_dependents_are_below_their_dependency():
    assert drawn(dependency_tree(entries(SHOP))) == ["db", "  api", "    shop", "  reports"]


def test_the_worst_comes_first_among_trees_and_among_neighbours():
    two = SHOP | {"gate": "", "mail": "gate"}
    rows = dependency_tree(entries(two, mail=State.DOWN, reports=State.DEGRADED))
    assert drawn(rows) == ["gate", "  mail", "db", "  reports", "  api", "    shop"]


def test_the_dependents_of_an_endpoint_are_shown_once():
    rows = dependency_tree(entries({"db": "", "gate": "", "api": "db gate", "shop": "api"}))
    assert drawn(rows) == ["db", "  api", "    shop", "gate", "  api…"]
    assert len({one.path for one in rows}) == len(rows)


def test_a_circle_has_an_end():
    assert drawn(dependency_tree(entries({"db": "", "a": "db b", "b": "a"}))) == [
        "db",
        "  a",
        "    b",
        "      a…",
    ]


def test_a_filter_keeps_the_way_to_the_root():
    rows = dependency_tree(entries(SHOP))
    assert drawn(with_words(rows, {2})) == ["db", "  api", "    shop"]
    assert drawn(with_words(rows, {3})) == ["db", "  reports"]
    assert drawn(with_words(rows, ())) == []
