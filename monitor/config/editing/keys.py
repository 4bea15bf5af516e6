"""Changes keys of endpoints in a config's text, in whichever form they are written. Pure.

A table such as ``expect`` may have its own header, be an inline table, or consist of dotted keys. It keeps
its form, and only lines with a different value change::

    [[endpoints]]
    url = "https://shop.test"
    headers.X-Team = "shop"

    [endpoints.expect]
    status = 200              # the comment beside a value stays
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from monitor.config.editing.edit import TABLES, EndpointsText, Splice
from monitor.config.editing.inline import dotted, inline, pair
from monitor.config.editing.positions import Pair, Path, Section, comments


def with_keys(text: str, changes: Mapping[int, Mapping[str, Any]]) -> str:
    """``text`` with these keys of the endpoints at these indexes; a value of None removes a key.

    The comment beside a value stays, and so do those inside one of several lines: they move above it.
    EditError if an endpoint is not written as a table of its own.
    """
    file = EndpointsText(text)
    places: dict[Path, list[int]] = {}
    for at, section in enumerate(file.sections):
        places.setdefault(section.path[:2], []).append(at)
    endpoints = ((_Endpoint(file, places[file.block(index).path]), new) for index, new in changes.items())
    return file.spliced(chain.from_iterable(one.changed(new) for one, new in endpoints))


class _Endpoint:
    """The tables of one endpoint, and the changes to them."""

    def __init__(self, file: EndpointsText, places: Sequence[int]) -> None:
        self._file = file
        self._end = file.tail(places[-1])
        """The line behind the endpoint."""
        self._sections = {file.sections[at].path: file.sections[at] for at in places}
        self._pairs = {one.path: one for section in self._sections.values() for one in section.pairs}
        self._splices: list[Splice] = []
        self._new_pairs: dict[Path, list[str]] = {}
        """New lines by the path of the table that they belong to."""

    def changed(self, values: Mapping[str, Any]) -> Iterator[Splice]:
        """The edits that give the endpoint these values."""
        block = next(iter(self._sections))
        for key, value in values.items():
            self._set((*block, key), value)
        yield from self._splices
        yield from self._insertions()

    def _set(self, path: Path, value: Any) -> None:
        names = self._names_below(path)
        if path in self._pairs:
            self._set_pair(self._pairs[path], value)
        elif isinstance(value, Mapping) and (path in self._sections or (value and names)):
            for name in dict.fromkeys([*names, *value]):
                self._set((*path, name), value.get(name))
        else:
            self._take_out_below(path)
            self._add(path, value)

    def _names_below(self, path: Path) -> list[str | int]:
        """The keys of a table that is written as dotted keys or with its own header."""
        found = (one[len(path)] for one in (*self._pairs, *self._sections) if _is_below(one, path))
        return list(dict.fromkeys(found))

    # ── what is written ─────────────────────────────────────────────────────────────────────────

    def _set_pair(self, old: Pair, value: Any) -> None:
        written = self._file.text[old.value : old.end]
        if value is None:
            self._splices.append(self._without(old))
        elif inline(tomllib.loads(f"x = {written}")["x"]) != inline(value):
            self._splices += self._replaced(old, value)

    def _replaced(self, old: Pair, value: Any) -> Iterator[Splice]:
        file = self._file
        line = file.line(old.start)
        inside = comments(file.text[old.value : old.end])
        if inside:
            yield file.insertion(line, [file.text[file.starts[line] : old.start] + one for one in inside])
        yield old.value, old.end, inline(value)

    def _without(self, old: Pair) -> Splice:
        """Remove a pair; a comment beside it stays on a line of its own."""
        file = self._file
        first, last = file.line(old.start), file.line(old.end - 1)
        beside = file.text[old.end : file.starts[last + 1]].strip()
        inside = comments(file.text[old.value : old.end])
        indent = file.text[file.starts[first] : old.start]
        return file.replacement(first, last + 1, [indent + one for one in (*inside, beside) if one])

    def _take_out_below(self, path: Path) -> None:
        """Remove a table that is written as dotted keys or with its own header."""
        self._splices += [self._without(one) for one in self._pairs.values() if _is_below(one.path, path)]
        headers = (one for one in self._sections.values() if one.path[: len(path)] == path)
        self._splices += map(self._without_header, headers)

    def _without_header(self, section: Section) -> Splice:
        """Remove a header with the blank line above it; a comment beside it stays."""
        file = self._file
        line = file.line(section.start)
        beside = comments(file.lines[line])
        blank = not beside and file.is_blank(line - 1)
        return file.replacement(line - blank, line + 1, beside)

    # ── what is new ─────────────────────────────────────────────────────────────────────────────

    def _add(self, path: Path, value: Any) -> None:
        if value is None:
            return
        *above, name = path
        if name in TABLES and len(path) == 3 and value and isinstance(value, Mapping):
            self._new_pairs[path] = [pair(*item) for item in value.items()]
            return
        table = self._table_with(tuple(above))
        indent = self._file.indent(self._sections[table]) if table in self._sections else ""
        new = f"{indent}{dotted(path[len(table) :])} = {inline(value)}"
        self._new_pairs.setdefault(table, []).append(new)

    def _table_with(self, path: Path) -> Path:
        """The path of the table that the keys of ``path`` are written in; itself if there are none."""
        if path in self._sections:
            return path
        holders = (
            section.path
            for section in self._sections.values()
            for one in section.pairs
            if _is_below(one.path, path) and len(section.path) < len(path)
        )
        return next(holders, path)

    def _insertions(self) -> Iterator[Splice]:
        lines: dict[int, list[str]] = {}
        for path, new in sorted(self._new_pairs.items(), key=lambda one: one[0] not in self._sections):
            if path in self._sections:
                lines.setdefault(self._end_of(self._sections[path]), []).extend(new)
            else:
                header = f"[{dotted([name for name in path if isinstance(name, str)])}]"
                lines.setdefault(self._end, []).extend(["", header, *new])
        for line, new in lines.items():
            yield self._file.insertion(line, new)

    def _end_of(self, section: Section) -> int:
        return self._file.line(max(section.end - 1, section.start)) + 1


def _is_below(path: Path, top: Path) -> bool:
    return len(path) > len(top) and path[: len(top)] == top
