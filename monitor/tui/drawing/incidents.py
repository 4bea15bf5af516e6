"""Incidents as lines: as a table, and in short beside their endpoint. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from rich.cells import cell_len
from rich.style import Style

from monitor.model import Ending, Incident, State
from monitor.tui.data.moments import stamp
from monitor.tui.drawing import notifications, words
from monitor.tui.drawing.columns import cut
from monitor.tui.drawing.text_layout import Segments, TextLayout, width_of
from monitor.tui.lists.incident_groups import WORDS, IncidentGroup

_ENDS = {
    None: State.DOWN,
    Ending.RECOVERED: State.UP,
    Ending.PAUSED: State.PAUSED,
    Ending.REMOVED: State.PENDING,
}
"""The state whose symbol and style represent the outcome."""


@dataclass(frozen=True, slots=True)
class Scene:
    """The context for drawing: names by handle, and the current time."""

    names: Mapping[int, str]
    now: float
    unreachable: Mapping[str, int] = field(default_factory=dict)
    """Name of an endpoint that is down -> the number of endpoints unreachable because of it."""

    def name(self, incident: Incident) -> str:
        """The endpoint's name, as it is now or was last."""
        return self.names.get(incident.handle, incident.name)


_Draw = Callable[[IncidentGroup, Scene, TextLayout], tuple[str, Style]]


@dataclass(frozen=True, slots=True)
class Column:
    """A column. ``width`` is its minimum. The highest ``rank`` is dropped first."""

    title: str
    width: int
    rank: int
    draw: _Draw
    right: bool = False


def is_acknowledged(incident: Incident, now: float) -> bool:
    """Whether it is acknowledged; an ended incident: whether it was at its end."""
    mark = incident.acknowledged
    return mark is not None and not mark.is_over(incident.ended or now)


def _state(group: IncidentGroup, scene: Scene, layout: TextLayout) -> tuple[str, Style]:
    ending, state = group.newest.ending, _ENDS[group.newest.ending]
    sign = f" {layout.symbols.acknowledged}" if is_acknowledged(group.newest, scene.now) else ""
    sign += f" {layout.symbols.flapping}" if group.run and not group.newest.outage else ""
    return f"{layout.symbols.states[state]} {WORDS[ending]}{sign}", layout.palette.states[state]


def _started(group: IncidentGroup, scene: Scene, layout: TextLayout) -> tuple[str, Style]:
    return stamp(group.began, scene.now), layout.palette.dim


def _duration(group: IncidentGroup, scene: Scene, layout: TextLayout) -> tuple[str, Style]:
    ended = group.newest.ended is not None
    return words.span(group.lasted(scene.now), with_seconds=ended), layout.palette.text


def _endpoint(group: IncidentGroup, scene: Scene, layout: TextLayout) -> tuple[str, Style]:
    if group.cause:
        return f"{len({one.endpoint for one in group.incidents})} endpoints", layout.palette.strong
    return scene.name(group.newest), layout.palette.strong


def _cause(group: IncidentGroup, scene: Scene, layout: TextLayout) -> tuple[str, Style]:
    text = cause(group.newest)
    if group.cause and group.cause.kind != "reason":
        text = f"{group.cause} · {text}"
    elif len(group.incidents) > 1:
        text = f"{len(group.incidents)}× in {words.span(group.span, with_seconds=False)} · {text}"
    unreachable = scene.unreachable.get(scene.name(group.newest), 0) if group.newest.ended is None else 0
    text += f" · {unreachable} unreachable" if unreachable else ""
    return text, layout.palette.text if group.newest.ended is None else layout.palette.dim


def cause(incident: Incident) -> str:
    """The first cause, the last one if it differs, and where the network path ends."""
    latest = f"then {incident.latest}" if incident.latest not in ("", incident.cause) else ""
    return " · ".join(filter(None, (incident.cause or incident.reason, latest, incident.path)))


def _failed(group: IncidentGroup, _scene: Scene, layout: TextLayout) -> tuple[str, Style]:
    return str(group.failed or ""), layout.palette.dim


def _acknowledged(group: IncidentGroup, _scene: Scene, layout: TextLayout) -> tuple[str, Style]:
    mark = group.newest.acknowledged
    text = ": ".join(filter(None, (mark.by, mark.note))) or "yes" if mark else ""
    return text, layout.palette.dim


def _alerts(group: IncidentGroup, _scene: Scene, layout: TextLayout) -> tuple[str, Style]:
    sent = group.newest.notifications
    return notifications.brief(sent), notifications.style(sent, layout.palette)


_COLUMNS = (
    Column("STATE", 8, 0, _state),
    Column("STARTED", 11, 4, _started, right=True),
    Column("LASTED", 6, 2, _duration, right=True),
    Column("ENDPOINT", 12, 1, _endpoint),
    Column("CAUSE", 10, 3, _cause),
    Column("FAILED", 6, 6, _failed, right=True),
    Column("ALERTS", 10, 5, _alerts),
    Column("ACKNOWLEDGED", 12, 7, _acknowledged),
)
_WIDEST_NAME = 32

