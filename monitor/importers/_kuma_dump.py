"""Rows of a dump of MariaDB or MySQL, as mariadb-dump and mysqldump write it.

A dump has each statement on lines of its own, because line breaks in texts are written as ``\\n``. Only the
columns of ``CREATE TABLE`` and the values of ``INSERT`` are read; no statement is executed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from monitor.errors import UsageError

Value = str | int | float | None

_CREATE = re.compile(r"^CREATE TABLE (?:IF NOT EXISTS )?`(\w+)` \($", re.MULTILINE)
_COLUMN = re.compile(r"^\s+`(\w+)` ", re.MULTILINE)
_INSERT = re.compile(r"^(?:INSERT|REPLACE)(?: IGNORE)? INTO `(\w+)` (?:\(([`\w, ]+)\) )?VALUES", re.MULTILINE)
_TOKEN = re.compile(
    r"\s*(?:(?:_binary )?'([^'\\]*(?:(?:\\.|'')[^'\\]*)*)'|([(),;])|([^\s'(),;]+))",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)|''", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "0": "\0", "b": "\b", "Z": "\x1a"}


class Dump:
    """The tables of a dump."""

    def __init__(self, text: str, said: str, most: int) -> None:
        self._text, self._said, self._most = text, said, most
        self._columns = {found[1]: self._columns_at(found.end()) for found in _CREATE.finditer(text)}

    def _columns_at(self, start: int) -> list[str]:
        end = self._text.find("\n)", start)
        return _COLUMN.findall(self._text, start, end if end >= 0 else len(self._text))

    def __contains__(self, table: str) -> bool:
        return table in self._columns

    def rows(self, table: str) -> list[dict[str, Value]]:
        """Every row of ``table``. UsageError if there are too many, or one that does not fit its columns."""
        made: list[dict[str, Value]] = []
        for found in _INSERT.finditer(self._text):
            if found[1] != table:
                continue
            columns = re.findall(r"\w+", found[2]) if found[2] else self._columns.get(table, [])
            for values in self._tuples(found.end()):
                if len(values) != len(columns):
                    raise self._broken(found.start(), "has a row that does not fit its columns")
                made.append(dict(zip(columns, values, strict=True)))
                if len(made) > self._most:
                    raise UsageError(f"{self._said} has more than {self._most:,} rows in the table {table}")
        return made

    def _tuples(self, at: int) -> Iterator[list[Value]]:
        """The rows of one INSERT, whose values begin at ``at``."""
        values: list[Value] = []
        while True:
            found = _TOKEN.match(self._text, at)
            if found is None:
                raise self._broken(at, "ends within a row")
            at = found.end()
            if found[2] == ";":
                return
            if found[2] == "(":
                values = []
            elif found[2] == ")":
                yield values
            elif found[2] is None:
                values.append(_value(found))

    def _broken(self, at: int, why: str) -> UsageError:
        return UsageError(f"{self._said}:{self._text.count(chr(10), 0, at) + 1}: {why}")


def _value(found: re.Match[str]) -> Value:
    if found[1] is not None:
        return _ESCAPE.sub(lambda one: _ESCAPED.get(one[1], one[1]) if one[1] else "'", found[1])
    return _number(found[3])


def _number(word: str) -> Value:
    """A number, or NULL; other words, such as 0xFF, as they are written."""
    if word == "NULL":
        return None
    for kind in (int, float):
        try:
            return kind(word) if len(word) < 30 else word
        except ValueError:
            continue
    return word
