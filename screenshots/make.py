"""Makes the pictures in this folder from the running program: the dashboard on the demo's endpoints.

    python screenshots/make.py [SECONDS]

Watches for SECONDS first (60), so that there is something to see. Writes SVG, and PNG through
``rsvg-convert`` (Debian: librsvg2-bin).
"""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from monitor.demo.process import zoo_process
from monitor.link.process import LocalEngine, engine
from monitor.tui.app import Dashboard

HERE = Path(__file__).parent
PIXELS = {80: 1000, 120: 1500, 200: 2200}
"""Columns -> width of the PNG."""
FONT = "DejaVu Sans Mono"
ENVIRON = {"TERM": "xterm-256color", "LANG": "C.UTF-8", "COLORTERM": "truecolor"}


@dataclass(frozen=True)
class Shot:
    """One picture: keys are pressed first."""

    name: str
    size: tuple[int, int]
    keys: Sequence[str] = ()
    environ: dict[str, str] = field(default_factory=dict)
    symbols: str = ""


DETAIL = ("/", *"checkout", "enter", "enter")
COMPARED = ("/", *"latency<2000 type:http", "enter", "s", "n", "space", "space", "space", "space", "v")
SHOTS = (
    Shot("overview-80x24", (80, 24)),
    Shot("overview-120x40", (120, 40)),
    Shot("overview-200x50", (200, 50)),
    Shot("overview-no-color", (120, 40), environ={"NO_COLOR": "1"}),
    Shot("overview-ascii", (80, 24), symbols="ascii"),
    Shot("groups-120x40", (120, 40), keys=("o",)),
    Shot("detail-80x24", (80, 24), keys=DETAIL),
    Shot("detail-120x40", (120, 40), keys=DETAIL),
    Shot("form-80x24", (80, 24), keys=("/", *"blog", "enter", "N", "ctrl+t")),
    Shot("bulk-120x40", (120, 40), keys=("/", *"group:shop", "enter", "*", "e", *"30s")),
    Shot("palette-80x24", (80, 24), keys=(":",)),
    Shot("help-120x40", (120, 40), keys=("?",)),
    Shot("incidents-120x40", (120, 40), keys=("2",)),
    Shot("log-120x40", (120, 40), keys=("4",)),
    Shot("past-120x40", (120, 40), keys=("{",)),
    Shot("certificates-120x40", (120, 40), keys=("3",)),
    Shot("chain-200x50", (200, 50), keys=("3", "j", "enter")),
    Shot("wall-80x24", (80, 24), keys=("5",)),
    Shot("wall-200x50", (200, 50), keys=("5",)),
    Shot("dependencies-80x24", (80, 24), keys=("8",)),
    Shot("compare-120x40", (120, 40), keys=COMPARED),
)


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    if not shutil.which("rsvg-convert"):
        sys.exit("screenshots/make.py needs rsvg-convert")
    with zoo_process() as zoo, engine(config=zoo.config) as child:
        asyncio.run(_all(child.source(), seconds))


async def _all(source: LocalEngine, seconds: float) -> None:
    await asyncio.sleep(seconds)
    for shot in SHOTS:
        _write(shot, await _take(shot, source))


async def _take(shot: Shot, source: LocalEngine) -> str:
    environ = {**ENVIRON, **shot.environ}
    app = Dashboard(source, title="demo", environ=environ, symbols=shot.symbols)
    async with app.run_test(size=shot.size) as pilot:
        while not app.board.entries:
            await pilot.pause(0.05)
        await pilot.press(*shot.keys)
        await pilot.pause(1.0)  # what was asked for has to come from the engine
        return app.export_screenshot(title="monitor demo")


def self_contained(svg: str) -> str:
    """``svg`` with no font from elsewhere, and with the blanks that renderers would leave out."""
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    return svg.replace("Fira Code", FONT).replace("<svg ", '<svg xml:space="preserve" ', 1)


def _write(shot: Shot, svg: str) -> None:
    file = HERE / f"{shot.name}.svg"
    file.write_text(self_contained(svg))
    picture = HERE / f"{shot.name}.png"
    width = str(PIXELS[shot.size[0]])
    subprocess.run(["rsvg-convert", "--width", width, file, "--output", picture], check=True)
    print(f"{picture.name}  {picture.stat().st_size // 1024} kB")


if __name__ == "__main__":
    main()