Widths = Sequence[tuple[Column, int]]


@dataclass(frozen=True, slots=True)
class Lengths:
    """The widths of the longest texts in the columns that depend on them; 0 without any."""

    started: int = 11
    name: int = _WIDEST_NAME
    acknowledged: int = 24
    alerts: int = 0


def lengths(shown: Iterable[IncidentGroup], scene: Scene, layout: TextLayout) -> Lengths:
    """The longest texts of these incidents."""
    found = [(0, 0, 0, 0)]
    for group in shown:
        texts = (
            _started(group, scene, layout),
            _endpoint(group, scene, layout),
            _acknowledged(group, scene, layout),
            _alerts(group, scene, layout),
        )
        started, name, known, sent = (cell_len(text) for text, _ in texts)
        found.append((started, name, known, sent))
    return Lengths(*(max(column) for column in zip(*found, strict=True)))


def fit(width: int, longest: Lengths) -> Widths:
    """The columns of a list of ``width`` cells, and their widths."""
    sizes = {column.title: column.width for column in _COLUMNS}
    sizes["STARTED"] = max(min(longest.started, sizes["STARTED"]), len("STARTED"))
    if not longest.acknowledged:
        del sizes["ACKNOWLEDGED"]
    if not longest.alerts:
        del sizes["ALERTS"]
    for column in sorted(_COLUMNS, key=lambda column: column.rank, reverse=True)[:-1]:
        if _needed(sizes) > width:
            sizes.pop(column.title, None)
    room = width - _needed(sizes)
    for title, most in _wishes(longest):
        if title in sizes:
            extra = min(max(most - sizes[title], 0), max(room, 0))
            sizes[title] += extra
            room -= extra
    return [(column, min(sizes[column.title], width)) for column in _COLUMNS if column.title in sizes]


def _needed(sizes: Mapping[str, int]) -> int:
    return sum(sizes.values()) + len(sizes) - 1


def _wishes(longest: Lengths) -> Sequence[tuple[str, int]]:
    """The columns that share the remaining width, in order, each with its maximum."""
    name, known = min(longest.name, _WIDEST_NAME), longest.acknowledged
    return (
        ("CAUSE", 20), ("ENDPOINT", name), ("STATE", 10), ("ALERTS", min(longest.alerts, 24)), ("CAUSE", 40),
        ("ACKNOWLEDGED", min(known, 24)), ("CAUSE", 60), ("ALERTS", longest.alerts), ("ACKNOWLEDGED", known),
        ("CAUSE", 1000),
    )  # fmt: skip


def titles(widths: Widths, layout: TextLayout) -> Segments:
    """The line above the list."""
    return _joined([(column, width, column.title, layout.palette.title) for column, width in widths], layout)


def line(group: IncidentGroup, widths: Widths, scene: Scene, layout: TextLayout) -> Segments:
    """The line of an incident or a group."""
    return _joined([(column, width, *column.draw(group, scene, layout)) for column, width in widths], layout)


def _joined(cells: Sequence[tuple[Column, int, str, Style]], layout: TextLayout) -> Segments:
    parts: Segments = []
    for column, width, text, style in cells:
        placed = text.rjust(width)[:width] if column.right else cut(text, width, layout.symbols)
        parts += [layout.segment(placed, style), layout.segment(" ")]
    return parts[:-1]


# ── beside their endpoint ───────────────────────────────────────────────────────────────────────


def incident_lines(incident: Incident, now: float, width: int, layout: TextLayout) -> list[Segments]:
    """An incident in full: time, length, cause, acknowledgement and alerts, on as many lines as needed."""
    palette, state = layout.palette, _ENDS[incident.ending]
    lasted = (incident.ended or now) - incident.began
    head = [
        layout.segment(f"{layout.symbols.states[state]} ", palette.states[state]),
        layout.segment(f"{stamp(incident.began, now)} ", palette.dim),
        layout.segment(f"{words.span(lasted, with_seconds=incident.ended is not None).rjust(6)} "),
    ]
    column = width_of(head)
    first, *more = layout.wrapped(_in_words(incident, now), max(width - column, 1))
    sent = notifications.lines(incident.notifications, max(width - 2, 1), layout)
    return [
        [*head, *first],
        *([layout.segment(" " * column), *rest] for rest in more),
        *([layout.segment("  "), *line] for line in sent),
    ]


def _in_words(incident: Incident, now: float) -> str:
    known = words.acknowledged(incident.acknowledged, now) if incident.acknowledged else ""
    unsure = WORDS[incident.ending] if incident.ending not in (None, Ending.RECOVERED) else ""
    failed = f"{incident.failed} failed" if incident.failed else ""
    shared = incident.common_cause
    others = f"{shared.count} endpoints: {shared}" if shared else ""
    return " · ".join(filter(None, (cause(incident), failed, others, unsure, known)))
