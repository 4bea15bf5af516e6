"""The title of the terminal's window or tab: what is wrong, readable from another one. Pure."""

from __future__ import annotations

from monitor.tui.data.board import Board
from monitor.tui.data.follow import Link
from monitor.tui.lists.order import PROBLEMS, SEVERITY
from monitor.tui.terminal.symbols import Symbols

_NOT_CURRENT = {Link.SILENT: "no answer", Link.LOST: "engine gone"}


def window_title(board: Board, link: Link, symbols: Symbols) -> str:
    """``✖2 ▲3 shop.toml``: endpoints by state, problems only; and whether that is current."""
    counts = board.counts()
    wrong = [f"{symbols.states[one]}{counts[one]}" for one in SEVERITY if one in PROBLEMS and counts[one]]
    title = symbols.text(board.title)
    return " ".join(filter(None, (_NOT_CURRENT.get(link, ""), *wrong, title or "monitor")))
