"""The dashboard's keys as Textual has them."""

import inspect
import pkgutil
from importlib import import_module

import pytest
from fake_source import mixed
from textual.binding import Binding, BindingsMap

import monitor.tui
from monitor.link.messages import CheckNow
from monitor.model import DashboardSettings
from monitor.syntax.keymap import ALWAYS_QUIT, KEYS
from monitor.tui.keys import as_mapped, is_command, spelt, textual_keys
from monitor.tui.widgets.pane import Pane

TYPED = {"FilterInput", "Prompt"}
"""Where keys are typed as text: escape, enter and the arrows are all it has, and they stay."""


def classes():
    for module in pkgutil.walk_packages(monitor.tui.__path__, "monitor.tui."):
        for _, cls in inspect.getmembers(import_module(module.name), inspect.isclass):
            if cls.__module__ == module.name and "BINDINGS" in vars(cls):
                yield cls


def bindings():
    return [(cls, binding) for cls in classes() for binding in cls.BINDINGS]


def test_every_key_that_is_told_of_has_a_name_to_remap_it_by():
    nameless = [(cls.__name__, one.key) for cls, one in bindings() if one.show and not one.id]
    assert {name for name, _ in nameless} <= TYPED


def test_every_name_has_a_binding_and_only_one():
    names = [binding.id for _, binding in bindings() if binding.id]
    assert sorted(names) == sorted(KEYS)


def test_the_keys_are_those_of_the_keymap():
    for _, binding in bindings():
        if binding.id:
            assert binding.key == textual_keys(KEYS[binding.id])


def test_what_always_quits_does():
    quits = [one for _, one in bindings() if one.action == "quit" and one.priority]
    assert [one.key for one in quits] == [",".join(ALWAYS_QUIT)]


def test_a_comma_can_be_a_key():
    binding = Binding(textual_keys((",", "?")), "x")
    assert list(BindingsMap([binding]).key_to_bindings) == ["comma", "question_mark"]


@pytest.mark.parametrize(
    ("hint", "names", "is_one"),
    [
        ("r", ["overview.check"], True),
        ("p", ["overview.pause"], True),
        ("ctrl+e", ["endpoint.editor"], True),
        ("y", ["endpoint.copy"], False),
        ("n N", ["pane.find_next", "pane.find_previous"], False),
        ("n", ["pane.find_next", "endpoint.new"], False),
        ("esc", ["pane.find_end"], False),
        ("F9", [], False),
    ],
)
def test_keys_that_change_something_are_known(hint, names, is_one):
    assert is_command(hint, names) is is_one


HINTS = [
    ("r", ["overview.check"], "R"),
    ("J K", ["detail.next", "detail.previous"], "n K"),
    ("esc", ["log.back"], "x"),
    ("r", ["detail.check"], "r"),
    ("1-9", ["overview.check"], "1-9"),
    ("enter", ["log.open"], "esc"),
]
CHANGED = {"overview.check": ("R", "f5"), "detail.next": ("n",), "log.back": ("x",), "log.open": ("escape",)}


@pytest.mark.parametrize(("hint", "names", "told"), HINTS)
def test_a_hint_names_the_key_that_holds(hint, names, told):
    assert as_mapped(hint, names, CHANGED) == told


def test_escape_has_a_short_name():
    assert (spelt("escape"), spelt("R")) == ("esc", "R")


REMAPPED = {
    "overview.check": ("R",),
    "overview.reverse": ("r",),
    "table.down": ("n",),
    "view.log": ("l", "L"),
    "overview.filter": ("s",),
    "overview.sort": ("/",),
    "help": (",",),
}


@pytest.fixture
async def remapped(make_seat):
    seat = make_seat(mixed())
    async with seat.app.run_test(size=(120, 30)) as seat.pilot:
        await seat.settle()
        seat.source.push(dashboard=DashboardSettings(keys=REMAPPED))
        await seat.settle()
        yield seat


async def test_remapped_keys_do_what_they_are_mapped_to_and_the_old_ones_nothing(remapped):
    await remapped.press("n")
    assert remapped.current == "search"
    await remapped.press("j")
    assert remapped.current == "search"
    await remapped.press("R")
    assert remapped.source.asked == [CheckNow(handles=(4,))]
    await remapped.press("L")
    assert remapped.app.screen is not remapped.app.overview


async def test_keys_can_change_places(remapped):
    await remapped.press("s", *"eu", "enter")
    assert remapped.names() == ["api-eu"]
    await remapped.press("r")
    assert remapped.source.asked == []


async def test_footer_and_help_name_the_keys_that_hold(remapped):
    footer = remapped.lines()[-1]
    assert footer.startswith(" , help  s filter  enter open  ! problems  / sort  o group  R check")
    await remapped.press("comma")
    told = remapped.app.screen.query_one(Pane).text
    assert "R                 check now" in told
    assert "l log" in told


async def test_the_usual_keys_come_back_with_the_config(remapped):
    remapped.source.push(dashboard=DashboardSettings())
    await remapped.settle()
    assert remapped.lines()[-1].startswith(" ? help  / filter")
    await remapped.press("j", "r")
    assert remapped.source.asked == [CheckNow(handles=(4,))]


async def test_other_sentences_name_them_as_well(remapped):
    keys = {"quit": ("Q",), "view.config": ("c",), "overview.back": ("x",)}
    remapped.source.push(dashboard=DashboardSettings(keys=keys))
    await remapped.settle()
    assert (remapped.app.key("quit"), remapped.app.key("overview.back")) == ("Q", "x")
    await remapped.press("slash", *"nothing", "enter")
    assert any(line.split() == ["x", "show", "all"] for line in remapped.lines())
