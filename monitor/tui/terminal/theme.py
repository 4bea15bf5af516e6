"""Themes: one style per meaning.

Our own lines are drawn with a :class:`Palette`; a Textual theme beside it colours Textual's widgets. Without
colour, bold, reverse and underline take its place.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace

from rich.style import Style
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from monitor.model import State
from monitor.model import Theme as UserTheme
from monitor.themes import DARK, LIGHT, OURS, Colours
from monitor.tui.terminal.depth import depth


@dataclass(frozen=True, slots=True)
class Palette:
    """Styles by meaning."""

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
    """Applied over the row under the cursor."""
    mark: Style
    accent: Style
    tiles: Mapping[State, Style]
    """Tile styles of the wall: calm for healthy states, strong for others."""
    curves: Sequence[Style]
    """Styles of the curves on a chart; each curve also has a letter."""


_ANSI = Colours(
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
_NO_COLOURS = Colours(**dict.fromkeys((one.name for one in fields(Colours)), "default"))


CURVES = 8
"""Limit of distinguishable curves on one chart."""
_ON_DARK = "#56b4e9", "#f0e442", "#e69f00", "#cc79a7", "#2fc294", "#ff8763", "#8fa8ff", "#c0c6cc"
_ON_LIGHT = "#0072b2", "#8a6d00", "#b35000", "#a3437d", "#00724f", "#c2300c", "#4b57c9", "#50585f"
_OF_TERMINAL = "cyan", "yellow", "magenta", "green", "bright_blue", "bright_red", "blue", "red"
_LOUD = (State.DEGRADED, State.FAILING, State.DOWN)


def _palette(colours: Colours) -> Palette:
    on = f" on {colours.background}"
    states = {
        State.PENDING: Style.parse(colours.dim + on),
        State.UP: Style.parse(colours.good + on),
        State.DEGRADED: Style.parse("bold " + colours.warn + on),
        State.FAILING: Style.parse("bold " + colours.fail + on),
        State.DOWN: Style.parse(f"bold {colours.on_bad} on {_ground(colours)}"),
        State.UNREACHABLE: Style.parse(colours.quiet + on),
        State.INCONCLUSIVE: Style.parse(colours.quiet + on),
        State.PAUSED: Style.parse(colours.dim + on),
    }
    return Palette(
        states=states,
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
        tiles={state: _filled(style, colours, loud=state in _LOUD) for state, style in states.items()},
        curves=[Style.parse(tint + on) for tint in _curve_tints(colours)],
    )


def _ground(colours: Colours) -> str:
    """The background of DOWN: ``bad``, darker or lighter if ``on_bad`` could not be read on it otherwise."""
    if not (colours.bad.startswith("#") and colours.on_bad.startswith("#")):
        return colours.bad
    ink, ground = Color.parse(colours.on_bad), Color.parse(colours.bad)
    away = Color.parse("#000000" if ink.brightness > 0.5 else "#ffffff")
    for _ in range(20):
        if contrast(ink, ground) >= _READABLE:
            break
        ground = ground.blend(away, 0.05)
    return ground.hex6


_READABLE = 4.5
"""Contrast that text needs: https://www.w3.org/TR/WCAG21/#contrast-minimum"""


