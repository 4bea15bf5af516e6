"""An endpoint's past from the history: questions to ask, and answers as windows. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

from monitor.link.history import why_unanswered
from monitor.link.messages import Point
from monitor.model import NO_LATENCY, Incident, Reason
from monitor.store.past import Answer, GetLastTime, GetPast, LastTime, Part, Past, Unanswered
from monitor.tui.data.window import Figures, Window

PARTS = 120
"""Number of parts of a chart: about one per column, and a few kB over ssh."""
_RELOAD = 60.0
"""Minimum seconds between two answers for a chart that follows the newest results."""


@dataclass(slots=True)
class Lookback:
    """The answers about one endpoint."""

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
