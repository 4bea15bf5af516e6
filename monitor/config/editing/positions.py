"""Find the positions of everything in a TOML document, which ``tomllib`` does not report.

Scans a document that ``tomllib`` has accepted already, so it may be simple: it finds keys, headers
and the ends of values, and judges nothing. https://toml.io/en/v1.0.0
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

Path = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r"""
      \"{3} (?: \\. | [^\\] )*? \"{3} \"{0,2}   # multi-line, basic and literal, which may end in quotes
    | '{3} .*? '{3} '{0,2}
    | \" (?: \\. | [^"\\\n] )* \"              # of one line
    | ' [^'\n]* '
    """,
    re.DOTALL | re.VERBOSE,
)
_COMMENT = re.compile(rf"{_STRING.pattern} | (?P<comment>\#[^\n]*)", re.DOTALL | re.VERBOSE)
_SCALAR = re.compile(r"[^,\]}#\n]+")


def positions(text: str) -> Mapping[Path, int]:
    """Key path -> line, from 1, for every key, table header and array element of ``text``.

    A path goes through arrays by index: ``("endpoints", 3, "expect", "status")``.
    """
    return _Scanner(text).scan()


def array_lines(text: str, name: str) -> Sequence[int]:
    """The line of each ``[[name]]`` header, found by a search that takes a hundredth of :func:`positions`.

    Empty where a search cannot be sure: a string of several lines may hold what looks like a header.
    """
    if '"""' in text or "'''" in text:
        return ()
    header = re.compile(rf"^[ \t]*\[\[[ \t]*{re.escape(name)}[ \t]*\]\]", re.MULTILINE)
    lines, line, counted = [], 1, 0
    for found in header.finditer(text):
        line += text.count("\n", counted, found.start())
        counted = found.start()
        lines.append(line)
    return lines


def comments(value: str) -> list[str]:
    """The comments between the items of a value that is written on several lines."""
    return [found["comment"].rstrip() for found in _COMMENT.finditer(value) if found["comment"]]


@dataclass(frozen=True, slots=True)
class Pair:
    """``key = value`` on a line of its own: offsets of the key, the value, and the value's end."""

    path: Path
    start: int
    value: int
    end: int


@dataclass(frozen=True, slots=True)
class Section:
    """A header and the pairs below it; the first section of a document has neither path nor header."""

    path: Path
    start: int = 0
    pairs: list[Pair] = field(default_factory=list)

    @property
    def end(self) -> int:
        """The offset at which the last pair ends; without pairs that of the header."""
        return self.pairs[-1].end if self.pairs else self.start


@lru_cache(maxsize=1)  # a form that is being filled in needs the same file many times
def sections(text: str) -> Sequence[Section]:
    """Every table of ``text`` that has a header, in their order, after the keys above all headers."""
    scanner = _Scanner(text)
    scanner.scan()
    return scanner.sections


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._lines: dict[Path, int] = {}
        self._counts: dict[Path, int] = {}
        """Array of tables -> its number of elements so far."""
        self.sections = [Section(())]
        self._newlines = [found.start() for found in re.finditer("\n", text)]

    def scan(self) -> dict[Path, int]:
        while not self._over():
            if self._text[self._at] == "[":
                start = self._at
                self.sections.append(Section(self._header(), start))
            else:
                section = self.sections[-1]
                section.pairs.append(self._pair(section.path))
        return self._lines

    def _over(self) -> bool:
        self._skip(_BLANK)
        return self._at >= len(self._text)

    def _skip(self, what: re.Pattern[str]) -> str:
        found = what.match(self._text, self._at)
        if not found:
            return ""
        self._at = found.end()
        return found[0]

    def _note(self, path: Path, start: int) -> None:
        self._lines.setdefault(path, bisect_right(self._newlines, start - 1) + 1)

    def _header(self) -> Path:
        start = self._at
        many = self._text.startswith("[[", start)
        self._at += 2 if many else 1
        keys = self._keys()
        self._at += 2 if many else 1
        path = self._through_arrays(keys if not many else keys[:-1])
        if many:
            path = (*path, keys[-1])
            self._note(path, start)
            self._counts[path] = self._counts.get(path, 0) + 1
            path = (*path, self._counts[path] - 1)
        self._note_all(path, start)
        return path

    def _note_all(self, path: Path, start: int) -> None:
        for length in range(1, len(path) + 1):
            self._note(path[:length], start)

    def _through_arrays(self, keys: list[str]) -> Path:
        """The path of a header's keys; an array of tables stands for its newest element."""
        path: Path = ()
        for key in keys:
            path = (*path, key)
            if path in self._counts:
                path = (*path, self._counts[path] - 1)
        return path

    def _keys(self) -> list[str]:
        keys = []
        while True:
            self._skip(_SPACE)
            quoted = self._skip(_STRING)
            keys.append(tomllib.loads(f"x = {quoted}")["x"] if quoted else self._skip(_BARE))
            self._skip(_SPACE)
            if self._text[self._at : self._at + 1] != ".":
                return keys
            self._at += 1

    def _pair(self, table: Path) -> Pair:
        start = self._at
        path = (*table, *self._keys())
        self._note_all(path, start)
        self._at += 1  # the equals sign
        self._skip(_SPACE)
        value = self._at
        self._value(path)
        return Pair(path, start, value, value + len(self._text[value : self._at].rstrip()))

    def _value(self, path: Path) -> None:
        opening = self._text[self._at : self._at + 1]
        if opening == "[":
            self._array(path)
        elif opening == "{":
            self._inline_table(path)
        elif not self._skip(_STRING) and not self._skip(_SCALAR):
            self._at += 1  # always advance, whatever the character

    def _array(self, path: Path) -> None:
        self._at += 1
        index = 0
        while not self._over() and self._text[self._at] != "]":
            self._note((*path, index), self._at)
            self._value((*path, index))
            index += 1
            self._comma()
        self._at += 1

    def _inline_table(self, path: Path) -> None:
        self._at += 1
        while not self._over() and self._text[self._at] != "}":
            self._pair(path)
            self._comma()
        self._at += 1

    def _comma(self) -> None:
        self._skip(_BLANK)
        if self._text[self._at : self._at + 1] == ",":
            self._at += 1
