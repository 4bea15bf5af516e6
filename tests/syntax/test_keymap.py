"""The keys as plain data."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.syntax.keymap import KEYS, PARTS, clashes, parse_key


@pytest.mark.parametrize("key", sorted({key for keys in KEYS.values() for key in keys}))
def test_the_defaults_are_written_as_we_write_keys(key):
    assert parse_key(key) == key


def test_every_name_belongs_to_a_known_part():
    parts = {*PARTS, *(part for parts in PARTS.values() for part in parts), "view", "travel"}
    assert {name.partition(".")[0] for name in KEYS if "." in name} == parts


WRITTEN = [
    ("R", "R"),
    ("?", "?"),
    (" ", "space"),
    ("+", "+"),
    ("é", "é"),
    ("F5", "f5"),
    ("Ctrl+R", "ctrl+r"),
    ("esc", "escape"),
    ("PgUp", "pageup"),
    ("shift+ctrl+left", "ctrl+shift+left"),
    ("alt+1", "alt+1"),
]


@pytest.mark.parametrize(("text", "key"), WRITTEN)
def test_what_people_write_for_a_key(text, key):
    assert parse_key(text) == key


REFUSED = [
    ("", "is no key; write a key as it is typed"),
    ("rr", "is no key"),
    ("super+r", "is no key"),
    ("ctrl+", "is no key"),
    ("++", "is no key"),
    ("\t", "is no key"),
    ("f99", "is no key"),
    ("slash", "is no key"),
    ("shift+r", 'is written as it is typed: "R"'),
    ("ctrl+i", "the same for ctrl+i and tab"),
]


@pytest.mark.parametrize(("text", "told"), REFUSED)
def test_what_is_no_key_is_refused_with_what_would_be(text, told):
    with pytest.raises(ValueError, match=r"\S") as refused:
        parse_key(text)
    assert told in str(refused.value)


@given(st.text(max_size=12))
def test_no_text_crashes_it_and_every_key_is_stable(text):
    try:
        key = parse_key(text)
    except ValueError:
        return
    assert parse_key(key) == key


def test_the_defaults_clash_nowhere():
    assert list(clashes({})) == []
    assert list(clashes(dict(KEYS))) == []


CLASHES = [
    ({"overview.check": ("p",)}, [("overview.check", "p", "overview.pause")]),
    ({"overview.check": ("q",)}, [("overview.check", "q", "quit")]),
    ({"overview.check": ("j",)}, [("overview.check", "j", "table.down")]),
    ({"quit": ("escape",)}, [("quit", "escape", name) for name in ("config.back", "columns.close")]),
    ({"overview.check": ("x",), "overview.edit": ("x",)}, [("overview.check", "x", "overview.edit")]),
    ({"freeze": ("ctrl+c",)}, [("freeze", "ctrl+c", "quitting")]),
]


@pytest.mark.parametrize(("changed", "told"), CLASHES)
def test_a_key_that_two_have_at_once_is_reported(changed, told):
    assert set(told) <= set(clashes(changed))


FINE = [
    {"overview.check": ("R", "f5")},
    {"overview.check": ("p",), "overview.pause": ("r",)},
    {"overview.open": ("J",)},  # another screen's
    {"quit": ("Q",)},
    {"log.follow": ("f",)},
    {"detail.check": ("c",)},
]


@pytest.mark.parametrize("changed", FINE)
def test_what_can_be_told_apart_is_fine(changed):
    assert list(clashes(changed)) == []
