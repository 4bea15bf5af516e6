"""The result of a trial check: its verdict, its reason, and its phases. Pure.

::

    up  41.7 ms  203.0.113.7:443  200 OK
    last    ▒▓▓▓▓▓▓██████████████████░░░░░░░░░░░░░░▚  41.7 ms
    ▒ dns 1.20 ms  ▓ connect 8.00 ms  █ tls 17.3 ms …
"""

from __future__ import annotations

from collections.abc import Mapping

from monitor.judge.verdict import in_words
from monitor.model import Result, State, Status
from monitor.syntax.duration import format_ms
from monitor.text import plain
from monitor.tui.drawing.explained import status_style
from monitor.tui.drawing.phases import of_last, phases
from monitor.tui.drawing.text_layout import Segments, TextLayout

_SIGNS: Mapping[Status, State] = {
    Status.UP: State.UP,
    Status.DEGRADED: State.DEGRADED,
    Status.DOWN: State.DOWN,
    Status.INCONCLUSIVE: State.INCONCLUSIVE,
}


def trial_result(result: Result, width: int, *, layout: TextLayout) -> list[Segments]:
    """``result`` in lines of ``width`` cells, most important first."""
    style = status_style(result.status, layout)
    sign = layout.symbols.states[_SIGNS[result.status]]
    latency = "" if result.latency_ms is None else format_ms(result.latency_ms)
    reason = result.reason.value if result.reason else ""
    facts = filter(None, (latency, plain(result.address or ""), reason))
    lines = [layout.line((f"{sign} {result.status.value}", style), "  ", "  ".join(facts))]
    lines += layout.wrapped(plain(result.message), width)
    for failed in result.failed[1:]:
        lines += layout.wrapped(plain(in_words(failed)), width)
    return lines + (phases(of_last(result), {}, width, layout=layout) if result.phases_ms else [])
