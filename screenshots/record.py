"""Makes `tour.svg`, an animated picture of the dashboard at work on the demo's endpoints.

    python screenshots/record.py [SECONDS]

Watches for SECONDS first (60). Each scene presses some keys of the running program and keeps what it
shows; the keys are told in the window's title. Any browser plays the result.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from make import ENVIRON, self_contained

from monitor.demo.process import zoo_process
from monitor.link.process import LocalEngine, engine
from monitor.tui.app import Dashboard

FILE = Path(__file__).parent / "tour.svg"
SIZE = (100, 30)


@dataclass(frozen=True)
class Scene:
    """Some keys, what they do, and how long to look at it."""

    keys: Sequence[str]
    told: str
    seconds: float = 2.5


SCENES = (
    Scene((), "problems come first", 4),
    Scene(("j", "j"), "j k: move"),
    Scene(("/", *"check"), "/ : filter as you type"),
    Scene(("enter", "enter"), "Enter: why is it down?", 5),
    Scene(("escape", "escape"), "Esc: back", 1.5),
    Scene(("o",), "o: by group", 3),
    Scene(("o", "o", "o", "2"), "2: the incidents", 3),
    Scene(("1", "3"), "3: the certificates", 3),
    Scene(("1", "4"), "4: the log", 3),
    Scene(("1", "{"), "{ : back in time, to the previous change", 4),
    Scene(("T",), "T: back to the present", 1.5),
    Scene(("1", "5"), "5: the wall", 4),
    Scene(("1", "n", *"https://"), "n: a new endpoint", 3),
    Scene(("escape", "y", "?"), "?: every key", 3),
)


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    with zoo_process() as zoo, engine(config=zoo.config) as child:
        frames = asyncio.run(_frames(child.source(), seconds))
    FILE.write_text(animated(frames, [scene.seconds for scene in SCENES]))
    print(f"{FILE.name}  {FILE.stat().st_size // 1024} kB")


async def _frames(source: LocalEngine, seconds: float) -> list[str]:
    await asyncio.sleep(seconds)
    app = Dashboard(source, title="demo", environ=ENVIRON)
    frames = []
    async with app.run_test(size=SIZE) as pilot:
        while not app.board.entries:
            await pilot.pause(0.05)
        for scene in SCENES:
            await pilot.press(*scene.keys)
            await pilot.pause(1.0)  # what was asked for has to come from the engine
            frames.append(self_contained(app.export_screenshot(title=f"monitor demo · {scene.told}")))
    return frames


def animated(frames: Sequence[str], seconds: Sequence[float]) -> str:
    """One SVG that shows each of ``frames`` for so many seconds, and begins anew after the last."""
    whole = sum(seconds)
    ends = list(accumulate(seconds))
    starts = [0.0, *ends]
    bodies, rules = [], [".scene { visibility: hidden; animation-timing-function: step-end; }"]
    for number, (frame, start, end) in enumerate(zip(frames, starts, ends, strict=False)):
        opening, body = re.match(r"(.*?<svg [^>]*>)(.*)</svg>", frame, re.DOTALL).groups()  # type: ignore[union-attr]
        bodies.append(f'<g class="scene" id="scene-{number}">{body}</g>')
        rules.append(_rule(number, start / whole, end / whole, whole))
    return f"{opening}<style>{''.join(rules)}</style>{''.join(bodies)}</svg>\n"


def _rule(number: int, start: float, end: float, whole: float) -> str:
    before = "0% { visibility: hidden; }" if start else ""
    return (
        f"#scene-{number} {{ animation: show-{number} {whole}s step-end infinite; }}"
        f"@keyframes show-{number} {{ {before} {start:.4%} {{ visibility: visible; }}"
        f" {end:.4%} {{ visibility: hidden; }} }}"
    )


if __name__ == "__main__":
    main()
