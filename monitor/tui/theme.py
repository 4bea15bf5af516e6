"""The colours: one style for each thing that is said, in each theme.

A :class:`Palette` is what our own lines are drawn with; the Textual theme beside it colours the
borrowed widgets. Without colour, bold, reverse and underline carry what colour would have.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rich.style import Style
from textual.theme import Theme

from monitor.model import State


@dataclass(frozen=True, slots=True)
class Palette:
    """Styles by what they mean."""

    states: Mapping[State, Style]
    text: Style
    dim: Style
    strong: Style
    title: Style
    """Column titles and headings."""
    good: Style
    warn: Style
    bad: Style
    bar: Style
    """The header and the footer."""
    key: Style
    """A key in the footer."""
    cursor: Style
    """Laid over the row under the cursor."""
    mark: Style
    accent: Style


@dataclass(frozen=True, slots=True)
class _Colours:
    """The few colours that a palette is made of."""

    background: str
    panel: str
    cursor: str
    text: str
    dim: str
    good: str
    warn: str
    fail: str
    bad: str
    on_bad: str
    quiet: str
    accent: str


_DARK = _Colours(
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
_LIGHT = _Colours(
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
_ANSI = _Colours(
    background="default",
    panel="default",
    cursor="default",
    text="default",
    dim="default",
    good="green",
    warn="yellow",
    fail="magenta",
    bad="red",
    on_bad="default",
    quiet="blue",
    accent="cyan",
)


def _palette(colours: _Colours) -> Palette:
    on = f" on {colours.background}"
    return Palette(
        states={
            State.PENDING: Style.parse(colours.dim + on),
            State.UP: Style.parse(colours.good + on),
            State.DEGRADED: Style.parse("bold " + colours.warn + on),
            State.FAILING: Style.parse("bold " + colours.fail + on),
            State.DOWN: Style.parse(f"bold {colours.on_bad} on {colours.bad}"),
            State.UNREACHABLE: Style.parse(colours.quiet + on),
            State.INCONCLUSIVE: Style.parse(colours.quiet + on),
            State.PAUSED: Style.parse(colours.dim + on),
        },
        text=Style.parse(colours.text + on),
        dim=Style.parse(colours.dim + on),
        strong=Style.parse("bold " + colours.text + on),
        title=Style.parse("bold " + colours.dim + on),
        good=Style.parse(colours.good + on),
        warn=Style.parse(colours.warn + on),
        bad=Style.parse("bold " + colours.bad + on),
        bar=Style.parse(f"{colours.text} on {colours.panel}"),
        key=Style.parse(f"bold {colours.accent} on {colours.panel}"),
        cursor=Style.parse(f"on {colours.cursor}"),
        mark=Style.parse("bold " + colours.accent + on),
        accent=Style.parse(colours.accent + on),
    )


def _bare(*, colour: bool) -> Palette:
    """The palette of the terminal's own colours, or of none: attributes carry the meaning."""
    tint = _ANSI if colour else _Colours(**dict.fromkeys(_Colours.__slots__, "default"))
    return Palette(
        states={
            State.PENDING: Style.parse("dim"),
            State.UP: Style.parse(tint.good),
            State.DEGRADED: Style.parse("bold " + tint.warn),
            State.FAILING: Style.parse("bold underline " + tint.fail),
            State.DOWN: Style.parse("bold reverse " + tint.bad),
            State.UNREACHABLE: Style.parse("italic " + tint.quiet),
            State.INCONCLUSIVE: Style.parse("italic " + tint.quiet),
            State.PAUSED: Style.parse("dim"),
        },
        text=Style.parse("default"),
        dim=Style.parse("dim"),
        strong=Style.parse("bold"),
        title=Style.parse("underline"),
        good=Style.parse(tint.good),
        warn=Style.parse("bold " + tint.warn),
        bad=Style.parse("bold reverse " + tint.bad),
        bar=Style.parse("reverse"),
        key=Style.parse("bold reverse"),
        cursor=Style.parse("reverse"),
        mark=Style.parse("bold " + tint.accent),
        accent=Style.parse("bold " + tint.accent),
    )


PALETTES: Mapping[str, Palette] = {
    "dark": _palette(_DARK),
    "light": _palette(_LIGHT),
    "ansi-dark": _bare(colour=True),
    "ansi-light": _bare(colour=True),
}
"""By the name of the Textual theme; any other theme is drawn with the nearest of these."""

COLOURLESS = _bare(colour=False)


def palette(theme: Theme, *, colourless: bool) -> Palette:
    """What to draw our own lines with under ``theme``."""
    if colourless:
        return COLOURLESS
    return PALETTES.get(theme.name) or PALETTES["dark" if theme.dark else "light"]


def _theme(name: str, colours: _Colours, *, dark: bool) -> Theme:
    return Theme(
        name=name,
        primary=colours.accent,
        secondary=colours.quiet,
        accent=colours.accent,
        foreground=colours.text,
        background=colours.background,
        surface=colours.background,
        panel=colours.panel,
        success=colours.good,
        warning=colours.warn,
        error=colours.bad,
        dark=dark,
    )


THEMES = (_theme("dark", _DARK, dark=True), _theme("light", _LIGHT, dark=False))
"""Our own Textual themes; ``ansi-dark`` and ``ansi-light`` are Textual's."""


def default_theme(environ: Mapping[str, str]) -> str:
    """The theme to begin with: the terminal's own colours where it has only few, or none are wanted."""
    chosen = environ.get("MONITOR_THEME", "")
    if chosen in PALETTES and not environ.get("NO_COLOR"):
        return chosen
    few = environ.get("TERM", "") in ("linux", "xterm", "screen", "vt100", "ansi", "xterm-16color", "dumb")
    poor = few and not environ.get("COLORTERM")
    return "ansi-dark" if environ.get("NO_COLOR") or poor else "dark"
