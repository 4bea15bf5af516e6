"""The dashboard's key bindings, built from :mod:`monitor.syntax.keymap`. The help is built from these."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from itertools import chain
from typing import Any

from textual.binding import Binding, BindingType
from textual.dom import DOMNode
from textual.screen import Screen

from monitor.syntax.keymap import KEYS, Keys, parse_key


def bound(name: str, action: str, description: str, *, priority: bool = False) -> Binding:
    """A binding of the key called ``name`` to ``action``; with ``priority``, widgets do not get the key."""
    return Binding(textual_keys(KEYS[name]), action, description, id=name, priority=priority)


def textual_keys(keys: Keys) -> str:
    """``keys`` in Textual's notation."""
    return ",".join("comma" if key == "," else key for key in keys)


_NAMED = {"⏎": "enter", "↑": "up", "↓": "down", "←": "left", "→": "right"}


def in_words(key: str) -> str:
    """A key that Textual shows as a sign, in words."""
    for sign, word in _NAMED.items():
        key = key.replace(sign, word)
    return key


def spelt(key: str) -> str:
    """A key as shown in hints."""
    return "esc" if key == "escape" else key


def as_mapped(hint: str, names: Iterable[str], changed: Mapping[str, Keys]) -> str:
    """The keys of a hint, such as ``J K``, after the remapping ``changed``.

    ``names`` are the names of the keys that work where the hint is shown.
    """
    candidates = [name for name in names if name in changed]
    return " ".join(_now(key, candidates, changed) for key in hint.split()) if candidates else hint


_COMMANDS = frozenset(
    {"check", "pause", "acknowledge", "silence", "extend", "end", "trace"}
    | {"new", "duplicate", "edit", "editor", "enable", "delete", "reload", "undo"}
)
"""The names, without their screens, of the keys that change something; refused in the past."""


def is_command(hint: str, names: Iterable[str]) -> bool:
    """Whether the keys of a hint change something, on a screen where the keys called ``names`` work."""
    wanted = set(hint.split())
    bound_to = next((name for name in names if wanted & set(map(spelt, KEYS[name]))), "")
    return bound_to.rpartition(".")[2] in _COMMANDS


def _now(key: str, candidates: Iterable[str], changed: Mapping[str, Keys]) -> str:
    try:
        default = parse_key(key)
    except ValueError:
        return key
    return next((spelt(changed[name][0]) for name in candidates if default in KEYS[name]), key)


def names_on(screen: Screen[Any]) -> list[str]:
    """The names of the keys that work on a screen, its widgets' first."""
    nodes = (*screen.walk_children(), screen, screen.app)
    return [binding.id for node in nodes for binding in _bindings(type(node)) if binding.id]


@cache
def _bindings(kind: type[DOMNode]) -> tuple[Binding, ...]:
    """The bindings that a class declares or inherits."""
    declared = chain.from_iterable(base.__dict__.get("BINDINGS", ()) for base in kind.__mro__)
    return tuple(one for one in declared if isinstance(one, Binding))


TABLE: list[BindingType] = [
    bound("table.down", "move(1)", "next line"),
    bound("table.up", "move(-1)", "previous line"),
    bound("table.first", "first", "first line"),
    bound("table.last", "last", "last line"),
    bound("table.page_down", "page(1)", "page down"),
    bound("table.page_up", "page(-1)", "page up"),
    bound("table.half_down", "page(0.5)", "half a page down"),
    bound("table.half_up", "page(-0.5)", "half a page up"),
    bound("table.left", "block(-1)", "to the block at the left"),
    bound("table.right", "block(1)", "to the block at the right"),
]

OVERVIEW: list[BindingType] = [
    bound("overview.open", "open", "open"),
    bound("overview.filter", "filter", "filter"),
    bound("overview.problems", "problems", "problems only"),
    bound("overview.sort", "choose_sort", "sort by …"),
    bound("overview.reverse", "reverse", "reverse the order"),
    bound("overview.sort_before", "next_sort(-1)", "sort by the column before"),
    bound("overview.sort_next", "next_sort(1)", "sort by the next column"),
    bound("overview.apply", "apply_order", "apply the order now"),
    bound("overview.group", "group", "group by …"),
    bound("overview.columns", "app.push_screen('columns')", "choose the columns"),
    bound("overview.mark", "mark", "mark, or fold a group"),
    bound("overview.mark_range", "mark_range", "mark from the last mark to here"),
    bound("overview.mark_all", "mark_all", "mark all that are shown, or none"),
    bound("overview.check", "check", "check now"),
    bound("overview.pause", "pause", "pause, or resume"),
    bound("overview.acknowledge", "acknowledge", "acknowledge with a note, or take it back"),
    bound("overview.edit", "edit", "edit in a form"),
    bound("overview.compare", "compare", "compare latencies in a chart"),
    bound("overview.side_panel", "side_panel", "detail beside the table"),
    bound("overview.back", "back", "drop marks, filter"),
]

