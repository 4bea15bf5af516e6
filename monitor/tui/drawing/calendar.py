"""The calendar of certificates as lines. Pure.

::

     LEFT  ENDS       0d  30d  60d  90d  ENDPOINT       ISSUER          NAMES
    this week  1 certificate ─────────────────────────────────────────────────────────────
       5d  2026-12-05 ▄▄                 ✖ api-eu +3    Let's Encrypt   api.example.com, *.eu…
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import overload

from rich.cells import cell_len

from monitor.syntax.duration import format_validity_briefly
from monitor.tui.data.moments import clock
from monitor.tui.drawing.certificate import expiry_style
from monitor.tui.drawing.columns import cut
from monitor.tui.drawing.text_layout import Segments, TextLayout, fit
from monitor.tui.lists.certificate_expiry import CertificateExpiry, Heading, brief, under_headings

_LEFT, _ENDS, _BAR, _ISSUER = 5, 10, 30, 22
_BAR_DAYS = 90
_NAME = 14
_WIDEST_NAME = 32
_WIDTHS = {"ends": 30, "names": 56, "issuer": 84, "bar": 124}
"""Minimum width in cells for each optional column."""


class Calendar:
    """Certificates under headings. Lines are drawn on demand."""

    def __init__(self, found: Iterable[CertificateExpiry], now: float) -> None:
        self.rows = under_headings(found, now)
        """The item of each line."""
        names = (_who(row) for row in self.rows if isinstance(row, CertificateExpiry))
        self._longest = max(map(cell_len, names), default=0)

    def expiry(self, place: int) -> CertificateExpiry | None:
        """The certificate of a line; None for a heading."""
        row = self.rows[place] if place < len(self.rows) else None
        return row if isinstance(row, CertificateExpiry) else None

    def place(self, key: object) -> int | None:
        """The line of the certificate with that key."""
        places = (
            at for at, row in enumerate(self.rows) if isinstance(row, CertificateExpiry) and row.key == key
        )
        return next(places, None)

    def lines(self, now: float, width: int, layout: TextLayout) -> Sequence[Segments]:
        """The lines, ``width`` cells wide."""
        return _Lines(self.rows, now, _Columns.fitting(self._longest, width), width, layout)

    def titles(self, width: int, layout: TextLayout) -> Segments:
        """The titles above the lines."""
        columns = _Columns.fitting(self._longest, width)
        scale = "".join(f"{day}d".ljust(_BAR // 3) for day in range(0, _BAR_DAYS, 30))
        parts = (
            "LEFT".rjust(_LEFT + 1),
            "ENDS".ljust(_ENDS) if columns.ends else "",
            scale if columns.bar else "",
            "  " + "ENDPOINT".ljust(columns.name),
            "ISSUER".ljust(_ISSUER) if columns.issuer else "",
            "NAMES" if columns.names else "",
        )
        return layout.line((fit(" ".join(filter(None, parts)), width), layout.palette.title))


@dataclass(frozen=True, slots=True)
class _Columns:
    """The present columns, and the widths of the variable ones."""

    ends: bool
    bar: bool
    issuer: bool
    name: int
    names: int

    @classmethod
    def fitting(cls, longest_name: int, width: int) -> _Columns:
        ends, bar, issuer = (width >= _WIDTHS[column] for column in ("ends", "bar", "issuer"))
        taken = (size + 1 for size, on in ((_ENDS, ends), (_BAR, bar), (_ISSUER, issuer)) if on)
        room = max(width - _LEFT - 4 - sum(taken), 1)
        if width < _WIDTHS["names"]:
            return cls(ends, bar, issuer, room, 0)
        name = max(_NAME, min(longest_name, _WIDEST_NAME, room // 2))
        return cls(ends, bar, issuer, name, room - name - 1)


@dataclass(frozen=True, slots=True)
class _Lines(Sequence[Segments]):
    """Lines drawn on demand."""

    rows: Sequence[Heading | CertificateExpiry]
    now: float
    columns: _Columns
    width: int
    layout: TextLayout

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, place: int) -> Segments: ...
    @overload
    def __getitem__(self, place: slice) -> list[Segments]: ...
    def __getitem__(self, place: int | slice) -> Segments | list[Segments]:
        row = self.rows[place]
        return list(map(self._line, row)) if isinstance(row, Sequence) else self._line(row)

    def _line(self, row: Heading | CertificateExpiry) -> Segments:
        if isinstance(row, CertificateExpiry):
            return _line(row, self.now, self.columns, self.layout)
        many = f"{row.count} certificate{'s'[: row.count != 1]}"
        return self.layout.heading(row.title, self.width - 1, many)


def _line(expiry: CertificateExpiry, now: float, columns: _Columns, layout: TextLayout) -> Segments:
    palette, symbols, one, worst = (
        layout.palette,
        layout.symbols,
        expiry.certificate,
        expiry.worst.status.state,
    )
    days = expiry.days_left(now)
    style = expiry_style(days, layout)
    line = layout.line((format_validity_briefly(days).rjust(_LEFT), style), " ")
    if columns.ends:
        line += layout.line((clock(one.expires, "%Y-%m-%d"), palette.text), " ")
    if columns.bar:
        line += layout.line((_bar(days, layout), style), " ")
    line += layout.line((symbols.states[worst], palette.states[worst]), " ")
    line += layout.line((cut(_who(expiry), columns.name, symbols), palette.strong), " ")
    if columns.issuer:
        line += layout.line((cut(brief(one.issuer), _ISSUER, symbols), palette.dim), " ")
    if columns.names:
        line += _names(expiry, columns.names, layout)
    return line


def _bar(days: float, layout: TextLayout) -> str:
    """A bar of the time left within the next three months."""
    cells = max(0, min(math.ceil(days / _BAR_DAYS * _BAR), _BAR))
    return (layout.symbols.bars[3] * cells).ljust(_BAR)


def _who(expiry: CertificateExpiry) -> str:
    others = len(expiry.entries) - 1
    return expiry.worst.info.name + (f" +{others}" if others else "")


def _names(expiry: CertificateExpiry, room: int, layout: TextLayout) -> Segments:
    one, palette = expiry.certificate, layout.palette
    warning = f"{brief(one.ends_first)} ends first " if one.ends_first else ""
    names = ", ".join(one.names or (brief(one.subject),)) + (f" +{one.more_names}" if one.more_names else "")
    shown = cut(warning + names, room, layout.symbols)
    at = min(len(warning), len(shown))
    return layout.line(
        *((text, style) for text, style in ((shown[:at], palette.warn), (shown[at:], palette.dim)) if text)
    )