def contrast(one: Color, other: Color) -> float:
    """The contrast ratio, 1 to 21: https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio"""
    lighter, darker = sorted(map(_luminance, (one, other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Color) -> float:
    red, green, blue = (
        share / 12.92 if share <= 0.03928 else ((share + 0.055) / 1.055) ** 2.4 for share in colour.normalized
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _curve_tints(colours: Colours) -> Sequence[str]:
    if not colours.background.startswith("#"):
        return _OF_TERMINAL
    return _ON_DARK if Color.parse(colours.background).brightness < 0.5 else _ON_LIGHT


def _filled(style: Style, colours: Colours, *, loud: bool) -> Style:
    """The style of a tile in a state's colour; calm ones are close to the background."""
    if style.bgcolor != Style.parse(f"on {colours.background}").bgcolor:
        return style
    tint = style.color.name if style.color else ""
    if not (tint.startswith("#") and colours.background.startswith("#")):
        return style + Style(reverse=True)
    fill = Color.parse(colours.background).blend(Color.parse(tint), 1.0 if loud else 0.35)
    ink = fill.get_contrast_text(0.9).hex6 if loud else colours.text
    return Style.parse(f"{'bold' if loud else ''} {ink} on {fill.hex6}")


def _bare(*, colour: bool) -> Palette:
    """The palette of the terminal's own colours, or of attributes only."""
    tint = _ANSI if colour else _NO_COLOURS
    states = {
        State.PENDING: Style.parse("dim"),
        State.UP: Style.parse(tint.good),
        State.DEGRADED: Style.parse("bold " + tint.warn),
        State.FAILING: Style.parse("bold underline " + tint.fail),
        State.DOWN: Style.parse("bold reverse " + tint.bad),
        State.UNREACHABLE: Style.parse("italic " + tint.quiet),
        State.INCONCLUSIVE: Style.parse("italic " + tint.quiet),
        State.PAUSED: Style.parse("dim"),
    }
    # An underline would strike through the large digits.
    reverse, flat = Style(reverse=True, underline=False), Style(underline=False)
    return Palette(
        states=states,
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
        tiles={state: style + (reverse if colour else flat) for state, style in states.items()},
        curves=[Style.parse(tint if colour else "default") for tint in _OF_TERMINAL],
    )


PALETTES: Mapping[str, Palette] = {
    **{name: _palette(colours) for name, (colours, _) in OURS.items()},
    "ansi-dark": _bare(colour=True),
    "ansi-light": _bare(colour=True),
}
"""Palettes by the name of the Textual theme."""

COLOURLESS = _bare(colour=False)


def palette(theme: Theme, own: Mapping[str, Palette], *, colourless: bool) -> Palette:
    """The palette of ``theme``; ``own`` has those of the user's themes."""
    if colourless:
        return COLOURLESS
    return own.get(theme.name) or PALETTES.get(theme.name) or _palette(_borrowed(theme))


def _borrowed(theme: Theme) -> Colours:
    """The palette of one of Textual's own themes."""
    made = theme.to_color_system().generate()
    background, ink = Color.parse(made["background"]), Color.parse(made["foreground"])
    bad, warn = Color.parse(made["error"]), Color.parse(made["warning"])
    return Colours(
        background=background.hex6,
        panel=made["panel"],
        cursor=background.blend(Color.parse(made["primary"]), 0.3).hex6,
        text=ink.hex6,
        dim=ink.blend(background, 0.35).hex6,
        good=made["success"],
        warn=warn.hex6,
        fail=warn.blend(bad, 0.5).hex6,
        bad=bad.hex6,
        on_bad=bad.get_contrast_text(1.0).hex6,
        quiet=made["secondary"],
        accent=made["accent"],
    )


def _theme(name: str, colours: Colours, *, dark: bool) -> Theme:
    """The Textual theme of these colours. If one is a terminal colour, all are sent unchanged."""
    ansi = any(not colour.startswith("#") for colour in asdict(colours).values())
    named = {key: _textual(colour) for key, colour in asdict(colours).items()}
    return Theme(
        name=name,
        primary=named["accent"],
        secondary=named["quiet"],
        accent=named["accent"],
        foreground=named["text"],
        background=named["background"],
        surface=named["background"],
        panel=named["panel"],
        success=named["good"],
        warning=named["warn"],
        error=named["bad"],
        dark=dark,
        ansi=ansi,
        variables=BUILTIN_THEMES["ansi-dark" if dark else "ansi-light"].variables if ansi else {},
    )


def _textual(colour: str) -> str:
    """A colour in Textual's notation."""
    return colour if colour.startswith("#") else f"ansi_{colour}"


THEMES = tuple(_theme(name, colours, dark=dark) for name, (colours, dark) in OURS.items())
"""Our own Textual themes."""


def tailored(name: str, wanted: UserTheme) -> tuple[Theme, Palette]:
    """A user's theme."""
    colours = replace(DARK if wanted.dark else LIGHT, **wanted.colours)
    return _theme(name, colours, dark=wanted.dark), _palette(colours)


def chosen_theme(
    environ: Mapping[str, str], known: Container[str], *, wanted: str = "", picked: str = ""
) -> str:
    """The theme in force: ``MONITOR_THEME``, else the operator's ``picked``, else the config's ``wanted``.

    Terminals with few colours, and NO_COLOR, get the theme of the terminal's own colours.
    """
    if environ.get("NO_COLOR"):
        return "ansi-dark"
    poor = depth(environ) == "standard"
    asked = [name for name in (picked, wanted) if not poor or name.startswith("ansi-")]
    names = [environ.get("MONITOR_THEME", ""), *asked]
    return next((name for name in names if name and name in known), "ansi-dark" if poor else "dark")
