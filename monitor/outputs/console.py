"""Rich output with the width and colours of a terminal, or for a pipe."""

from __future__ import annotations

import os
from collections.abc import Callable
from io import StringIO
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console

UNBOUNDED = 10_000
"""Width of a file or a pipe: nothing is cut, so that it can be searched."""


def printed(out: TextIO, draw: Callable[[Console], None]) -> None:
    """Write the output of ``draw`` to ``out``, without blanks at the ends of lines."""
    text = StringIO()
    draw(_console(text, out))
    out.writelines(f"{line.rstrip()}\n" for line in text.getvalue().split("\n")[:-1])


def _console(text: StringIO, out: TextIO) -> Console:
    """A console that writes into ``text`` with the width and colours of ``out``."""
    from rich.console import Console

    terminal = out.isatty()
    coloured = terminal and not os.environ.get("NO_COLOR")
    return Console(
        file=text,
        force_terminal=coloured,
        color_system="auto" if coloured else None,
        width=os.get_terminal_size(out.fileno()).columns or 80 if terminal else UNBOUNDED,
        markup=False,
        emoji=False,
        highlight=False,
    )
