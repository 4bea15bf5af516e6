"""Selects endpoints by expressions. Pure.

``name:GLOB``, ``group:GLOB``, ``tag:GLOB``, ``type:NAME``, ``id:GLOB``, or a bare GLOB on the name.
Case does not matter. A bare glob may hold a colon itself, as in ``db:5432``: only the five words above
are prefixes, and only a slip of the pen in one of them (``grup:shop``) is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from fnmatch import translate
from glob import escape
from typing import Protocol, TypeVar

from monitor.errors import UsageError
from monitor.model import Endpoint, Silence


class Selectable(Protocol):
    """The subject of an expression: an endpoint, or the facts that a dashboard has of one."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def group(self) -> str | None: ...
    @property
    def tags(self) -> Sequence[str]: ...
    @property
    def kind(self) -> str: ...


Selection = Callable[[Selectable], bool]
_T = TypeVar("_T")

FIELDS: Mapping[str, Callable[[Selectable], Sequence[str]]] = {
    "id": lambda one: (one.id,),
    "name": lambda one: (one.name,),
    "group": lambda one: (one.group,) if one.group else (),
    "tag": lambda one: one.tags,
    "type": lambda one: (one.kind,),
}
"""The prefixes, and the values of an endpoint that each compares."""


class Glob(dict[str, bool]):
    """Whether texts fit a glob, in any case of letters: ``Glob("a*")["API"]``. Results are cached."""

    def __init__(self, glob: str) -> None:
        super().__init__()
        self._glob = glob.strip().casefold()
        self._match = re.compile(translate(self._glob)).match

    def __missing__(self, text: str) -> bool:
        folded = text.casefold()
        # Equality too: a copied name such as "api [1]" is not meant as a glob.
        self[text] = fits = folded == self._glob or self._match(folded) is not None
        return fits


def fits(values: Callable[[_T], Sequence[str]], glob: str) -> Callable[[_T], bool]:
    """Whether one of the ``values`` of something fits ``glob``."""
    known = Glob(glob)
    return lambda one: any(map(known.__getitem__, values(one)))


def compile_selection(expressions: Iterable[str]) -> Selection:
    """Whether any of the expressions selects an endpoint; without expressions, all are selected.

    Raises UsageError for an invalid expression.
    """
    compiled = [_compile(expression) for expression in expressions]
    if not compiled:
        return lambda _: True
    return lambda one: any(selects(one) for selects in compiled)


def silenced_by(silence: Silence) -> Selection:
    """The selection of a silence. Raises UsageError for an invalid one."""
    return compile_selection([*silence.select, *(f"id:{escape(id)}" for id in silence.ids)])


def _compile(expression: str) -> Selection:
    prefix, colon, rest = expression.partition(":")
    word = prefix.strip().casefold()
    if not colon or word not in FIELDS:
        near = slip(word, FIELDS) if colon else None
        if near:
            raise UsageError(f"{expression!r}: there is no {word!r} to select by; did you mean '{near}:'?")
        word, rest = "name", expression
    if not rest.strip():
        raise UsageError(f"{expression!r} selects nothing: {_HELP}")
    return fits(FIELDS[word], rest)


def slip(word: str, fields: Iterable[str]) -> str | None:
    """The field of which ``word`` is a misspelling, if it is one."""
    return next(iter(get_close_matches(word, fields, n=1, cutoff=0.75)), None)


_HELP = "write name:GLOB, group:GLOB, tag:GLOB, type:NAME, or a GLOB for the name"


def select(endpoints: Sequence[Endpoint], expressions: Sequence[str]) -> tuple[Endpoint, ...]:
    """The selected endpoints, in their order; UsageError if there are none."""
    selected = tuple(filter(compile_selection(expressions), endpoints))
    if expressions and not selected:
        raise UsageError(f"nothing is selected by {', '.join(expressions)}; there is {_what(endpoints)}")
    return selected


def _what(endpoints: Sequence[Endpoint]) -> str:
    parts = [_listed(word, endpoints) for word in FIELDS if word != "id"]
    return "; ".join(filter(None, parts)) or "no endpoint at all"


def _listed(word: str, endpoints: Sequence[Endpoint], most: int = 8) -> str:
    values = dict.fromkeys(value for endpoint in endpoints for value in FIELDS[word](endpoint))
    more = f" and {len(values) - most} more" if len(values) > most else ""
    return f"{word} {', '.join(list(values)[:most])}{more}" if values else ""
