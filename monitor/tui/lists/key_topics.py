"""The keys of a screen by topic, in the order of use. Pure.

Keys that belong together, such as down and up, share a row. A name without a screen is that key on every
screen: ``open`` stands for ``overview.open`` and ``log.open``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple


class Row(NamedTuple):
    """Keys that share a row."""

    names: tuple[str, ...]
    text: str = ""
    """A part for each name, with commas between; empty for the texts of the bindings."""


@dataclass(frozen=True, slots=True)
class Topic:
    """Rows under a title; ``flowed`` ones are short and stand side by side."""

    title: str
    rows: tuple[Row, ...]
    flowed: bool = False


def _row(names: str, text: str = "") -> Row:
    return Row(tuple(names.split()), text)


TOPICS = (
    Topic(
        "Look",
        (
            _row("open"),
            _row("filter"),
            _row("find find_next find_previous find_end", "find text, next match, previous, end"),
            _row("problems"),
            _row("back"),
            _row("close"),
            _row("leave"),
            _row("sort reverse apply", "sort by …, reverse, apply"),
            _row("sort_before sort_next", "by the column before, next"),
            _row("group"),
            _row("columns"),
            _row("follow"),
            _row("level"),
            _row("fold"),
            _row("section"),
            _row("detail.section text_only", "next section, text only"),
            _row("side_panel"),
            _row("compare"),
            _row("dependencies"),
        ),
    ),
    Topic(
        "Chart",
        (
            _row("earlier later", "sample before, after"),
            _row("much_earlier much_later", "ten samples back, on"),
            _row("in out", "shorter, longer time"),
            _row("live"),
        ),
    ),
    Topic(
        "Act",
        (
            _row("mark mark_range mark_all", "mark or fold, to here, all"),
            _row("check"),
            _row("acknowledge"),
            _row("silence"),
            _row("silences.new"),
            _row("extend"),
            _row("end"),
            _row("pause"),
            _row("trace"),
            _row("copy runbook", "copy …, open the runbook"),
            _row("take_out"),
            _row("show"),
            _row("columns.down columns.up", "move the column down, up"),
            _row("reset"),
            _row("try"),
        ),
    ),
    Topic(
        "Config",
        (
            _row("new duplicate", "new endpoint, or like this"),
            _row("save"),
            _row("form.editor"),
            _row("edit editor enable delete", "edit, editor, on/off, delete"),
            _row("undo reload", "undo an edit, reload"),
        ),
    ),
    Topic(
        "Move",
        (
            _row("down up", "down, up"),
            _row("first last", "first, last"),
            _row("page_down page_up", "a page down, up"),
            _row("half_down half_up", "half a page down, up"),
            _row("left right", "block left, right"),
            _row("detail.next detail.previous", "next endpoint, previous"),
            _row("next previous"),
            _row("next_part previous_part"),
            _row("scroll_down scroll_up", "scroll down, up"),
        ),
    ),
    Topic(
        "Views",
        (
            _row("view.overview", "overview"),
            _row("view.incidents", "incidents"),
            _row("view.certificates", "certificates"),
            _row("view.log", "log"),
            _row("view.wall", "wall"),
            _row("view.config", "config"),
            _row("view.silences", "silences"),
            _row("view.dependencies", "dependencies"),
        ),
        flowed=True,
    ),
    Topic(
        "Time",
        (
            _row("travel travel.now", "go to a time, back to now"),
            _row("travel.earlier travel.later", "a minute back, on"),
            _row("travel.before travel.after", "the change before, after"),
            _row("freeze utc", "freeze the view, UTC times"),
        ),
    ),
    Topic(
        "General",
        (
            _row("help palette view.previous", "help, commands, last view"),
            _row("quit suspend redraw mouse", "quit, suspend, redraw, mouse"),
        ),
    ),
)
_NAMES = tuple(chain.from_iterable(row.names for topic in TOPICS for row in topic.rows))
NAMED = frozenset(_NAMES)
"""Every name that has a row."""


_PLACES = {name: at for at, name in enumerate(_NAMES)}


def place_in_use(name: str) -> int:
    """A binding's place in the order of use; those without a topic come last."""
    return _PLACES.get(_in_topics(name), len(_PLACES))


def _in_topics(name: str) -> str:
    """A binding's name as the topics have it: without its screen, unless the screen has a row of its own."""
    return name if name in NAMED else name.rpartition(".")[2]


@dataclass(slots=True)
class Key:
    """A binding that works: its keys as people type them, and its description."""

    text: str
    keys: list[str] = field(default_factory=list)


class Line(NamedTuple):
    """Keys, those that fit little room, and what they do."""

    keys: str
    few: str
    text: str


class Group(NamedTuple):
    """The lines of a topic."""

    title: str
    lines: list[Line]
    flowed: bool = False


def grouped(bindings: Mapping[str, Key]) -> list[Group]:
    """The bindings, by name, under their topics; those without a topic come last."""
    by_row: dict[str, list[Key]] = {}
    for name, key in bindings.items():
        by_row.setdefault(_in_topics(name), []).append(key)
    groups = [_group(topic, by_row) for topic in TOPICS]
    others = [_line([key], "") for name, keys in by_row.items() if name not in NAMED for key in keys]
    return [one for one in (*groups, Group("More", others)) if one.lines]


def _group(topic: Topic, by_row: Mapping[str, Sequence[Key]]) -> Group:
    lines = []
    for row in topic.rows:
        found = [key for name in row.names for key in by_row.get(name, ())]
        parts = zip(row.names, row.text.split(", "), strict=False)
        if found:
            lines.append(_line(found, ", ".join(part for name, part in parts if name in by_row)))
    return Group(topic.title, lines, topic.flowed)


def _line(found: Iterable[Key], text: str) -> Line:
    every = [key for one in found for key in one.keys]
    first = [one.keys[0] for one in found if one.keys]
    texts = dict.fromkeys(one.text for one in found)
    return Line(" ".join(every), " ".join(first), text or ", ".join(texts))