OVERVIEW_HINTS: tuple[tuple[str, str], ...] = (
    ("?", "help"),
    ("/", "filter"),
    ("enter", "open"),
    ("!", "problems"),
    ("s", "sort"),
    ("o", "group"),
    ("r", "check"),
    ("p", "pause"),
    ("a", "ack"),
    ("m", "silence"),
    ("e", "edit"),
    ("n", "new"),
    (":", "commands"),
    ("q", "quit"),
)
"""Keys and their actions in the overview's bottom line, the most important first."""

ENDPOINT_ACTIONS: list[BindingType] = [
    bound("endpoint.new", "new", "new endpoint"),
    bound("endpoint.duplicate", "duplicate", "new endpoint like this one"),
    bound("endpoint.enable", "enable", "disable in the config, or enable"),
    bound("endpoint.delete", "delete", "delete from the config"),
    bound("endpoint.editor", "editor", "edit the config in $EDITOR"),
    bound("endpoint.runbook", "runbook", "copy or open the runbook"),
    bound("endpoint.copy", "copy", "copy …"),
    bound("endpoint.silence", "silence", "silence, or end that"),
    bound("endpoint.trace", "trace", "trace the network path"),
    bound("endpoint.dependencies", "dependencies", "show its dependencies"),
]
"""The keys of the actions on selected endpoints."""

CERTIFICATES: list[BindingType] = [
    bound("certificates.open", "open", "open the chain, then the endpoint"),
    bound("certificates.section", "section", "from the list to the chain, and back"),
    bound("certificates.filter", "filter", "filter"),
    bound("certificates.check", "check", "check all endpoints that present it"),
    bound("certificates.back", "back", "close the chain, drop the filter, go back"),
]

SILENCES: list[BindingType] = [
    bound("silences.new", "new", "new silence for the overview's filter"),
    bound("silences.extend", "extend", "let the silence or acknowledgement last …"),
    bound("silences.end", "end", "end the silence or acknowledgement"),
    bound("silences.open", "open", "show the endpoints"),
    bound("silences.edit", "edit", "edit the config"),
    bound("silences.filter", "filter", "filter"),
    bound("silences.back", "back", "drop the filter, or go back"),
]

DEPENDENCIES: list[BindingType] = [
    bound("dependencies.open", "open", "open the endpoint"),
    bound("dependencies.filter", "filter", "filter"),
    bound("dependencies.check", "check", "check now"),
    bound("dependencies.acknowledge", "acknowledge", "acknowledge with a note, or take it back"),
    bound("dependencies.edit", "edit", "edit in a form"),
    bound("dependencies.back", "back", "drop the filter, or go back"),
]

COMPARE: list[BindingType] = [
    bound("compare.down", "select(1)", "next endpoint"),
    bound("compare.up", "select(-1)", "previous endpoint"),
    bound("compare.open", "open", "open the endpoint"),
    bound("compare.take_out", "take_out", "take the endpoint out"),
    bound("compare.earlier", "sample(-1)", "sample before"),
    bound("compare.later", "sample(1)", "sample after"),
    bound("compare.much_earlier", "sample(-10)", "ten samples back"),
    bound("compare.much_later", "sample(10)", "ten samples on"),
    bound("compare.in", "zoom(-1)", "shorter time"),
    bound("compare.out", "zoom(1)", "longer time"),
    bound("compare.live", "live", "follow the newest"),
    bound("compare.check", "check", "check all of them now"),
    bound("compare.back", "back", "back to the list"),
]

WALL: list[BindingType] = [
    bound("wall.next", "turn(1)", "next page"),
    bound("wall.previous", "turn(-1)", "previous page"),
    bound("wall.back", "back", "back to the list"),
]

EVERYWHERE: list[BindingType] = [
    bound("help", "help", "help"),
    bound("palette", "command_palette", "commands"),
    bound("view.overview", "view('overview')", "overview"),
    bound("view.incidents", "view('incidents')", "incidents"),
    bound("view.certificates", "view('certificates')", "certificates"),
    bound("view.log", "view('log')", "log"),
    bound("view.wall", "view('wall')", "wall"),
    bound("view.config", "view('config')", "config"),
    bound("view.silences", "view('silences')", "silences, acknowledgements, maintenance"),
    bound("view.dependencies", "view('dependencies')", "tree of dependencies"),
    bound("view.previous", "previous_view", "view before this one"),
    bound("freeze", "freeze", "freeze the view"),
    bound("travel", "screen.travel", "go to a time in the past"),
    bound("travel.earlier", "screen.step(-60)", "a minute back in time"),
    bound("travel.later", "screen.step(60)", "a minute on in time"),
    bound("travel.before", "screen.change(-1)", "back to the change before"),
    bound("travel.after", "screen.change(1)", "on to the next change"),
    bound("travel.now", "screen.present", "back to now"),
    bound("reload", "reload", "reload the config"),
    bound("undo", "undo", "take back the last change of the config"),
    bound("utc", "utc", "times in UTC, or local"),
    bound("mouse", "mouse", "leave the mouse to the terminal, or take it"),
    bound("redraw", "redraw", "redraw the screen"),
    bound("suspend", "suspend", "suspend; checks go on"),
    bound("quit", "quit", "quit"),
    Binding("ctrl+c,ctrl+q", "quit", "quit", show=False, priority=True),
]
