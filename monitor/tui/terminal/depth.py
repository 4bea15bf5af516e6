"""How many colours the terminal has, by what its environment says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from rich.console import COLOR_SYSTEMS, Console

Depth = Literal["standard", "256", "truecolor"]
"""As Rich calls them: the terminal's own sixteen, 256, or any."""

_DEPTHS: tuple[Depth, ...] = ("standard", "256", "truecolor")
# Over SSH nothing but TERM arrives, and these say no more in it than their names.
_OF_ANY = frozenset(("alacritty", "contour", "direct", "foot", "ghostty", "kitty", "rio", "wezterm"))


def depth(environ: Mapping[str, str]) -> Depth:
    """The terminal's depth; ``TEXTUAL_COLOR_SYSTEM`` goes before what is known of it."""
    asked = next((one for one in _DEPTHS if one == environ.get("TEXTUAL_COLOR_SYSTEM")), None)
    parts = environ.get("TERM", "").lower().split("-")
    if asked:
        return asked
    if environ.get("COLORTERM", "").lower() in ("truecolor", "24bit") or not _OF_ANY.isdisjoint(parts):
        return "truecolor"
    return "256" if parts[-1] == "256color" else "standard"


def impose(console: Console, wanted: Depth) -> None:
    """Have ``console`` send colours of this depth."""
    # Rich takes a terminal whose name it does not know for one of sixteen.
    console._color_system = COLOR_SYSTEMS[wanted]  # noqa: SLF001 -- Textual makes it, and asks nobody
