"""Recent checks as a line of bars: one cell per check, newest at the right. Pure.

Failures have the full height and a symbol of their own, inconclusive checks are gaps. The scale is the
endpoint's own and changes in coarse steps, so that bars do not jump.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby

from rich.segment import Segment
from rich.style import Style

from monitor.model import State
from monitor.tui.terminal.symbols import Symbols
from monitor.tui.terminal.theme import Palette


def scale(latencies: Sequence[float], warn_ms: float | None) -> float:
    """The latency of the highest bar, in milliseconds.

    The limit of ``warn`` while the checks stay below it; otherwise the next 1, 2 or 5 times a power of ten.
    """
    most = max(latencies, default=0.0)
    if warn_ms and most <= warn_ms <= most * 20:
        return warn_ms
    power = 10.0 ** math.floor(math.log10(most)) if most > 1 else 1.0
    return next(power * times for times in (1, 2, 5, 10) if power * times >= most)


def sparkline(
    outcomes: str,
    latencies: Sequence[float],
    width: int,
    *,
    warn_ms: float | None,
    symbols: Symbols,
    palette: Palette,
) -> list[Segment]:
    """``width`` cells of the newest checks, padded with blanks on the left."""
    full = scale(latencies, warn_ms)
    newest = outcomes[-width:]
    cells = [
        _cell(outcome, latency, full, symbols)
        for outcome, latency in zip(newest, latencies[-len(newest) :] if newest else (), strict=True)
    ]
    styles = _styles(palette)
    blank = [Segment(symbols.blank * (width - len(cells)), palette.text)]
    runs = groupby(zip(newest, cells, strict=True), key=lambda pair: styles.get(pair[0], palette.dim))
    return blank + [Segment("".join(cell for _, cell in run), style) for style, run in runs]


def _styles(palette: Palette) -> dict[str, Style]:
    # Failures have a sign of their own; in reverse, a row of them would outshine the states.
    failed = palette.bad + Style(reverse=False) if palette.bad.reverse else palette.bad
    return {"u": palette.good, "g": palette.states[State.DEGRADED], "d": failed, "i": palette.dim}


def _cell(outcome: str, latency: float, full: float, symbols: Symbols) -> str:
    if outcome == "d":
        return symbols.failure
    if outcome == "i":
        return symbols.gap
    levels = len(symbols.bars)
    return symbols.bars[min(int(max(latency, 0.0) / full * levels), levels - 1)]
