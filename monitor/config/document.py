"""One config file: read, parsed, its ``${…}`` filled in, and every key's line at hand."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path as File
from typing import Any

from monitor.config.editing.positions import Path, array_lines, positions
from monitor.errors import ConfigError, FieldError
from monitor.model import Problem, Source

LARGEST = 64 << 20
"""Limit of a config file in bytes."""

_TOML_LINE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
_QUOTES = 'text goes in quotes, as in "30s", and each key has a line of its own'
_ADVICE = {
    "invalid value": _QUOTES,
    "expected newline or end of document": _QUOTES,
    "illegal character '\\n'": "a string ends on its line, with the quotes that it began with",
    "unescaped '\\'": r"in single quotes, as in '^\d+$', a backslash is just that",
    "cannot overwrite": "the key is there already; keep one of the two",
    "cannot declare": "it is there already; put the two together (endpoints begin with [[endpoints]])",
}
"""Beginning of a parser's error -> advice."""


@dataclass(eq=False)
class Document:
    """A config file and its problems."""

    file: File
    text: str
    table: dict[str, Any]
    digest: str = ""
    """Identifies this version of the file."""
    problems: list[Problem] = field(default_factory=list)
    doubts: list[Problem] = field(default_factory=list)
    """Warnings: valid, but probably a mistake."""

    @cached_property
    def lines(self) -> Mapping[Path, int]:
        return positions(self.text)

    @cached_property
    def _endpoint_lines(self) -> Sequence[int]:
        """The line of each endpoint's header; empty if only :attr:`lines` knows them."""
        found = array_lines(self.text, "endpoints")
        endpoints = self.table.get("endpoints")
        return found if isinstance(endpoints, list) and len(endpoints) == len(found) else ()

    @cached_property
    def _by_table(self) -> Mapping[Path, Sequence[Path]]:
        """The paths below each ``endpoints[5]``: 10,000 endpoints may each have a problem."""
        found: dict[Path, list[Path]] = {}
        for path in self.lines:
            found.setdefault(path[:2], []).append(path)
        return found

    @cached_property
    def _absolute(self) -> str:
        return str(self.file.absolute())

    def line(self, path: Path) -> int:
        """The line of ``path``, or of the nearest written table around it."""
        if len(path) == 2 and path[0] == "endpoints" and self._endpoint_lines:
            return self._endpoint_lines[int(path[1])]  # the only question for a config without problems
        for length in range(len(path), 0, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return 1

    def source(self, path: Path) -> Source:
        return Source(self._absolute, self.line(path))

    def complain(self, path: Path, text: str) -> None:
        """Note that the value at ``path`` is wrong."""
        self.problems.append(Problem(str(self.file), self.line(path), dotted(path), text))

    def doubt(self, path: Path, text: str) -> None:
        """Warn of the value at ``path``."""
        self.doubts.append(Problem(str(self.file), self.line(path), dotted(path), f"warning: {text}"))

    def complain_of(self, table: Path, error: FieldError) -> None:
        """Note the ``error`` of a key below ``table``; its key is dotted, and may hold dots."""
        near = self._by_table.get(table[:2], ()) if len(table) > 1 else self.lines
        below = [path for path in near if path[: len(table)] == table]
        found = max((path for path in below if _is_at(path[len(table) :], error.key)), key=len, default=None)
        line = self.line(found or table)
        key = f"{dotted(table)}.{error.key}" if table else error.key
        self.problems.append(Problem(str(self.file), line, key, error.text))
        for other in error.also:
            self.complain_of(table, other)


def _is_at(path: Path, key: str) -> bool:
    """Whether ``key`` is ``path`` or something below it."""
    return f"{key}.".startswith(dotted(path) + ".")


def dotted(path: Path) -> str:
    """A key path for people: ``endpoints[2].expect.status``."""
    said = ""
    for part in path:
        said += f"[{part}]" if isinstance(part, int) else f".{part}" if said else part
    return said


def digest(data: bytes) -> str:
    """Identifies the content of a file."""
    return hashlib.sha256(data).hexdigest()


def read(file: File, unsaved: bytes | None = None) -> Document:
    """The document in ``file``, or ``unsaved`` in its place. ConfigError when it is not readable TOML."""
    data = _data(file) if unsaved is None else unsaved
    text = _text(file, data)
    try:
        return Document(file, text, tomllib.loads(text), digest(data))
    except tomllib.TOMLDecodeError as error:
        found = _TOML_LINE.search(str(error))
        said = str(error)[: found.start()] if found else str(error)
        line = _line_of(text, said, found)
        if found and not found[1] and said.startswith("Invalid value"):
            said = "a value, or the closing ] or }, is missing"
        raise _refused(file, "syntax", _advised(f"{said[:1].lower()}{said[1:]}"), line) from None
    except RecursionError:
        raise _refused(file, "syntax", "arrays or tables are nested too deep") from None
    except ValueError as error:  # an impossible date, or a number of thousands of digits
        raise _refused(file, "syntax", f"holds a value that cannot be: {error}") from None


def _line_of(text: str, complaint: str, found: re.Match[str] | None) -> int:
    """The line of the error; for an unclosed bracket, the last line with text before the parser noticed."""
    lines = text.split("\n")
    line = int(found[1]) if found and found[1] else len(lines)
    if found and (not found[1] or complaint.startswith("Unclosed")):
        before = lines[: line - 1] if found[1] else lines
        return max((at for at, one in enumerate(before, 1) if _is_content(one)), default=1)
    return line


def _is_content(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _advised(complaint: str) -> str:
    advice = next((text for begin, text in _ADVICE.items() if complaint.startswith(begin)), "")
    return f"{complaint}; {advice}" if advice else complaint


def _data(file: File) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(LARGEST + 1)
    except OSError as error:
        raise _refused(file, "file", f"cannot be read: {(error.strerror or str(error)).lower()}") from None


def _text(file: File, data: bytes) -> str:
    if len(data) > LARGEST:
        raise _refused(file, "file", f"is larger than {LARGEST >> 20} MiB; is it a config file?")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _refused(file, "syntax", "is not UTF-8 text, as TOML requires", line) from None
    return text.replace("\r\n", "\n")


def _refused(file: File, key: str, text: str, line: int = 1) -> ConfigError:
    return ConfigError([Problem(str(file), line, key, text)])
