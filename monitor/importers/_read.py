"""Files of other tools: read within bounds, and parsed as JSON, YAML or XML."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO
from xml.parsers import expat

from monitor.errors import UsageError
from monitor.importers._secrets import BEGIN, END
from monitor.text import plain

LARGEST = 64 << 20
"""Limit of a file in bytes."""
LARGEST_YAML = 8 << 20
"""Limit of a YAML file in bytes: parsing takes much longer."""
DEEPEST = 100
"""Limit of the depth of nested tables and lists."""
MOST = 1_000_000
"""Limit of values in one document; values that aliases repeat count each time."""

_UNFIT = re.compile(f"[{BEGIN}{END}\ud800-\udfff]")


class Table(dict[str, Any]):
    """A table, and the line that it begins on."""

    line = 0


STDIN = "-"
"""The file name that stands for standard input."""


def read_bytes(file: Path, largest: int = LARGEST) -> bytes:
    """The contents of ``file``. UsageError where it cannot be read, or is longer than ``largest``."""
    try:
        with opened(file) as stream:
            data = stream.read(largest + 1)
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {(error.strerror or str(error)).lower()}") from None
    if len(data) > largest:
        raise UsageError(f"{file} is larger than {largest >> 20} MiB; is it the right file?")
    if data[:2] == b"\x1f\x8b":
        raise UsageError(f"{file} is compressed; decompress it first (gunzip)")
    return data


def opened(file: Path) -> AbstractContextManager[BinaryIO]:
    """``file`` to read, or standard input. OSError if it cannot be opened."""
    return nullcontext(sys.stdin.buffer) if str(file) == STDIN else file.open("rb")


def read_text(file: Path, largest: int = LARGEST) -> str:
    """The contents of ``file`` as text."""
    return as_unicode(read_bytes(file, largest), file)


def as_unicode(data: bytes, file: Path) -> str:
    """The text in ``data``, which is of ``file``. UsageError if it is neither UTF-8 nor UTF-16."""
    try:
        return data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{file} is not UTF-8 text") from None


def read_json(file: Path) -> Any:
    return parse_json(read_text(file), str(file))


def parse_json(text: str, said: str) -> Any:
    """The document in ``text``, bounded. UsageError, which calls it ``said``."""
    try:
        return bounded(json.loads(text), said)
    except RecursionError:
        raise UsageError(f"{said} is nested too deep") from None
    except ValueError as error:
        raise UsageError(f"{said} is not JSON: {error}") from None


def read_yaml(file: Path) -> Any:
    """The document in ``file``; its tables know their lines."""
    from monitor.importers._yaml import parse_yaml

    return parse_yaml(read_text(file, LARGEST_YAML), str(file))


def bounded(value: Any, said: str) -> Any:
    """``value`` with clean texts; UsageError where it is too deep or too much."""
    budget = [MOST]

    def walk(one: Any, depth: int) -> Any:
        budget[0] -= 1
        if budget[0] < 0:
            raise UsageError(f"{said} holds more than {MOST:,} values")
        if depth > DEEPEST:
            raise UsageError(f"{said} is nested too deep")
        if isinstance(one, dict):
            return Table((clean(str(key)), walk(item, depth + 1)) for key, item in one.items())
        if isinstance(one, list):
            return [walk(item, depth + 1) for item in one]
        return clean(one) if isinstance(one, str) else one

    return walk(value, 0)


def clean(text: str) -> str:
    """``text`` without characters that TOML forbids, and without the markers that we use ourselves."""
    return _UNFIT.sub("\ufffd", text)


def as_table(document: Any, file: Path, wanted: str) -> Table:
    """``document`` if it is a table; UsageError, which names the format ``wanted``."""
    if not isinstance(document, Table):
        kind = "empty" if document is None else f"not {wanted}"
        raise UsageError(f"{plain(str(file))} is {kind}")
    return document


@dataclass
class Element:
    """The beginning of an element: how deep it stands, and the text directly in it."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    depth: int = 0
    text: str = ""


def parse_xml(data: bytes, said: str) -> list[Element]:
    """Every element in the order in which they begin. UsageError, which calls the file ``said``.

    For sitemaps and OPML, within bounds: expat does not recurse, and entities of the file's own are refused.
    """
    reader = _XmlReader(said)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = reader.begin
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.characters
    parser.EntityDeclHandler = reader.refuse_entity
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise UsageError(f"{said}:{error.lineno}: not XML: {expat.errors.messages[error.code]}") from None
    except (LookupError, ValueError) as error:  # an encoding that Python does not know
        raise UsageError(f"{said}: not XML: {error}") from None
    return reader.found


def local_name(name: str) -> str:
    """``loc`` of ``sm:loc``."""
    return name.rpartition(":")[2].lower()


class _XmlReader:
    def __init__(self, said: str) -> None:
        self.found: list[Element] = []
        self._open: list[Element] = []
        self._said = said

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) >= DEEPEST:
            raise UsageError(f"{self._said} is nested too deep")
        if len(self.found) >= MOST:
            raise UsageError(f"{self._said} holds more than {MOST:,} elements")
        held = {local_name(key): clean(value) for key, value in attributes.items()}
        element = Element(local_name(name), held, len(self._open))
        self.found.append(element)
        self._open.append(element)

    def end(self, _name: str) -> None:
        self._open.pop()

    def characters(self, text: str) -> None:
        if self._open:
            self._open[-1].text += clean(text)

    def refuse_entity(self, *_declaration: Any) -> None:
        raise UsageError(
            f"{self._said} declares entities of its own, which no sitemap needs; it was not read"
        )


def texts_of(found: list[Element], name: str) -> Iterator[str]:
    """The text of each element of that name."""
    return (element.text.strip() for element in found if element.name == name and element.text.strip())
