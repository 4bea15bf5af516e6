"""The terminal's number of colours, from the environment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from rich.console import COLOR_SYSTEMS, Console

Depth = Literal["standard", "256", "truecolor"]
"""Rich's names for 16 colours, 256 colours, and true colour."""

_DEPTHS: tuple[Depth, ...] = ("standard", "256", "truecolor")
# Over SSH only TERM arrives, and the TERM of these terminals is just their name.
_OF_ANY = frozenset(("alacritty", "contour", "direct", "foot", "ghostty", "kitty", "rio", "wezterm"))


def depth(environ: Mapping[str, str]) -> Depth:
    """The terminal's colour depth; ``TEXTUAL_COLOR_SYSTEM`` overrides it."""
    asked = next((one for one in _DEPTHS if one == environ.get("TEXTUAL_COLOR_SYSTEM")), None)
    parts = environ.get("TERM", "").lower().split("-")
    if asked:
        return asked
    if environ.get("COLORTERM", "").lower() in ("truecolor", "24bit") or not _OF_ANY.isdisjoint(parts):
        return "truecolor"
    return "256" if parts[-1] == "256color" else "standard"


def impose(console: Console, wanted: Depth) -> None:
    """Make ``console`` send colours of this depth."""
    # Rich assumes 16 colours for unknown terminals.
    console._color_system = COLOR_SYSTEMS[wanted]  # noqa: SLF001 -- Textual makes it, and asks nobody
