"""Every key of the dashboard as plain data: the names to remap them by, and their defaults.

Keys are written as they are typed: ``r`` ``R`` ``?`` ``ctrl+r`` ``f5`` ``shift+left`` ``space``. Primary
keys are such as every terminal delivers: letters, digits, signs, arrows, enter, escape, space.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import combinations

Keys = tuple[str, ...]

KEYS: Mapping[str, Keys] = {
    # Everywhere.
    "help": ("?", "f1"),
    "palette": (":", "ctrl+p"),
    "view.overview": ("1",),
    "view.incidents": ("2",),
    "view.certificates": ("3",),
    "view.log": ("4",),
    "view.wall": ("5",),
    "view.config": ("6",),
    "view.silences": ("7", "M"),
    "view.dependencies": ("8",),
    "view.previous": ("-",),
    "freeze": ("f", "z"),
    "travel": ("t",),
    "travel.earlier": ("[",),
    "travel.later": ("]",),
    "travel.before": ("{",),
    "travel.after": ("}",),
    "travel.now": ("T",),
    "reload": ("ctrl+r",),
    "undo": ("u",),
    "utc": ("U",),
    "mouse": ("Y",),
    "redraw": ("ctrl+l",),
    "suspend": ("ctrl+z",),
    "quit": ("q",),
    # The overview, and its table.
    "overview.open": ("enter",),
    "overview.filter": ("/",),
    "overview.problems": ("!",),
    "overview.sort": ("s",),
    "overview.reverse": ("S",),
    "overview.sort_before": ("<",),
    "overview.sort_next": (">",),
    "overview.apply": (".",),
    "overview.group": ("o",),
    "overview.columns": ("C",),
    "overview.mark": ("space",),
    "overview.mark_range": ("V",),
    "overview.mark_all": ("*",),
    "overview.check": ("r",),
    "overview.pause": ("p", "P"),
    "overview.acknowledge": ("a",),
    "overview.edit": ("e",),
    "overview.compare": ("v",),
    "overview.side_panel": ("d",),
    "overview.back": ("escape",),
    "table.down": ("j", "down"),
    "table.up": ("k", "up"),
    "table.first": ("g", "home"),
    "table.last": ("G", "end"),
    "table.page_down": ("pagedown",),
    "table.page_up": ("pageup",),
    "table.half_down": ("ctrl+d",),
    "table.half_up": ("ctrl+u",),
    "table.left": ("left",),
    "table.right": ("right",),
    # Actions on endpoints, available wherever some are chosen.
    "endpoint.new": ("n",),
    "endpoint.duplicate": ("N",),
    "endpoint.enable": ("E",),
    "endpoint.delete": ("D",),
    "endpoint.runbook": ("b",),
    "endpoint.copy": ("y",),
    "endpoint.silence": ("m",),
    "endpoint.trace": ("x",),
    "endpoint.dependencies": ("w",),
    "endpoint.editor": ("ctrl+e",),
    # One endpoint's detail.
    "detail.back": ("escape", "q"),
    "detail.next": ("J",),
    "detail.previous": ("K",),
    "detail.earlier": ("h", "left"),
    "detail.later": ("l", "right"),
    "detail.much_earlier": ("H", "shift+left"),
    "detail.much_later": ("L", "shift+right"),
    "detail.in": ("+", "="),
    "detail.out": ("-",),
    "detail.live": ("0",),
    "detail.check": ("r",),
    "detail.pause": ("p", "P"),
    "detail.acknowledge": ("a",),
    "detail.edit": ("e",),
    "detail.section": ("tab",),
    "detail.text_only": ("Z",),
    # The forms.
    "form.try": ("ctrl+t",),
    "form.save": ("ctrl+s",),
    "form.leave": ("escape",),
    "form.editor": ("ctrl+e",),
    "form.next": ("down", "tab", "enter"),
    "form.previous": ("up", "shift+tab"),
    "form.next_part": ("pagedown",),
    "form.previous_part": ("pageup",),
    "form.scroll_down": ("pagedown",),
    "form.scroll_up": ("pageup",),
    # The incidents.
    "incidents.open": ("enter",),
    "incidents.filter": ("/",),
    "incidents.acknowledge": ("a",),
    "incidents.fold": ("space",),
    "incidents.check": ("r",),
    "incidents.edit": ("e",),
    "incidents.back": ("escape", "q"),
    # The log.
    "log.back": ("escape", "q"),
    "log.filter": ("/",),
    "log.open": ("enter",),
    "log.follow": ("f",),
    "log.level": ("L",),
    # The calendar of certificates.
    "certificates.open": ("enter",),
    "certificates.section": ("tab",),
    "certificates.filter": ("/",),
    "certificates.check": ("r",),
    "certificates.back": ("escape", "q"),
    # Silences, acknowledgements and maintenance windows.
    "silences.new": ("n",),
    "silences.extend": ("+", "="),
    "silences.end": ("x",),
    "silences.open": ("enter",),
    "silences.edit": ("e",),
    "silences.filter": ("/",),
    "silences.back": ("escape", "q"),
    # The tree of dependencies.
    "dependencies.open": ("enter",),
    "dependencies.filter": ("/",),
    "dependencies.check": ("r",),
    "dependencies.acknowledge": ("a",),
    "dependencies.edit": ("e",),
    "dependencies.back": ("escape", "q"),
    # Several endpoints compared.
    "compare.down": ("j", "down"),
    "compare.up": ("k", "up"),
    "compare.open": ("enter",),
    "compare.take_out": ("x",),
    "compare.earlier": ("h", "left"),
    "compare.later": ("l", "right"),
    "compare.much_earlier": ("H", "shift+left"),
    "compare.much_later": ("L", "shift+right"),
    "compare.in": ("+", "="),
    "compare.out": ("-",),
    "compare.live": ("0",),
    "compare.check": ("r",),
    "compare.back": ("escape", "q"),
    # The wall.
    "wall.next": ("l", "right", "space", "pagedown"),
    "wall.previous": ("h", "left", "pageup"),
    "wall.back": ("escape", "q"),
    # The config's problems.
    "config.edit": ("e", "enter"),
    "config.back": ("escape",),
    "config.down": ("j", "down"),
    "config.up": ("k", "up"),
    # The picker of columns.
    "columns.show": ("space",),
    "columns.down": ("J", "shift+down"),
    "columns.up": ("K", "shift+up"),
    "columns.reset": ("0",),
    "columns.close": ("escape", "enter", "q", "C"),
    # The help.
    "help.close": ("escape", "q", "?", "f1"),
    "help.section": ("tab",),
    # Lists, and text that scrolls.
    "listing.down": ("j", "down"),
    "listing.up": ("k", "up"),
    "listing.first": ("g", "home"),
    "listing.last": ("G", "end"),
    "listing.page_down": ("pagedown", "ctrl+d"),
    "listing.page_up": ("pageup", "ctrl+u"),
    "pane.down": ("j", "down"),
    "pane.up": ("k", "up"),
    "pane.page_down": ("pagedown", "ctrl+d", "space"),
    "pane.page_up": ("pageup", "ctrl+u"),
    "pane.first": ("g", "home"),
    "pane.last": ("G", "end"),
    "pane.find": ("/",),
    "pane.find_next": ("n",),
    "pane.find_previous": ("N",),
    "pane.find_end": ("escape",),
}
"""By name: the part before the dot is the screen, or part of a screen, that the key belongs to."""

ALWAYS_QUIT: Keys = ("ctrl+c", "ctrl+q")
"""These end the dashboard whatever else is mapped, and have no name."""

PARTS: Mapping[str, Keys] = {
    "overview": ("endpoint", "table"),
    "detail": ("endpoint", "pane"),
    "form": (),
    "incidents": ("endpoint", "listing"),
    "log": ("listing",),
    "certificates": ("listing", "pane"),
    "compare": (),
    "wall": (),
    "config": (),
    "silences": ("listing",),
    "dependencies": ("endpoint", "listing"),
    "columns": ("listing",),
    "help": ("pane",),
}
"""Screen -> the other screens whose keys work on it; keys of everywhere work on all screens."""

_OWNERS = frozenset(PARTS) | {part for parts in PARTS.values() for part in parts}

_NAMED = frozenset(
    {"enter", "escape", "space", "tab", "backspace", "delete", "insert", "home", "end", "pageup", "pagedown"}
    | {"up", "down", "left", "right"}
    | {f"f{number}" for number in range(1, 25)}
)
_ALIASES = {"esc": "escape", "return": "enter", "del": "delete", "pgup": "pageup", "pgdn": "pagedown"}
_MODIFIERS = frozenset({"ctrl", "shift", "alt"})
_SAME = {"ctrl+i": "tab", "ctrl+m": "enter", "ctrl+h": "backspace"}
"""Keys that terminals cannot distinguish."""
_HELP = 'write a key as it is typed, such as "R", "?", "f5", "ctrl+r", "shift+left", "space" or "escape"'


def parse_key(text: str) -> str:
    """A key in its normal form; ValueError, whose text names the valid forms."""
    if len(text) == 1:
        return _sign(text)
    *modifiers, last = text.casefold().split("+")
    modifiers, base = sorted(set(modifiers)), _ALIASES.get(last, last)
    if not set(modifiers) <= _MODIFIERS or not (base in _NAMED or (len(base) == 1 and base.isalnum())):
        raise ValueError(f"{text!r} is no key; {_HELP}")
    if modifiers == ["shift"] and len(base) == 1:
        raise ValueError(f'{text!r} is written as it is typed: "{base.upper()}"')
    key = "+".join((*modifiers, base))
    if key in _SAME:
        raise ValueError(f"terminals send the same for {key} and {_SAME[key]}")
    return key


def _sign(character: str) -> str:
    if character == " ":
        return "space"
    if not character.isprintable():
        raise ValueError(f"{character!r} is no key; {_HELP}")
    return character


def clashes(changed: Mapping[str, Keys]) -> Iterator[tuple[str, str, str]]:
    """Keys that ``changed`` assigns twice: the name at fault, the key, and the other name."""
    for name, keys in changed.items():
        for key in keys:
            if key in ALWAYS_QUIT:
                yield name, key, "quitting"
    if not changed:
        return
    mapped = {**KEYS, **changed}
    for one, other in _pairs():
        fault = one if one in changed else other
        shared = set(mapped[one]) & set(mapped[other])
        if fault in changed and shared - (set(KEYS[one]) & set(KEYS[other])):
            yield fault, min(shared), other if fault == one else one


@cache
def _pairs() -> list[tuple[str, str]]:
    """The names of keys that work at the same time, two by two."""
    return sorted({pair for names in _together() for pair in combinations(names, 2)})


def _together() -> Iterable[list[str]]:
    """The names of keys that work at the same time."""
    everywhere = [name for name in KEYS if _part(name) not in _OWNERS]
    for screen, parts in PARTS.items():
        yield sorted([*everywhere, *(name for name in KEYS if _part(name) in (screen, *parts))])


def _part(name: str) -> str:
    return name.partition(".")[0] if "." in name else ""
