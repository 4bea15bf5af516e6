"""The terminal: colours, characters, size, and features that tmux or screen disable."""

from __future__ import annotations

import locale
import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping

from monitor.doctor import Finding, Level
from monitor.model import Config

_SMALL = (80, 24)
TMUX: Mapping[str, tuple[str, str]] = {
    "default-terminal": ("tmux-256color", 'set -g default-terminal "tmux-256color"'),
    "terminal-features": ("RGB", 'set -as terminal-features ",*:RGB"'),
    "set-clipboard": ("on", "set -g set-clipboard on"),
    "focus-events": ("on", "set -g focus-events on"),
    "escape-time": ("", "set -sg escape-time 10"),
}
"""Option of tmux -> the text that its value should contain, and the line for .tmux.conf."""
_MOST_DELAY = 50
"""Milliseconds that tmux may wait after ESC, so that the key answers at once."""


def examine(_config: Config) -> Iterable[Finding]:
    environ, size = os.environ, shutil.get_terminal_size()
    yield colours(environ)
    yield signs(locale.getpreferredencoding(False))
    yield room(size.columns, size.lines)
    if environ.get("TMUX"):
        yield tmux(_options())
    elif environ.get("STY"):
        yield Finding(Level.WARN, "GNU screen has neither all colours nor a clipboard", "use tmux instead")


def colours(environ: Mapping[str, str]) -> Finding:
    """Judge the number of colours."""
    term, depth = environ.get("TERM", ""), environ.get("COLORTERM", "").lower()
    if term in ("", "dumb"):
        return Finding(
            Level.WARN, f"TERM is {term or 'not set'}: there is no dashboard", "export TERM=xterm-256color"
        )
    if environ.get("NO_COLOR"):
        return Finding(Level.OK, "NO_COLOR is set: nothing is coloured")
    if depth in ("truecolor", "24bit"):
        return Finding(Level.OK, f"{term} with all colours")
    many = "256" in term or term.endswith("-direct")
    text = f"{term} with {256 if many else 16} colours"
    return Finding(Level.OK, f"{text} (COLORTERM=truecolor, if the terminal has all)")


def signs(encoding: str) -> Finding:
    """Judge whether bars, lines and other symbols can be drawn."""
    if encoding.lower().replace("-", "") == "utf8":
        return Finding(Level.OK, "UTF-8: every sign can be drawn")
    return Finding(Level.WARN, f"{encoding}: signs beyond ASCII are replaced", "export LANG=C.UTF-8")


def room(columns: int, lines: int) -> Finding:
    """Judge the size of the terminal."""
    fits = columns >= _SMALL[0] and lines >= _SMALL[1]
    return Finding(
        Level.OK if fits else Level.WARN, f"{columns}x{lines}" + ("" if fits else ", smaller than 80x24")
    )


def tmux(options: Mapping[str, str]) -> Finding:
    """Judge tmux's options; the remedy has the lines that .tmux.conf lacks."""
    missing = [
        line for name, (wanted, line) in TMUX.items() if not _is_set(name, options.get(name, ""), wanted)
    ]
    if missing:
        return Finding(
            Level.WARN, "tmux disables features of the terminal", "in ~/.tmux.conf:  " + "  ;  ".join(missing)
        )
    return Finding(Level.OK, "tmux disables no features")


def _is_set(name: str, value: str, wanted: str) -> bool:
    if name == "escape-time":
        return value.isdecimal() and int(value) <= _MOST_DELAY
    return wanted in value


def _options() -> dict[str, str]:
    """The present values of tmux's options."""
    return {name: _shown("-gv", name) or _shown("-sv", name) for name in TMUX}


def _shown(flag: str, name: str) -> str:
    try:
        run = subprocess.run(  # noqa: S603 -- words of our own
            ["tmux", "show-options", flag, name],  # noqa: S607 -- the tmux that we are in
            capture_output=True,
            text=True,
            timeout=2,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return run.stdout.strip()
