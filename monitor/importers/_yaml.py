"""YAML into tables, lists, texts, numbers and truth values, within bounds.

PyYAML's parser gives the events; we build the values ourselves, because its constructors recurse,
expand aliases and merge keys without limit, and read ``23:00`` as a number (YAML 1.1). Scalars are read
as in YAML 1.2's core schema.
"""

from __future__ import annotations

import re
from typing import Any

from monitor.errors import UsageError
from monitor.importers._read import DEEPEST, MOST, Table, clean
from monitor.text import plain

_TRUTH = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NULL = {"", "~", "null", "Null", "NULL"}
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_BASED = re.compile(r"0o[0-7]{1,20}|0x[0-9a-fA-F]{1,15}")
_FLOAT = re.compile(r"[-+]?([0-9]{1,17}\.[0-9]{0,17}|\.[0-9]{1,17}|[1-9][0-9]{0,16})([eE][-+]?[0-9]{1,3})?")
_TEXT_TAGS = {"tag:yaml.org,2002:str", "tag:yaml.org,2002:binary", "!"}


def parse_yaml(text: str, said: str) -> Any:
    """The document in ``text``. UsageError, which calls it ``said``, if it is invalid."""
    try:
        import yaml
    except ImportError:
        raise UsageError(
            "reading YAML needs the extra 'import', which is not installed: pip install 'monitor[import]'"
        ) from None
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    builder = _Builder(said)
    try:
        for event in yaml.parse(text, Loader=loader):
            builder.take(event)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f":{mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or str(error)
        raise UsageError(f"{said}{where}: not YAML: {plain(str(problem))}") from None
    return builder.document


class _Builder:
    """Builds a document from events, with a stack of its own."""

    def __init__(self, said: str) -> None:
        self.document: Any = None
        self._said = said
        self._documents = 0
        self._open: list[tuple[Any, str | None]] = []
        """The collection under construction: the value, and its anchor."""
        self._keys: list[Any] = []
        """For each collection the key whose value comes next; ``_NO_KEY`` if a key comes next."""
        self._anchors: dict[str, tuple[Any, int]] = {}
        """Anchor -> its value, and the number of values in it."""
        self._starts: list[int] = []
        self._count = 0

    def take(self, event: Any) -> None:
        handler = getattr(self, f"_{type(event).__name__}", None)
        if handler is not None:
            handler(event)

    def _fail(self, why: str, event: Any) -> None:
        raise UsageError(f"{self._said}:{event.start_mark.line + 1}: {why}")

    def _DocumentStartEvent(self, event: Any) -> None:  # noqa: N802 -- named after the event
        self._documents += 1
        if self._documents > 1:
            self._fail("holds several documents; split it", event)

    def _ScalarEvent(self, event: Any) -> None:  # noqa: N802
        value = _scalar(event)
        self._note_anchor(event.anchor, value, 1)
        self._spend(1, event)
        self._put(value, event)

    def _AliasEvent(self, event: Any) -> None:  # noqa: N802
        if event.anchor not in self._anchors:
            self._fail(f"the alias *{plain(event.anchor)} stands before or within what it repeats", event)
        value, size = self._anchors[event.anchor]
        self._spend(size, event)
        self._put(value, event)

    def _MappingStartEvent(self, event: Any) -> None:  # noqa: N802
        table = Table()
        table.line = event.start_mark.line + 1
        self._begin(table, event)

    def _SequenceStartEvent(self, event: Any) -> None:  # noqa: N802
        self._begin([], event)

    def _begin(self, value: Any, event: Any) -> None:
        if len(self._open) >= DEEPEST:
            self._fail("is nested too deep", event)
        self._spend(1, event)
        self._open.append((value, event.anchor))
        self._keys.append(_NO_KEY)
        self._starts.append(self._count)

    def _MappingEndEvent(self, event: Any) -> None:  # noqa: N802
        value, anchor = self._open.pop()
        self._keys.pop()
        size = self._count - self._starts.pop() + 1
        if isinstance(value, Table):
            self._merge(value, event)
        self._note_anchor(anchor, value, size)
        self._put(value, event)

    _SequenceEndEvent = _MappingEndEvent

    def _note_anchor(self, anchor: str | None, value: Any, size: int) -> None:
        if anchor is not None:
            self._anchors[anchor] = (value, size)

    def _spend(self, size: int, event: Any) -> None:
        self._count += size
        if self._count > MOST:
            self._fail(f"holds more than {MOST:,} values (aliases counted each time)", event)

    def _put(self, value: Any, event: Any) -> None:
        if not self._open:
            self.document = value
            return
        into, key = self._open[-1][0], self._keys[-1]
        if isinstance(into, list):
            into.append(value)
        elif key is _NO_KEY:
            self._keys[-1] = self._key(value, event)
        else:
            if key in into and key != "<<":
                self._fail(f"the key {plain(key)!r} is there twice", event)
            into[key] = value
            self._keys[-1] = _NO_KEY

    def _key(self, value: Any, event: Any) -> str:
        if isinstance(value, dict | list):
            self._fail("has a table or a list as a key", event)
        return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)

    def _merge(self, table: Table, event: Any) -> None:
        """Merge by ``<<: *other``; keys of the table itself take precedence."""
        merged = table.pop("<<", None)
        for other in merged if isinstance(merged, list) else [merged]:
            if isinstance(other, dict):
                self._spend(len(other), event)
                for key, value in other.items():
                    table.setdefault(key, value)


_NO_KEY: Any = object()


def _scalar(event: Any) -> Any:
    text = clean(event.value)
    plain_one = event.implicit[0] and event.style in (None, "")
    if not plain_one or event.tag in _TEXT_TAGS:
        return text
    if text in _NULL:
        return None
    if text in _TRUTH:
        return _TRUTH[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _BASED.fullmatch(text):
        return int(text, 0)
    return float(text) if _FLOAT.fullmatch(text) else text
