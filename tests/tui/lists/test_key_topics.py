"""The keys of a screen by topic."""

import pytest

from monitor.syntax.keymap import KEYS
from monitor.tui.lists.key_topics import NAMED, TOPICS, Key, grouped, place_in_use

ROWS = [row for topic in TOPICS for row in topic.rows]


@pytest.mark.parametrize("name", KEYS)
def test_every_key_has_a_topic(name):
    assert name in NAMED or name.rpartition(".")[2] in NAMED


@pytest.mark.parametrize("name", sorted(NAMED))
def test_every_row_is_of_a_key(name):
    assert name in KEYS or name in {key.rpartition(".")[2] for key in KEYS}


def test_a_key_is_in_one_row():
    assert len(NAMED) == sum(len(row.names) for row in ROWS)


@pytest.mark.parametrize("row", [row for row in ROWS if row.text], ids=str)
def test_a_text_has_a_part_for_each_key(row):
    assert len(row.text.split(", ")) == len(row.names)


def shown(**bindings):
    named = {name.replace("__", "."): Key(text, keys.split()) for name, (keys, text) in bindings.items()}
    return {group.title: [tuple(line) for line in group.lines] for group in grouped(named)}


def test_keys_that_belong_together_share_a_row():
    pair = {"table__down": ("j down", "next line"), "table__up": ("k up", "previous line")}
    assert shown(**pair) == {"Move": [("j down k up", "j k", "down, up")]}


def test_a_key_without_its_partner_has_its_own_part_of_the_text():
    assert shown(redraw=("^l", "redraw the screen"))["General"] == [("^l", "^l", "redraw")]
    assert shown(wall__next=("l", "next page"))["Move"] == [("l", "l", "next page")]


def test_a_key_of_one_screen_may_have_a_row_of_its_own():
    found = shown(columns__down=("J", "move it"), listing__down=("j", "next"))
    assert found == {"Act": [("J", "J", "move the column down")], "Move": [("j", "j", "down")]}


def test_a_key_without_a_topic_comes_last():
    assert list(shown(other=("F9", "a plugin's"), help=("?", "help"))) == ["General", "More"]


def test_topics_are_in_the_order_of_use():
    found = shown(quit=("q", "quit"), overview__filter=("/", "filter"), overview__open=("enter", "open"))
    assert list(found) == ["Look", "General"]
    assert [line[0] for line in found["Look"]] == ["enter", "/"]


def test_bindings_have_their_place_in_the_order_of_use():
    names = ["other", "quit", "view.log", "overview.check", "log.filter", "overview.open", "columns.down"]
    assert sorted(names, key=place_in_use) == [
        "overview.open",
        "log.filter",
        "overview.check",
        "columns.down",
        "view.log",
        "quit",
        "other",
    ]
