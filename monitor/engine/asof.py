"""How everything was at a moment, as far as it is remembered. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from monitor.engine import paging
from monitor.engine import state_history as past
from monitor.engine.samples import NO_LATENCY
from monitor.engine.state_history import Was
from monitor.link.messages import AsOf, Row
from monitor.model import State

if TYPE_CHECKING:
    from monitor.engine.watched import Watched

NOT_KNOWN = "not known any more, or not yet"


def page(
    watched: Mapping[int, Watched], moment: float, samples: int, after: int, redact: Callable[[str], str]
) -> AsOf:
    """How the next endpoints with a handle above ``after`` were, with so many samples until then."""
    handles, more = paging.page(watched, after)
    rows = tuple(_row(watched[handle], moment, samples, redact) for handle in handles)
    return AsOf(rows=rows, after=more)


def _row(watched: Watched, moment: float, samples: int, redact: Callable[[str], str]) -> Row:
    known = watched.samples.until(moment, samples)
    last = known[-1] if known else None
    was = past.at(watched.past, watched.present, moment) or Was(moment, State.PENDING, None, NOT_KNOWN)
    return Row(
        handle=watched.handle,
        state=was.state,
        since=was.since,
        reason=was.reason,
        message=redact(was.message),
        latency_ms=last.latency_ms if last and last.latency_ms != NO_LATENCY else None,
        checked_at=last.at if last else None,
        total=len(known),
        outcomes="".join(sample.outcome for sample in known),
        latencies_ms=tuple(sample.latency_ms for sample in known),
    )
