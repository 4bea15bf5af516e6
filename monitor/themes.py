"""The dashboard's themes as plain data: their names, and the few colours that each is made of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from monitor.fields import key


@dataclass(frozen=True, kw_only=True)
class Colours:
    """Colours by purpose: ``#rrggbb``, or the name of one of the terminal's own."""

    background: str = key("Behind everything.")
    panel: str = key("Behind the header and the footer.")
    cursor: str = key("Behind the line under the cursor.")
    text: str = key("Text.")
    dim: str = key("Secondary text: units, addresses, paused and pending endpoints.")
    good: str = key("Up.")
    warn: str = key("Degraded; a latency or a certificate that asks for attention.")
    fail: str = key("Failing, not yet down.")
    bad: str = key("Down: the word's background, and the colour of other problems.")
    on_bad: str = key("The word on that ground.")
    quiet: str = key("Unreachable or inconclusive.")
    accent: str = key("Keys, the cursor, marks.")


DARK = Colours(
    background="#101418",
    panel="#1b2229",
    cursor="#2a3946",
    text="#d3dae0",
    dim="#8593a0",
    good="#4fb3a5",
    warn="#e5b143",
    fail="#f08c4a",
    bad="#e5484d",
    on_bad="#ffffff",
    quiet="#7c8fb5",
    accent="#6cb6ff",
)
LIGHT = Colours(
    background="#fbfbfa",
    panel="#e8ebee",
    cursor="#cfe0f0",
    text="#1d252c",
    dim="#5c6973",
    good="#0b6e62",
    warn="#855800",
    fail="#a8440a",
    bad="#c01c28",
    on_bad="#ffffff",
    quiet="#3f5688",
    accent="#0b5cad",
)
# Blue for good, yellow and orange on the way, vermilion for bad: https://jfly.uni-koeln.de/color/ (Okabe
# and Ito), whose colours stay apart for people who see no difference between red and green.
COLOUR_BLIND = Colours(
    background="#101418",
    panel="#1b2229",
    cursor="#2a3946",
    text="#d3dae0",
    dim="#8593a0",
    good="#56b4e9",
    warn="#f0e442",
    fail="#e69f00",
    bad="#e8640a",
    on_bad="#000000",
    quiet="#a8a3c8",
    accent="#cc79a7",
)
COLOUR_BLIND_LIGHT = Colours(
    background="#fbfbfa",
    panel="#e8ebee",
    cursor="#cfe0f0",
    text="#1d252c",
    dim="#5c6973",
    good="#0065a3",
    warn="#6b5b00",
    fail="#8f5a00",
    bad="#b34700",
    on_bad="#ffffff",
    quiet="#565280",
    accent="#96396c",
)

OURS: Mapping[str, tuple[Colours, bool]] = {
    "dark": (DARK, True),
    "light": (LIGHT, False),
    "colour-blind": (COLOUR_BLIND, True),
    "colour-blind-light": (COLOUR_BLIND_LIGHT, False),
}
"""Our own themes by name: the colours, and whether the background is the darker side."""
BORROWED = (
    *("ansi-dark", "ansi-light", "textual-dark", "textual-light", "nord", "gruvbox", "dracula", "monokai"),
    *("tokyo-night", "flexoki", "catppuccin-mocha", "catppuccin-latte", "catppuccin-frappe"),
    *("catppuccin-macchiato", "solarized-light", "solarized-dark", "rose-pine", "rose-pine-moon"),
    *("rose-pine-dawn", "atom-one-dark", "atom-one-light"),
)
"""Textual's themes. ``ansi-dark`` and ``ansi-light`` are the terminal's own sixteen colours."""
BUILT_IN = (*OURS, *BORROWED)

_HUES = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
ANSI = ("default", *_HUES, *(f"bright_{hue}" for hue in _HUES))
"""The terminal's own colours."""
_HEX = re.compile(r"#[0-9a-f]{6}")


def parse_colour(text: str) -> str:
    """A colour in its normal form; ValueError, whose text names the valid forms."""
    colour = text.strip().casefold().replace("-", "_")
    if colour not in ANSI and not _HEX.fullmatch(colour):
        raise ValueError(f"{text!r} is no colour; write #rrggbb, or one of {', '.join(ANSI)}")
    return colour
