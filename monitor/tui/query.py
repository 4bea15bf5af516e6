"""The filter's language. Pure.

Words are AND-ed; a word looks for itself in name, target and group. ``!word`` is its opposite,
``~regex`` searches with a regular expression, ``"two words"`` are one. ``name: group: tag: type:
state:`` (or ``n: g: t: k: s:``) take globs, and ``latency > 100`` (ms), ``cert < 14`` (days) and
``up < 99`` (per cent) compare numbers. Case does not matter.
"""

from __future__ import annotations

import operator
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from time import perf_counter

from monitor.link.messages import Card, Row
from monitor.tui.board import Entry

_Test = Callable[[Entry, float], bool]

_FIELDS: Mapping[str, Callable[[Card, Row], Sequence[str]]] = {
    "name": lambda card, _: (card.name,),
    "group": lambda card, _: (card.group,),
    "tag": lambda card, _: card.tags,
    "type": lambda card, _: (card.kind,),
    "state": lambda _, row: _states(row),
}
_SHORT = {"n": "name", "g": "group", "t": "tag", "k": "type", "s": "state", "kind": "type", "status": "state"}

_NUMBERS: Mapping[str, Callable[[Entry, float], float | None]] = {
    "latency": lambda entry, _: entry.row.latency_ms,
    "cert": lambda entry, now: entry.cert_days(now),
    "up": lambda entry, _: None if entry.row.uptime is None else entry.row.uptime * 100,
}
_SHORT_NUMBERS = {"lat": "latency", "certificate": "cert", "uptime": "up"}
_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
}
_COMPARISON = re.compile(r"([a-z]+)(>=|<=|>|<|=)(.*)")
_SPACED = re.compile(r"\s*(>=|<=|[<>])\s*")

SEARCH_SECONDS = 0.5
"""A regular expression that takes longer, for all endpoints together, is given up."""


class QueryError(ValueError):
    """The filter cannot be understood; the text says why."""


@dataclass(slots=True)
class Query:
    """A filter that was understood. An empty one lets everything through, and so does one given up."""

    text: str = ""
    tests: tuple[_Test, ...] = ()
    given_up: bool = False
    """Whether its regular expressions took too long: better too much is shown than too little."""

    def matches(self, entry: Entry, now: float) -> bool:
        """Whether every word fits; ``now`` is the engine's time, for the days of certificates."""
        try:
            return self.given_up or all(test(entry, now) for test in self.tests)
        except TimeoutError:
            self.given_up = True
            return True


def parse(text: str) -> Query:
    """The filter that ``text`` means; QueryError when it means nothing."""
    return Query(text.strip(), tuple(_test(word) for word in _words(text)))


def _words(text: str) -> list[str]:
    lexer = shlex.shlex(_SPACED.sub(r"\1", text), posix=True)
    lexer.whitespace_split, lexer.commenters, lexer.escape, lexer.quotes = True, "", "", '"'
    try:
        return [word for word in lexer if word]
    except ValueError:
        raise QueryError('a closing " is missing') from None


def _test(word: str) -> _Test:
    if word.startswith("!"):
        return _opposite(_test(word[1:])) if word[1:] else _everything
    if word.startswith("~"):
        return _regex(word[1:])
    return _comparison(word.casefold()) or _field(word.casefold()) or _anywhere(word.casefold())


def _everything(_entry: Entry, _now: float) -> bool:
    return True


def _opposite(test: _Test) -> _Test:
    return lambda entry, now: not test(entry, now)


def _regex(pattern: str) -> _Test:
    # Not `re`: that one cannot be interrupted, and one careless pattern would freeze the screen.
    import regex

    try:
        compiled = regex.compile(pattern, regex.IGNORECASE)
    except (regex.error, RecursionError, OverflowError) as error:
        raise QueryError(f"~{pattern}: {error}") from None
    found = _Limited(lambda text, timeout: bool(compiled.search(text, timeout=timeout)))
    return lambda entry, _: any(found(text) for text in _texts(entry))


class _Limited:
    """A search that remembers what it found, and raises TimeoutError once it has taken too long in all."""

    def __init__(self, search: Callable[[str, float], bool]) -> None:
        self._search = search
        self._seconds = SEARCH_SECONDS
        self._known: dict[str, bool] = {}

    def __call__(self, text: str) -> bool:
        if text not in self._known:
            self._known[text] = self._timed(text)
        return self._known[text]

    def _timed(self, text: str) -> bool:
        if self._seconds <= 0:
            raise TimeoutError
        begun = perf_counter()
        try:
            return self._search(text, self._seconds)
        finally:
            self._seconds -= perf_counter() - begun


def _anywhere(word: str) -> _Test:
    return lambda entry, _: any(word in text.casefold() for text in _texts(entry))


def _texts(entry: Entry) -> tuple[str, ...]:
    return entry.card.name, entry.card.target, entry.card.group


def _field(word: str) -> _Test | None:
    name, colon, glob = word.partition(":")
    values = _FIELDS.get(_SHORT.get(name, name)) if colon else None
    if values is None:
        return None
    if not glob:
        return _everything  # it is still being typed
    return lambda entry, _: any(_fits(value.casefold(), glob) for value in values(entry.card, entry.row))


def _fits(value: str, glob: str) -> bool:
    return value == glob or fnmatchcase(value, glob)


def _states(row: Row) -> tuple[str, ...]:
    marks = (("flapping", row.flapping), ("acknowledged", row.acknowledged))
    return (row.state.value, *(mark for mark, on in marks if on))


def _comparison(word: str) -> _Test | None:
    found = _COMPARISON.fullmatch(word)
    if not found:
        return None
    name, sign, digits = found.groups()
    value = _NUMBERS.get(_SHORT_NUMBERS.get(name, name))
    if value is None:
        raise QueryError(f"{name}: compare latency, cert or up")
    return _compare(value, _COMPARISONS[sign], _number(digits, word))


def _number(digits: str, word: str) -> float:
    if not digits:
        raise QueryError(f"{word} … what?")
    try:
        return float(digits.removesuffix("ms").removesuffix("d").removesuffix("%"))
    except ValueError:
        raise QueryError(f"{digits!r} is not a number") from None


def _compare(
    value: Callable[[Entry, float], float | None], holds: Callable[[float, float], bool], limit: float
) -> _Test:
    def test(entry: Entry, now: float) -> bool:
        actual = value(entry, now)
        return actual is not None and holds(actual, limit)

    return test
