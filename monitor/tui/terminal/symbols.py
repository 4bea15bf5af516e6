"""The symbols of the screen, for terminals with Unicode, with or without braille, and for ASCII ones.

No emoji and no symbol of ambiguous width. Every state has a symbol and a word, so that colour never carries
meaning alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from monitor.model import State

WORDS: Mapping[State, str] = {
    State.PENDING: "pending",
    State.UP: "up",
    State.DEGRADED: "degraded",
    State.FAILING: "failing",
    State.DOWN: "DOWN",
    State.UNREACHABLE: "unreachable",
    State.INCONCLUSIVE: "inconclusive",
    State.PAUSED: "paused",
}
"""Each state's word, as in config, JSON and documentation; columns truncate it."""


@dataclass(frozen=True, slots=True)
class Symbols:
    """One set of symbols, each one cell wide. ``bars`` goes from the lowest to the highest."""

    states: Mapping[State, str]
    bars: str
    failure: str
    gap: str
    """An inconclusive check."""
    blank: str
    """No check yet."""
    cursor: str
    mark: str
    new: str
    """In front of a state that began while nothing was checked."""
    acknowledged: str
    silenced: str
    flapping: str
    ascending: str
    descending: str
    folded: str
    unfolded: str
    ellipsis: str
    separator: str
    rule: str
    unicode: bool
    braille: bool
    """Whether curves are drawn with braille dots; otherwise with blocks, or in ASCII."""

    def text(self, text: str) -> str:
        """``text`` in the characters of this set."""
        return text if self.unicode else text.translate(_SPELT).encode("ascii", "replace").decode()


_SPELT = str.maketrans(
    {"…": "...", "·": "-", "×": "x", "–": "-", "—": "-", "•": "*", "≤": "<=", "≥": ">=", "µ": "u"}
    | {"↑": "up", "↓": "down", "←": "left", "→": "right"}
)

UNICODE = Symbols(
    states={
        State.PENDING: "○",
        State.UP: "●",
        State.DEGRADED: "▲",
        State.FAILING: "◆",
        State.DOWN: "✖",
        State.UNREACHABLE: "◌",
        State.INCONCLUSIVE: "?",
        State.PAUSED: "‖",
    },
    bars="▁▂▃▄▅▆▇█",
    failure="✖",
    gap="·",
    blank=" ",
    cursor="▌",
    mark="+",
    new="»",
    acknowledged="a",
    silenced="m",
    flapping="~",
    ascending="↑",
    descending="↓",
    folded="▸",
    unfolded="▾",
    ellipsis="…",
    separator="·",
    rule="─",
    unicode=True,
    braille=True,
)

BLOCK = replace(UNICODE, braille=False)

ASCII = Symbols(
    states={
        State.PENDING: "o",
        State.UP: ".",
        State.DEGRADED: "!",
        State.FAILING: "*",
        State.DOWN: "X",
        State.UNREACHABLE: "/",
        State.INCONCLUSIVE: "?",
        State.PAUSED: "=",
    },
    bars="_.-=+oO#",
    failure="X",
    gap="?",
    blank=" ",
    cursor=">",
    mark="+",
    new="*",
    acknowledged="a",
    silenced="m",
    flapping="~",
    ascending="^",
    descending="v",
    folded=">",
    unfolded="v",
    ellipsis="~",
    separator="|",
    rule="-",
    unicode=False,
    braille=False,
)

_POOR_TERMINALS = ("linux", "vt", "dumb", "ansi")


SETS: Mapping[str, Symbols] = {"braille": UNICODE, "block": BLOCK, "ascii": ASCII}
"""By the name on the command line."""


def choose(environ: Mapping[str, str], wanted: str = "") -> Symbols:
    """The ``wanted`` set, else that of this terminal: ASCII if its name or the locale requires it."""
    utf8 = "utf8" in _locale(environ).lower().replace("-", "")
    poor = environ.get("TERM", "").startswith(_POOR_TERMINALS)
    return SETS[wanted] if wanted else ASCII if poor or not utf8 else UNICODE


def _locale(environ: Mapping[str, str]) -> str:
    # Python sets LC_CTYPE=C.UTF-8 in its own environment if it is started in the C locale.
    coerced = environ.get("LANG", "") in ("", "C", "POSIX") and environ.get("LC_CTYPE") == "C.UTF-8"
    names = ("LC_ALL", "LANG") if coerced else ("LC_ALL", "LC_CTYPE", "LANG")
    return next(filter(None, map(environ.get, names)), "")
