"""Changes the endpoints in a config's text, and nothing else in it. Pure.

A text goes in and a text comes out: comments, order, blank lines and line endings stay as they
are, except in the part of the endpoint concerned. An endpoint's part is its ``[[endpoints]]``
table, the tables below it, and the comments directly above these.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import chain, groupby
from typing import Any

from monitor.config.editing.inline import inline, pair
from monitor.config.editing.positions import Path, Section, sections
from monitor.errors import EditError

TABLES = ("expect", "warn")
"""Keys that are written as a table with its own header."""


def added(text: str, table: Mapping[str, Any]) -> str:
    """``text`` with one more endpoint after the others. EditError if it is impossible."""
    file = EndpointsText(text)
    at = file.end_of_endpoints()
    before = [""] if at and not file.is_blank(at - 1) else []
    after = [""] if at < len(file.lines) and not file.is_blank(at) else []
    return file.spliced([file.insertion(at, [*before, *_block(table), *after])])


def removed(text: str, indexes: Collection[int]) -> str:
    """``text`` without the endpoints at ``indexes``. EditError if they are written in another form."""
    file = EndpointsText(text)
    doomed = set(chain.from_iterable(file.extents({file.block(index).path for index in indexes})))
    kept = [line for at, line in enumerate(file.lines) if at not in doomed]
    while kept and not kept[-1].strip() and len(file.lines) - 1 in doomed:
        kept.pop()  # blank lines between the last endpoint and the one before
    return "".join(kept)


def with_enabled(text: str, indexes: Iterable[int], enabled: bool | None) -> str:
    """``text`` with ``enabled`` written so in the endpoints at ``indexes``; None: taken out.

    Where a comment stands beside it, it is made true instead. EditError when they stand elsewhere.
    """
    file = EndpointsText(text)
    return file.spliced(filter(None, (file.switch(file.block(index), enabled) for index in indexes)))


def count(text: str) -> int:
    """The number of endpoints that are tables in ``text``."""
    return sum(_is_endpoint(one.path) for one in sections(text))


def indexes_at(lines: Iterable[int], text: str) -> list[int]:
    """The indexes of the endpoints whose tables begin in these lines, from 1. EditError for another line."""
    file = EndpointsText(text)
    begins = {file.line(one.start) + 1: one.path[1] for one in file.sections if _is_endpoint(one.path)}
    try:
        return [int(begins[line]) for line in lines]
    except KeyError:
        raise EditError(_ELSEWHERE) from None


def _is_endpoint(path: Path) -> bool:
    return len(path) == 2 and path[0] == "endpoints"


_ELSEWHERE = "it is not written as an [[endpoints]] table: edit it by hand (ctrl+e)"
_ALL_ELSEWHERE = "the endpoints here are not written as [[endpoints]] tables: add it by hand (ctrl+e)"

Splice = tuple[int, int, str]
"""Start, end, and the replacement text."""
_LINE = re.compile(r"[^\n]*\n|[^\n]+")


def _block(table: Mapping[str, Any]) -> list[str]:
    """The lines of a new endpoint."""
    own = {key: value for key, value in table.items() if key not in TABLES}
    below = [key for key in TABLES if table.get(key)]
    lines = ["[[endpoints]]", *(pair(*item) for item in own.items())]
    for key in below:
        lines += ["", f"[endpoints.{key}]", *(pair(*item) for item in table[key].items())]
    return lines


class EndpointsText:
    """A config's text, its lines with their endings, and its tables."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines: list[str] = _LINE.findall(text)
        self.sections = sections(text)
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line))
        self._newline = "\r\n" if self.lines and self.lines[0].endswith("\r\n") else "\n"

    def line(self, offset: int) -> int:
        """The line, from 0, that ``offset`` is in."""
        return bisect_right(self.starts, offset, hi=len(self.lines)) - 1

    def is_blank(self, line: int) -> bool:
        return not self.lines[line].strip()

    def _is_comment(self, line: int) -> bool:
        return self.lines[line].lstrip().startswith("#")

    def spliced(self, splices: Iterable[Splice]) -> str:
        """The text with all of these edits."""
        text = self.text
        for start, end, new in sorted(splices, reverse=True):
            text = text[:start] + new + text[end:]
        return text

    def insertion(self, line: int, new: Iterable[str]) -> Splice:
        """``new`` lines before ``line``."""
        unended = line and not self.lines[line - 1].endswith("\n")
        at = self.starts[line]
        return at, at, self._newline * bool(unended) + "".join(one + self._newline for one in new)

    def replacement(self, first: int, end: int, new: Iterable[str]) -> Splice:
        """``new`` lines in place of those from ``first`` to before ``end``."""
        return self.starts[first], self.starts[end], "".join(one + self._newline for one in new)

    def switch(self, block: Section, enabled: bool | None) -> Splice | None:
        """The edit that adds, removes or changes ``enabled`` in a table."""
        written = next((one for one in block.pairs if one.path == (*block.path, "enabled")), None)
        if written is None:
            return None if enabled is None else self._first_pair(block, pair("enabled", enabled))
        first, last = self.line(written.start), self.line(written.end - 1)
        if enabled is None and "#" not in self.lines[last][written.end - self.starts[last] :]:
            return self.starts[first], self.starts[last + 1], ""
        return written.value, written.end, inline(enabled is None or enabled)

    def indent(self, section: Section) -> str:
        """The space before the first pair of a section."""
        beside = self.lines[self.line(section.pairs[0].start)] if section.pairs else ""
        return beside[: len(beside) - len(beside.lstrip())]

    def _first_pair(self, section: Section, text: str) -> Splice:
        """One more pair directly below a header, as far from the edge as the one that stood there."""
        return self.insertion(self.line(section.start) + 1, [self.indent(section) + text])

    def block(self, index: int) -> Section:
        """The table of the endpoint at ``index``; EditError if it has no table of its own."""
        path: Path = ("endpoints", index)
        found = next((section for section in self.sections if section.path == path), None)
        if found is None:
            raise EditError(_ELSEWHERE)
        return found

    def end_of_endpoints(self) -> int:
        """The line after the last endpoint, or else after the whole text."""
        if any(one.path[0] == "endpoints" for one in self.sections[0].pairs):
            raise EditError(_ALL_ELSEWHERE)
        own = [at for at, section in enumerate(self.sections) if section.path[:1] == ("endpoints",)]
        return self.tail(own[-1]) if own else len(self.lines)

    def extents(self, paths: Collection[Path]) -> Iterator[range]:
        """The lines that belong to the endpoints ``paths``, with the blank ones behind them."""
        numbered = enumerate(self.sections)
        for path, group in groupby(numbered, key=lambda one: one[1].path[:2]):
            places = [at for at, _ in group]
            if path in paths:
                yield range(self._lead(places[0]), self._blank_until(self.tail(places[-1])))

    def _blank_until(self, line: int) -> int:
        while line < len(self.lines) and self.is_blank(line):
            line += 1
        return line

    def own_end(self, at: int) -> int:
        """The line behind the last pair of a section."""
        section = self.sections[at]
        nothing = at == 0 and not section.pairs
        return 0 if nothing else self.line(max(section.end - 1, section.start)) + 1

    def _lead(self, at: int) -> int:
        """The first of the comment lines directly above a section's header, or the header's own."""
        first, floor = self.line(self.sections[at].start), self.own_end(at - 1)
        while first > floor and self._is_comment(first - 1):
            first -= 1
        return first

    def tail(self, at: int) -> int:
        """The line behind a section and the comments directly below it, if they are not the next one's."""
        own_end = last = self.own_end(at)
        while last < len(self.lines) and self._is_comment(last):
            last += 1
        is_next = at + 1 < len(self.sections) and last == self.line(self.sections[at + 1].start)
        return own_end if is_next else last
