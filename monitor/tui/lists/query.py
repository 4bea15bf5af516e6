"""The filter's language, and selections for what a filter has found. Pure.

Words are AND-ed. A word matches a part of name, target or group; with ``* ? [`` it is also a glob on the
whole name. ``!word`` negates it, ``~regex`` searches name, target and group with a regular expression,
``"two words"`` is one word. ``name: group: tag: type: state: reason: target:`` (or ``n: g: t: k: s:``) take
the beginning of a value, so that each letter leaves fewer; with ``* ? [``, a glob on the whole value.
``code:`` takes the last answer's status code, ``code:503``, or its class, ``code:5xx``.
``message:`` takes any part of the last message, such as ``message:"got 503"``.
``latency > 100`` (ms), ``p95 > 1s``, ``uptime < 99`` (per cent), ``cert < 14`` (days) and ``since < 10m``
compare numbers. Case does not matter.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from glob import escape
from operator import attrgetter
from time import perf_counter

from monitor.errors import UsageError
from monitor.link.messages import EndpointStatus
from monitor.model import State
from monitor.syntax.selection import FIELDS, Glob, compile_selection, fits, slip
from monitor.tui.data.board import Entry
from monitor.tui.lists import numeric_filters
from monitor.tui.lists.numeric_filters import NumericFilterError

Test = Callable[[Entry, float], bool]
"""Whether an entry matches at a time in seconds since the epoch."""

_MARKS: Mapping[str, Callable[[EndpointStatus], bool]] = {
    "flapping": attrgetter("flapping"),
    "acknowledged": attrgetter("acknowledged"),
    "silenced": attrgetter("silenced"),
    "slower": attrgetter("slower"),
}
_OURS: Mapping[str, Callable[[Entry], Sequence[str]]] = {
    "reason": lambda entry: (entry.status.reason,) if entry.status.reason else (),
    "target": lambda entry: (entry.info.target,),
    "code": lambda entry: (str(entry.status.http_status),) if entry.status.http_status else (),
}
_SHORT = {"n": "name", "g": "group", "t": "tag", "k": "type", "s": "state", "kind": "type", "status": "state"}
_WORDS = (*FIELDS, "state", *_OURS, "message")
_BEGINNINGS = (*_WORDS, *_SHORT, *numeric_filters.KNOWN)

SEARCH_SECONDS = 0.5
"""Time limit in seconds of a regular expression, for all endpoints together."""
_SHORT_TEXT = 300
"""Limit of the text's length for a tame regular expression: a few hundredths of a second."""


class QueryError(ValueError):
    """An invalid filter; the text says why."""


def _everything(_entry: Entry, _now: float) -> bool:
    return True


@dataclass(slots=True)
class Query:
    """A valid filter. An empty one matches everything, and so does one that has exceeded its time limit."""

    text: str = ""
    test: Test = _everything
    given_up: bool = False
    """Whether its regular expressions took too long: then it matches everything."""

    def matches(self, entry: Entry, now: float) -> bool:
        """Whether every word matches; ``now`` is the engine's time, for the days of certificates."""
        try:
            return self.given_up or self.test(entry, now)
        except TimeoutError:
            self.given_up = True
            return True


def parse(text: str) -> Query:
    """Parse ``text``. Raises QueryError."""
    return Query(text.strip(), _all(list(map(_test, _words(text)))))


def without_beginning(text: str) -> str:
    """``text`` without its last word, if that may be the beginning of a field or figure, such as ``sta``."""
    before, blank, last = text.rpartition(" ")
    word = last.lstrip("!").casefold()
    return before + blank if any(name.startswith(word) for name in _BEGINNINGS) else text


def _words(text: str) -> list[str]:
    lexer = shlex.shlex(numeric_filters.joined(text), posix=True)
    lexer.whitespace_split, lexer.commenters, lexer.escape, lexer.quotes = True, "", "", '"'
    try:
        return [word for word in lexer if word]
    except ValueError:
        raise QueryError('a closing " is missing') from None


def _all(tests: Sequence[Test]) -> Test:
    if len(tests) < 2:
        return tests[0] if tests else _everything
    return lambda entry, now: all(test(entry, now) for test in tests)


def _test(word: str) -> Test:
    if word.startswith("!"):
        return _opposite(_test(word[1:])) if word[1:] else _everything
    if word.startswith("~"):
        return _regex(word[1:])
    try:
        return numeric_filters.comparison(word.casefold()) or _field(word) or _anywhere(word.casefold())
    except NumericFilterError as error:
        raise QueryError(str(error)) from None


