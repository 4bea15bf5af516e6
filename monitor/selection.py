"""Which endpoints an expression selects. Pure.

``name:GLOB``, ``group:GLOB``, ``tag:GLOB``, ``type:NAME``, or a bare GLOB on the name. Case does
not matter. A bare glob may hold a colon itself, as in ``db:5432``: only the four words above are
prefixes, and only a slip of the pen in one of them (``grup:shop``) is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase

from monitor.errors import UsageError
from monitor.model import Endpoint

Selection = Callable[[Endpoint], bool]

_VALUES: dict[str, Callable[[Endpoint], Sequence[str]]] = {
    "name": lambda endpoint: (endpoint.name,),
    "group": lambda endpoint: (endpoint.group,) if endpoint.group else (),
    "tag": lambda endpoint: endpoint.tags,
    "type": lambda endpoint: (endpoint.kind,),
}


def compile_selection(expressions: Iterable[str]) -> Selection:
    """Whether any of the expressions selects an endpoint; without expressions, all are selected.

    Raises UsageError for an expression that cannot be meant.
    """
    compiled = [_compile(expression) for expression in expressions]
    if not compiled:
        return lambda _: True
    return lambda endpoint: any(selects(endpoint) for selects in compiled)


def _compile(expression: str) -> Selection:
    prefix, colon, rest = expression.partition(":")
    word = prefix.strip().casefold()
    if not colon or word not in _VALUES:
        _refuse_slip(expression, word if colon else "")
        word, rest = "name", expression
    glob = rest.strip().casefold()
    if not glob:
        raise UsageError(f"{expression!r} selects nothing: {_HELP}")
    values = _VALUES[word]
    return lambda endpoint: any(_fits(value.casefold(), glob) for value in values(endpoint))


def _refuse_slip(expression: str, word: str) -> None:
    near = get_close_matches(word, _VALUES, n=1, cutoff=0.75)
    if near:
        raise UsageError(f"{expression!r}: there is no {word!r} to select by; did you mean '{near[0]}:'?")


def _fits(value: str, glob: str) -> bool:
    # Equality first: a name such as "api [1]" is no glob to whoever copied it.
    return value == glob or fnmatchcase(value, glob)


_HELP = "write name:GLOB, group:GLOB, tag:GLOB, type:NAME, or a GLOB for the name"


def select(endpoints: Sequence[Endpoint], expressions: Sequence[str]) -> tuple[Endpoint, ...]:
    """The endpoints that are selected, in their order; UsageError when none is."""
    selected = tuple(filter(compile_selection(expressions), endpoints))
    if expressions and not selected:
        raise UsageError(f"nothing is selected by {', '.join(expressions)}; there is {_what(endpoints)}")
    return selected


def _what(endpoints: Sequence[Endpoint]) -> str:
    told = [_listed(word, endpoints) for word in _VALUES]
    return "; ".join(filter(None, told)) or "no endpoint at all"


def _listed(word: str, endpoints: Sequence[Endpoint], most: int = 8) -> str:
    values = dict.fromkeys(value for endpoint in endpoints for value in _VALUES[word](endpoint))
    more = f" and {len(values) - most} more" if len(values) > most else ""
    return f"{word} {', '.join(list(values)[:most])}{more}" if values else ""
