"""Lines of silences, acknowledgements and maintenance windows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from rich.cells import cell_len

from monitor.tui.drawing.mutes import fit, line, titles
from monitor.tui.drawing.text_layout import TextLayout
from monitor.tui.lists.mutes import Mute
from monitor.tui.terminal.symbols import UNICODE
from monitor.tui.terminal.theme import PALETTES

NOON = datetime(2026, 11, 23, 12, 0).astimezone().timestamp()
LAYOUT = TextLayout(UNICODE, PALETTES["dark"])
HOUR = 3600.0


def mute(kind: str = "silenced", **keys: Any) -> Mute:
    usual: dict[str, Any] = {
        "id": "1",
        "covers": "group:shop",
        "handles": [1, 2],
        "by": "ann",
        "note": "deploy",
    }
    return Mute(kind=kind, **{**usual, **keys})


def drawn(one: Mute, width: int = 119) -> str:
    return "".join(part.text for part in line(one, fit(width, [one]), NOON, LAYOUT))


def test_a_line_says_what_until_when_by_whom_and_why():
    for part in ("silenced", "group:shop", " 2 ", "until 13:30", "1h30m", "ann", "deploy"):
        assert part in drawn(mute(at=NOON + 1.5 * HOUR))


@pytest.mark.parametrize(
    ("one", "when"),
    [
        (mute(), "until ended"),
        (mute(until_up=True), "until it is up"),
        (mute(at=NOON + 30 * HOUR), "until Tue 18:00"),
        (mute(at=NOON + 30 * 24 * HOUR), "until 2026-12-23"),
        (mute("planned", at=NOON + HOUR), "from 13:00"),
        (mute("planned"), "never"),
    ],
)
def test_the_time_is_as_exact_as_is_useful(one: Mute, when: str):
    assert when in drawn(one)


@pytest.mark.parametrize("width", [*range(1, 130), 400])
def test_the_width_is_kept(width: int):
    one = mute(covers="日本 " * 30, note="x" * 500, by="y" * 40)
    assert cell_len(drawn(one, width)) <= width
    widths = fit(width, [one])
    assert sum(widths.values()) + len(widths) - 1 <= width


def test_on_a_narrow_screen_what_and_until_when_stay():
    words = "".join(part.text for part in titles(fit(45, [mute()]), LAYOUT)).split()
    assert words == ["KIND", "COVERS", "WHEN"]
    assert len(fit(80, [mute()])) == 7