def _opposite(test: Test) -> Test:
    return lambda entry, now: not test(entry, now)


# ── words ───────────────────────────────────────────────────────────────────────────────────────


def _anywhere(word: str) -> Test:
    if _is_glob(word):
        named = fits(FIELDS["name"], word)
        return lambda entry, _: word in entry.folded or named(entry.info)
    return lambda entry, _: word in entry.folded


def _field(word: str) -> Test | None:
    prefix, colon, glob = word.partition(":")
    prefix = prefix.casefold()
    name = _SHORT.get(prefix, prefix)
    if not colon or (name not in _WORDS and not slip(prefix, _WORDS)):
        return None
    if name not in _WORDS:
        raise QueryError(f"there is no {prefix}: to filter by; did you mean {slip(prefix, _WORDS)}: ?")
    if not glob:
        return _everything  # the word is still being typed
    return _of(name, glob)


def _of(name: str, value: str) -> Test:
    glob = value if _is_glob(value) else f"{value}*"
    if name == "state":
        return _state(glob)
    if name == "message":
        return _message(value.casefold())
    if name == "code":
        glob = glob.casefold().replace("x", "?")
    if name in FIELDS:
        of_card = fits(FIELDS[name], glob)
        return lambda entry, _: of_card(entry.info)
    of_entry = fits(_OURS[name], glob)
    return lambda entry, _: of_entry(entry)


def _message(part: str) -> Test:
    return lambda entry, _: part in entry.status.message.casefold()


def _state(glob: str) -> Test:
    """A matcher of states and marks."""
    known = Glob(glob)
    states = frozenset(state for state in State if known[state])
    marks = [has for mark, has in _MARKS.items() if known[mark]]
    if not states and not marks:
        raise QueryError(f"there is no state {glob.rstrip('*')!r}; there are {', '.join((*State, *_MARKS))}")
    return lambda entry, _: entry.status.state in states or any(has(entry.status) for has in marks)


def _is_glob(word: str) -> bool:
    return not set(word).isdisjoint("*?[")


# ── regular expressions ─────────────────────────────────────────────────────────────────────────


def _regex(pattern: str) -> Test:
    # Not `re`: it cannot be interrupted, and one careless pattern would freeze the screen.
    import regex

    try:
        compiled = regex.compile(pattern, regex.IGNORECASE | regex.MULTILINE)
    except (regex.error, RecursionError, OverflowError) as error:
        raise QueryError(f"~{pattern}: {error}") from None
    tame = _is_tame(pattern)

    def search(text: str, timeout: float) -> bool:
        # Only where it is needed: the time limit takes four times as long as the search.
        limit = None if tame and len(text) <= _SHORT_TEXT else timeout
        return compiled.search(text, timeout=limit) is not None

    found = _Limited(search)
    return lambda entry, _: found[entry.texts]


def _is_tame(pattern: str) -> bool:
    """Whether a pattern has no nested repetition, so that its time is at most cubic in the text's length."""
    return not set(pattern) & set("({") and pattern.count("*") + pattern.count("+") <= 2


class _Limited(dict[str, bool]):
    """A search with a cache. Raises TimeoutError once it has taken too long in all."""

    def __init__(self, search: Callable[[str, float], bool]) -> None:
        super().__init__()
        self._search = search
        self._seconds = SEARCH_SECONDS

    def __missing__(self, text: str) -> bool:
        if self._seconds <= 0:
            raise TimeoutError
        begun = perf_counter()
        try:
            self[text] = found = self._search(text, self._seconds)
        finally:
            self._seconds -= perf_counter() - begun
        return found


def selection_terms(filter: str, found: Collection[Entry], everything: Iterable[Entry]) -> tuple[str, ...]:
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


def written_terms(terms: Iterable[str]) -> str:
    """Terms as one line that can be edited; :func:`read_terms` reads it."""
    return shlex.join(terms)


def read_terms(line: str) -> tuple[str, ...]:
    """The terms of a line. Raises UsageError for an invalid one."""
    try:
        terms = tuple(shlex.split(line))
    except ValueError:
        raise UsageError("a closing quote is missing") from None
    if not terms:
        raise UsageError("nothing is selected")
    compile_selection(terms)
    return terms
