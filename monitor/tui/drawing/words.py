"""Numbers and times as short texts. Pure."""

from __future__ import annotations

from rich.cells import cell_len

from monitor.link.figures import hundredths
from monitor.link.messages import EndpointStatus
from monitor.model import Acknowledgement, Silence, Slowdown, State
from monitor.syntax.duration import format_ms
from monitor.tui.data.board import Entry
from monitor.tui.data.moments import clock
from monitor.tui.terminal.symbols import WORDS

_UNITS = ((604800 * 2, 604800, "w"), (86400, 86400, "d"), (3600, 3600, "h"), (60, 60, "m"))


def age(seconds: float) -> str:
    """A time span in its greatest unit, at most four cells: ``12s``, ``14m``, ``3h``, ``6d``, ``12w``."""
    for least, unit, letter in _UNITS:
        if seconds >= least:
            return f"{min(int(seconds // unit), 999)}{letter}"
    return f"{int(max(seconds, 0))}s"


def span(seconds: float, *, with_seconds: bool = True) -> str:
    """A time span in its two greatest units, at most six cells: ``48s``, ``2m13s``, ``1h05m``, ``12d23h``.

    Without seconds, it changes at most once a minute after the first minute: ``48s``, ``2m``.
    """
    days, rest = divmod(int(seconds), 86400)
    hours, rest = divmod(rest, 3600)
    minutes, rest = divmod(rest, 60)
    if days:
        return f"{days}d{hours:02}h" if days < 100 else f"{min(days, 99999)}d"
    if hours:
        return f"{hours}h{minutes:02}m"
    if not with_seconds:
        return f"{minutes}m" if minutes else f"{rest}s"
    return f"{minutes}m{rest:02}s" if minutes else f"{rest}s"


def latency(ms: float | None) -> str:
    """Milliseconds in at most six cells: ``0.45ms``, ``41.7ms``, ``812ms``, ``2.13s``, ``95s``."""
    return "-" if ms is None else format_ms(ms).replace(" ", "")


def rough_latency(ms: float | None) -> str:
    """Milliseconds in at most five cells, to be read from afar: ``<1ms``, ``42ms``, ``812ms``, ``2.1s``."""
    if ms is None:
        return "-"
    if ms < 999.5:
        return f"{ms:.0f}ms" if ms >= 0.5 else "<1ms"
    return f"{ms / 1000:.1f}s" if ms < 9950 else f"{ms / 1000:.0f}s"


def uptime(share: float | None) -> str:
    """A share of time in at most six cells, never rounded up: ``100%``, ``99.98%``, ``98.7%``, ``9.5%``."""
    return per_cent(None if share is None else hundredths(share))


def per_cent(shown: int | None) -> str:
    """The same from hundredths of a per cent."""
    if shown is None:
        return "-"
    return "100%" if shown >= 10_000 else f"{shown / 100:.{2 if shown >= 9900 else 1}f}%"


def acknowledged(mark: Acknowledgement, now: float) -> str:
    """An acknowledgement with its end and note: ``acknowledged by ann until 04:12: it is the switch``."""
    by = f" by {mark.by}" if mark.by else ""
    until = f" until {_minute(mark.until, now)}" if mark.until is not None else ""
    return f"acknowledged{by}{until}{': ' if mark.note else ''}{mark.note}"


def silenced(mark: Silence, now: float) -> str:
    """The end of a silence: ``silenced until 04:12``, with the weekday if it is not today."""
    if mark.until is None:
        return "silenced until it is up" if mark.until_up else "silenced"
    return f"silenced until {_minute(mark.until, now)}"


def slower(mark: Slowdown, now: float) -> str:
    """A slower phase and its start: ``tls 4 × slower since 02:10``, with the weekday if it is not today."""
    return f"{mark} since {_minute(mark.since, now)}"


def _minute(at: float, now: float) -> str:
    today = clock(at, "%x") == clock(now, "%x")
    return clock(at, "%H:%M" if today else "%a %H:%M")


def marks(row: EndpointStatus, now: float) -> list[str]:
    """The operators' marks."""
    texts = [acknowledged(row.acknowledged, now)] if row.acknowledged else []
    return [*texts, silenced(row.silenced, now)] if row.silenced else texts


def cause(entry: Entry, width: int | None = None) -> str:
    """Why an endpoint is not up: the dependency that is down before its own failure.

    ``Orders DB is down · no answer within 2s``; if it failed before its dependency and ``width`` has room for
    both: ``got 500 · Orders DB is down too``. The dependency is never cut: the state would have no reason.
    """
    own = entry.status.message or (entry.status.reason or "")
    if not entry.blocked_by:
        return own
    why = blocked(entry)
    both = f"{own} · {why}"
    if own and entry.was_down and (width is None or cell_len(both) <= width):
        return both
    return f"{why} · {own}" if own else why


def blocked(entry: Entry) -> str:
    """The dependency that explains the failure: ``Orders DB is down``, ``Orders DB fails too``."""
    if not entry.blocked_by:
        return ""
    if entry.status.state is State.FAILING:
        return f"{entry.blocked_by} fails too"
    return f"{entry.blocked_by} is down{' too' if entry.was_down else ''}"


_BRIEF = {State.UNREACHABLE: "unreach", State.INCONCLUSIVE: "inconcl"}


def state(row: EndpointStatus, *, brief: bool = False) -> str:
    """The state's word, with the progress of a confirmation: ``failing 2/3``."""
    word = _BRIEF.get(row.state, WORDS[row.state]) if brief else WORDS[row.state]
    if not row.needed:
        return word
    if row.state is State.FAILING:
        return f"{'fail' if brief else word} {row.streak}/{row.needed}"
    return f"{word} {row.streak}/{row.needed}{'' if brief else ' ok'}" if row.state is State.DOWN else word
