"""One endpoint's details and points, its past from the history, and the window on them. Pure.

The engine sends only new points; they are collected here. The window is live (it ends at the newest point)
until the cursor is put on a sample; then it stays around that sample. A window that is longer than these
points comes from the history.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from itertools import chain

from monitor.link.history import why_unanswered
from monitor.link.messages import Detail, Point
from monitor.model import NO_LATENCY, Incident, Reason, State
from monitor.store.past import Answer, GetLastTime, GetPast, LastTime, Part, Past, Question, Unanswered
from monitor.tui.data.board import Entry
from monitor.tui.data.window import Figures, Window

_DAY = 86400.0
SPANS = (300.0, 900.0, 3600.0, 21600.0, _DAY, 7 * _DAY, 30 * _DAY, 90 * _DAY, 400 * _DAY)
"""Seconds that the chart can show."""
SPAN_NAMES = ("5m", "15m", "1h", "6h", "24h", "7d", "30d", "90d", "400d")
_PAN = 10
"""Steps of the cursor keys for a whole window of the history."""
_FAILING = frozenset({State.DOWN, State.FAILING, State.DEGRADED})
_STEPS = (60.0, 120.0, 300.0, 900.0, 1800.0, 3600.0, 7200.0, 21600.0)
"""Seconds that the window grows to while the history is shorter than the chosen span."""
_MOST_POINTS = 20_000
PARTS = 120
"""Number of parts of a chart: about one per column, and a few kB over ssh."""
_RELOAD = 60.0
"""Minimum seconds between two answers for a chart that follows the newest results."""


@dataclass(slots=True)
class Lookback:
    """The history's answers about one endpoint: questions to ask, and answers as windows."""

    past: Past | None = None
    wrong: str = ""
    """Why the history gave no answer."""
    last_time: Incident | None = None
    """The last incident before this one with the same reason."""
    _asked: object = None
    _wanted: GetPast | None = None
    """The last question about a window; answers to earlier ones may arrive after its own."""
    _asked_last: GetLastTime | None = None

    def question(self, endpoint: str, span: float, end: float) -> GetPast | None:
        """The question for a window, unless it was asked already."""
        step = max(span / PARTS, _RELOAD)
        asked = endpoint, span, int(end // step)
        if asked == self._asked:
            return None
        self._asked = asked
        self._wanted = GetPast(endpoint=endpoint, since=end - span, until=end, parts=PARTS)
        return self._wanted

    def question_of_last_time(self, endpoint: str, reason: Reason, since: float) -> GetLastTime | None:
        """The question for the last incident like this one, unless it was asked already."""
        asked = GetLastTime(endpoint=endpoint, reason=reason, before=since)
        if asked == self._asked_last:
            return None
        self._asked_last, self.last_time = asked, None
        return asked

    def take(self, answer: Answer) -> None:
        """Store an answer."""
        match answer:
            case Past() if _answers(answer, self._wanted):
                self.past, self.wrong = answer, ""
            case LastTime():
                self.last_time, self.wrong = answer.incident, ""
            case Unanswered():
                self.wrong = why_unanswered(answer)

    def window(self, span: float, end: float, *, band: bool = True) -> Window | None:
        """The window that ends at ``end``; None if the history has no checks in it.

        Without ``band``, the curve is the 50th percentile alone.
        """
        past = self.past
        if past is None or not any(part.checks for part in past.parts):
            return None
        if abs((past.until - past.since) - span) > 1 or abs(past.until - end) > max(span / 10, _RELOAD * 2):
            return None
        return window_of(past, band=band)


def window_of(past: Past, *, band: bool = True) -> Window:
    """A window with the 50th percentile of each part, and in a ``band`` its 95th too."""
    width = (past.until - past.since) / max(len(past.parts), 1)
    known = [number for number, part in enumerate(past.parts) if part.checks]
    points = chain.from_iterable(
        _points(part, past.since + number * width, width, band=band)
        for number, part in enumerate(past.parts)
        if known and known[0] <= number <= known[-1]
    )
    return Window(tuple(points), past.since, past.until, _figures(past))


def _points(part: Part, start: float, width: float, *, band: bool) -> list[Point]:
    points = []
    if part.maintenance_s:
        points.append(Point(start, "m", NO_LATENCY))
    elif part.failed or part.down_s:
        points.append(Point(start, "d", NO_LATENCY))
    elif not part.checks:
        points.append(Point(start, "i", NO_LATENCY))
    if part.p50 is not None:
        points.append(Point(start + width / 4, "u", part.p50))
    if band and part.p95 is not None:
        points.append(Point(start + width * 3 / 4, "u", part.p95))
    return points


def _figures(past: Past) -> Figures:
    p50, p95, p99 = past.percentiles or (None, None, None)
    return Figures(
        checks=sum(part.checks for part in past.parts),
        failed=sum(part.failed for part in past.parts),
        p50=p50,
        p95=p95,
        p99=p99,
        maximum=max((part.maximum for part in past.parts if part.maximum is not None), default=None),
        phases_ms=past.phases_ms or None,
    )


def _answers(past: Past, wanted: GetPast | None) -> bool:
    return wanted is None or (past.since, past.until) == (wanted.since, wanted.until)


@dataclass(slots=True)
class Timeline:
    """The part of one endpoint's history that this dashboard has."""

    handle: int
    detail: Detail | None = None
    points: list[Point] = field(default_factory=list)
    """Oldest first."""
    zoom: int = 1
    """The index of the shown span in :data:`SPANS`."""
    cursor_at: float | None = None
    """The time of the sample under the cursor; None while live."""
    lookback: Lookback = field(default_factory=Lookback)
    """The history's answers."""
    _end: float | None = None

    @property
    def newest(self) -> float:
        """The time of the newest point; 0 before the first."""
        return self.points[-1].at if self.points else 0.0

    @property
    def _window_end(self) -> float:
        return self.newest if self._end is None else self._end

    @property
    def _known_s(self) -> float:
        return self.newest - self.points[0].at

    def take(self, detail: Detail) -> None:
        """Take ``detail`` as the newest, and add its points."""
        newest = self.newest
        self.points += [point for point in detail.points if point.at > newest]
        del self.points[:-_MOST_POINTS]
        self.detail = detail
        if self._end is None:
            self._find_cursor()

    def zoom_by(self, steps: int) -> None:
        """Show a longer (positive) or shorter span."""
        self.zoom = max(0, min(self.zoom + steps, len(SPANS) - 1))
        self._follow_cursor()

    def go_live(self) -> None:
        """Remove the cursor, and follow the newest points again."""
        self.cursor_at = self._end = None

    def move_cursor(self, steps: int) -> None:
        """Move the cursor by ``steps`` samples; the first move puts it on the newest.

        A window from the history has no samples: it moves as a whole.
        """
        if not self.points:
            return
        if self._from_history() is not None:
            self._pan(steps)
            return
        last = len(self.points) - 1
        place = last if self.cursor_at is None else self._place(self.cursor_at) + steps
        self.cursor_at = self.points[max(0, min(place, last))].at
        self._follow_cursor()

    def _pan(self, steps: int) -> None:
        end = self._window_end + steps * SPANS[self.zoom] / _PAN
        self._end = None if end >= self.newest else end
        self.cursor_at = None

    def go_to(self, at: float) -> None:
        """Put the cursor on the first sample from that time on, once samples have arrived."""
        self.cursor_at, self._end = at, None
        self._find_cursor()

    def _find_cursor(self) -> None:
        if self.points and self.cursor_at is not None:
            place = min(self._place(self.cursor_at), len(self.points) - 1)
            self.cursor_at = self.points[place].at
            self._follow_cursor()

    def _place(self, at: float) -> int:
        return bisect_left(self.points, at, key=lambda point: point.at)

    def _follow_cursor(self) -> None:
        """Move the window as little as needed to show the cursor."""
        if self.cursor_at is None:
            return
        span, end = self._span(), self._window_end
        if not end - span < self.cursor_at <= end:
            self._end = min(self.cursor_at + span / 2, self.newest)
        else:
            self._end = end

    def span_in_words(self, *, past: bool = False) -> str:
        """The span and whether the chart is live, as a text; in the ``past`` it is never live."""
        live = self.cursor_at is None and not past and self._end is None
        return SPAN_NAMES[self.zoom] + (" live" if live else "")

    def window(self) -> Window:
        """The window of the chart."""
        return self._from_history() or Window.of(self.points, self._span(), self._end)

    def _from_history(self) -> Window | None:
        """The window from the history; None if the engine remembers all of it, or there is no answer."""
        if not self.is_longer_than_known():
            return None
        return self.lookback.window(SPANS[self.zoom], self._window_end)

    def is_longer_than_known(self) -> bool:
        """Whether the chosen span begins before the oldest known point."""
        return bool(self.points) and SPANS[self.zoom] > self._known_s

    def questions(self, entry: Entry) -> list[Question]:
        """The questions to the history that are not asked yet."""
        asked: list[Question | None] = []
        id, status = entry.info.id, entry.status
        if self.is_longer_than_known():
            asked.append(self.lookback.question(id, SPANS[self.zoom], self._window_end))
        if status.state in _FAILING and status.reason is not None:
            asked.append(self.lookback.question_of_last_time(id, status.reason, status.since))
        return [question for question in asked if question is not None]

    def _span(self) -> float:
        """The shown seconds: the chosen span, or less while there is less."""
        asked = SPANS[self.zoom]
        if not self.points:
            return asked
        return min([asked, *(step for step in _STEPS if step >= self._known_s)])

    def cursor(self, window: Window) -> int | None:
        """The index of the cursor's sample in ``window``."""
        if self.cursor_at is None or window.summarised:
            return None
        place = bisect_left(window.points, self.cursor_at, key=lambda point: point.at)
        return place if place < len(window.points) else None
