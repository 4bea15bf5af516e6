"""The reasons why a view is empty, and the keys that help. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from monitor.model import State
from monitor.text import plain
from monitor.tui.data.board import Board
from monitor.tui.data.moments import moment
from monitor.tui.lists.arrangement import Arrangement
from monitor.tui.lists.order import SEVERITY
from monitor.tui.terminal.symbols import WORDS

Keys = Callable[[str], str]
"""The key of an action, by the action's name."""


@dataclass(frozen=True, slots=True)
class EmptyState:
    """Why a view is empty; ``good`` if that is good news."""

    why: str
    keys: Sequence[tuple[str, str]] = ()
    """Keys, each with its effect."""
    good: bool = False


NOTHING = EmptyState("")


def of_table(order: Arrangement, board: Board, key: Keys) -> EmptyState:
    """For the table of endpoints."""
    if not board.revision:
        return EmptyState("waiting for the engine …")
    if not board.entries:
        return _nothing_watched(board, key)
    all_again = (key("overview.back"), "show all")
    if order.query.text:
        why = f"no endpoint{' in trouble' if order.problems_only else ''} fits {plain(order.query.text)}"
        return EmptyState(why, [all_again, (key("overview.filter"), "change the filter")])
    counts = board.counts()
    healthy = ", ".join(f"{counts[state]} {WORDS[state]}" for state in SEVERITY if counts[state])
    return EmptyState(f"nothing is wrong: {healthy}", [all_again], good=bool(counts[State.UP]))


def _nothing_watched(board: Board, key: Keys) -> EmptyState:
    if not board.config_file:
        return EmptyState("nothing is watched")
    new = key("endpoint.new"), "fill in an endpoint, and try it before it is saved"
    edit = key("overview.edit"), "write the config in your editor; it takes effect once saved"
    name = plain(Path(board.config_file).name)
    return EmptyState(f"nothing is watched yet: there is no endpoint in {name}", [new, edit])


def of_incidents(board: Board, key: Keys, *, filtered: bool, stored: bool = False) -> EmptyState:
    """For the incidents; ``stored`` if the history was searched too."""
    if filtered:
        return EmptyState("no incident fits", [(key("incidents.back"), "show all")])
    if not board.revision:
        return NOTHING
    if stored:
        return EmptyState("no incident in the history", good=True)
    since = moment(board.started_at, board.now())
    return EmptyState(f"no incident since {since}, when watching began", good=True)


def of_log(board: Board, key: Keys, *, filtered: bool) -> EmptyState:
    """For the log."""
    if filtered:
        return EmptyState("no line fits", [(key("log.back"), "show all")])
    return EmptyState("nothing has happened yet") if board.revision else NOTHING


def of_silences(key: Keys, *, asked: bool, wrong: str, filtered: bool) -> EmptyState:
    """For silences, acknowledgements and maintenance windows; as for certificates."""
    if wrong:
        return EmptyState(f"nothing can be shown: {wrong}")
    if not asked:
        return NOTHING
    if filtered:
        return EmptyState("nothing fits", [(key("silences.back"), "show all")])
    new = (key("silences.new"), "silence the endpoints of the overview's filter")
    return EmptyState("nothing is silenced, acknowledged or in maintenance", [new], good=True)


def of_dependencies(board: Board, key: Keys, *, filtered: bool) -> EmptyState:
    """For the tree of dependencies."""
    if filtered:
        return EmptyState("no endpoint fits", [(key("dependencies.back"), "show all")])
    if not board.revision:
        return NOTHING
    return EmptyState("no endpoint depends on another: depends_on in the config names what an endpoint needs")


def of_certificates(key: Keys, *, asked: bool, wrong: str, filtered: bool) -> EmptyState:
    """For the certificates; ``asked``: the engine has answered; ``wrong``: its error."""
    if wrong:
        return EmptyState(f"no certificates: {wrong}")
    if not asked:
        return NOTHING
    if filtered:
        return EmptyState("no certificate fits", [(key("certificates.back"), "show all")])
    return EmptyState("no endpoint presents a certificate")
