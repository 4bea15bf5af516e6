"""The lines of the config that an edit changes. Pure.

::

    shop.toml:66  svc-05 shop api
    - interval = "10s"   # slow
    + interval = "30s"   # slow
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from rich.style import Style

from monitor.model import Hunk
from monitor.text import plain
from monitor.tui.drawing.text_layout import Segments, TextLayout, fit


def diff(hunks: Iterable[Hunk], width: int, layout: TextLayout) -> list[Segments]:
    """``hunks`` in lines of ``width`` cells: the place of each, what goes, and what comes."""
    palette, lines = layout.palette, []
    for hunk in hunks:
        place = f"{plain(Path(hunk.file).name)}:{hunk.line}  {plain(hunk.endpoint)}"
        lines.append(layout.line((fit(place.rstrip(), width), palette.dim)))
        lines += _signed("-", hunk.removed, palette.bad, width, layout)
        lines += _signed("+", hunk.added, palette.good, width, layout)
    return lines


def _signed(
    sign: str, texts: Sequence[str], style: Style, width: int, layout: TextLayout
) -> Iterator[Segments]:
    for text in filter(str.strip, texts):
        yield layout.line((fit(f"{sign} {plain(text)}", width), style))
