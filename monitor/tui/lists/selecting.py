"""The terms of a selection for endpoints that a filter has found. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterable, Sequence
from glob import escape

from monitor.errors import UsageError
from monitor.syntax.selection import FIELDS, compile_selection
from monitor.tui.data.board import Entry

_SHORT = {"n": "name", "g": "group", "t": "tag", "k": "type"}


def terms(filter: str, found: Collection[Entry], everything: Iterable[Entry]) -> tuple[str, ...]:
    """Terms of ``--select`` that cover exactly ``found``, the endpoints that fit ``filter``.

    Terms with the same meaning as the filter also cover endpoints that are added later. If there are none,
    the endpoints are listed.
    """
    handles = {entry.info.handle for entry in found}
    every = list(everything)
    for candidate in _candidates(filter.split()):
        selects = compile_selection([candidate])
        if handles and {entry.info.handle for entry in every if selects(entry.info)} == handles:
            return (candidate,)
    return tuple(f"id:{escape(entry.info.id)}" for entry in found)


def _candidates(words: Sequence[str]) -> Iterable[str]:
    if not words:
        yield "*"
    if len(words) == 1:
        prefix, colon, glob = words[0].partition(":")
        field = _SHORT.get(prefix.casefold(), prefix.casefold())
        if colon and glob and field in FIELDS:
            yield f"{field}:{glob}"
        elif not set(words[0]) & set('!~"<>='):
            yield words[0]
            yield f"*{words[0]}*"


def written(terms: Iterable[str]) -> str:
    """Terms as one line that can be edited; :func:`read` reads it."""
    return shlex.join(terms)


def read(line: str) -> tuple[str, ...]:
    """The terms of a line. Raises UsageError for an invalid one."""
    try:
        terms = tuple(shlex.split(line))
    except ValueError:
        raise UsageError("a closing quote is missing") from None
    if not terms:
        raise UsageError("nothing is selected")
    compile_selection(terms)
    return terms
