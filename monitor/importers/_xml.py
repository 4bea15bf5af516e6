"""Sitemaps and OPML, within bounds: expat, which does not recurse, and no entities of the file's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from monitor.errors import UsageError
from monitor.importers._read import DEEPEST, MOST, clean


@dataclass
class Element:
    """The beginning of an element: how deep it stands, and the text directly in it."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    depth: int = 0
    text: str = ""


def elements(data: bytes, said: str) -> list[Element]:
    """Every element in the order in which they begin. UsageError, which calls the file ``said``."""
    reader = _Reader(said)
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


def local(name: str) -> str:
    """``loc`` of ``sm:loc``."""
    return name.rpartition(":")[2].lower()


class _Reader:
    def __init__(self, said: str) -> None:
        self.found: list[Element] = []
        self._open: list[Element] = []
        self._said = said

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) >= DEEPEST:
            raise UsageError(f"{self._said} is nested too deep")
        if len(self.found) >= MOST:
            raise UsageError(f"{self._said} holds more than {MOST:,} elements")
        held = {local(key): clean(value) for key, value in attributes.items()}
        element = Element(local(name), held, len(self._open))
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


def texts(found: list[Element], name: str) -> Iterator[str]:
    """The text of each element of that name."""
    return (element.text.strip() for element in found if element.name == name and element.text.strip())
