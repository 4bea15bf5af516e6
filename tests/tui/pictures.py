"""Pictures of screens as text: what is drawn, and in which styles. Kept in pictures/, and compared.

To accept what is drawn now: MONITOR_PICTURES=write pytest tests/tui/screens/test_pictures.py
"""

from __future__ import annotations

import os
from itertools import groupby
from pathlib import Path

FOLDER = Path(__file__).parent / "pictures"


def lines(app) -> str:
    """What a person would read."""
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips())


def styles(app) -> str:
    """Which cells have which style: for each line the lengths of the runs, each with its style's letter."""
    letters: dict[str, str] = {}
    rows = []
    for strip in app.screen._compositor.render_strips():
        cells = [str(segment.style) for segment in strip for _ in range(segment.cell_length)]
        runs = [(style, len(list(run))) for style, run in groupby(cells)]
        rows.append(
            "".join(f"{count}{letters.setdefault(style, _letter(len(letters)))}" for style, count in runs)
        )
    return "\n".join([*rows, *(f"{letter}: {style}" for style, letter in letters.items())])


def _letter(number: int) -> str:
    return chr(ord("a") + number) if number < 26 else chr(ord("A") + number - 26)


def agrees(name: str, drawn: dict[str, str]) -> None:
    """Fail where ``drawn`` is not what was kept under ``name``."""
    file = FOLDER / f"{name}.txt"
    text = "".join(f"## {title}\n{part}\n" for title, part in drawn.items())
    if os.environ.get("MONITOR_PICTURES") == "write":
        FOLDER.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")
