"""The user's editor: its command line for a file and line, and its exit status."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Callable, Mapping
from pathlib import PurePath
from shutil import which

_PLUS_LINE = frozenset(
    {"vi", "vim", "nvim", "nano", "emacs", "emacsclient", "pico", "mg", "joe", "jed", "ne", "kak"}
)
_COLON_LINE = frozenset({"hx", "helix", "micro", "subl", "zed"})
_CODE = frozenset({"code", "codium", "code-insiders", "cursor"})
_FALLBACKS = ("vi", "nano")


def editor_command(
    environ: Mapping[str, str], file: str, line: int, find: Callable[[str], str | None] = which
) -> list[str] | None:
    """The command that opens ``file`` at ``line`` (from 1; 0: no line); None if there is no editor.

    ``$VISUAL`` takes precedence over ``$EDITOR``; both may have arguments. An unknown editor gets the file
    only.
    """
    editor = _chosen(environ, find)
    if not editor:
        return None
    name = PurePath(editor[0]).name
    if line > 0 and name in _PLUS_LINE:
        return [*editor, f"+{line}", file]
    if line > 0 and name in _COLON_LINE:
        return [*editor, f"{file}:{line}"]
    if name in _CODE:
        return [*editor, "--wait", "-g", f"{file}:{max(line, 1)}"]
    return [*editor, file]


def run(command: list[str]) -> str:
    """Run the editor in the terminal until it ends. Return an error message, or an empty text."""
    try:
        status = subprocess.run(command, check=False).returncode  # noqa: S603 -- the user's own editor
    except OSError as error:
        return f"cannot run {command[0]}: {error.strerror}"
    return f"{command[0]} ended with status {status}" if status else ""


def _chosen(environ: Mapping[str, str], find: Callable[[str], str | None]) -> list[str]:
    for variable in ("VISUAL", "EDITOR"):
        words = _split(environ.get(variable, ""))
        if words:
            return words
    return [next(filter(find, _FALLBACKS), "")] if any(map(find, _FALLBACKS)) else []


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:  # an unclosed quote: use the text as it is
        return text.split()
