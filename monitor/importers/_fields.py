"""Another tool's settings, read one by one: settings that were never read are noted at the end."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from monitor.importers._secrets import RANDOM, is_secret_name
from monitor.syntax.duration import parse_duration

Note = Callable[[str, str], None]
"""Takes a setting's name and a note on how it was handled."""

_GO_PART = re.compile(r"([0-9]*\.?[0-9]+)(ns|us|µs|ms|[smhdwy])")
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_SECONDS |= {"d": 86400.0, "w": 604800.0, "y": 365 * 86400.0}
_PLAIN = re.compile(r"[\w .,:/-]{0,60}")
"""Text without JSON, and without an account or parameters of a URL, which may hold a secret."""


class Fields:
    """One table of settings. A value of the wrong type is noted and treated as missing."""

    def __init__(self, table: Mapping[str, Any], note: Note, path: str = "") -> None:
        self.all = table
        self._note, self._path = note, path
        self._read: set[str] = set()
        self._below: list[Fields] = []

    @property
    def line(self) -> int:
        return int(getattr(self.all, "line", 0))

    def note(self, key: str, text: str) -> None:
        self._note(self._at(key), text)

    def _at(self, key: str) -> str:
        return ".".join(part for part in (self._path, key) if part)

    def raw(self, key: str) -> Any:
        """The parsed value; None if there is none."""
        self._read.add(key)
        return self.all.get(key)

    def has(self, key: str) -> bool:
        return self.all.get(key) is not None

    def _wrong(self, key: str, wanted: str) -> None:
        self.note(key, f"is not {wanted}; it was left out")

    def text(self, key: str, default: str = "") -> str:
        """A text; numbers and truth values are converted to text."""
        value = self.raw(key)
        said = as_text(value)
        if said is None:
            if value is not None:
                self._wrong(key, "a text")
            return default
        return said

    def flag(self, key: str, default: bool = False) -> bool:
        value = self.raw(key)
        if value is None:
            return default
        known = {"true": True, "false": False, "1": True, "0": False, "": default}
        said = (as_text(value) or "?").lower() if value != "" else ""
        if said not in known:
            self._wrong(key, "true or false")
        return known.get(said, default)

    def number(self, key: str) -> float | None:
        value = self.raw(key)
        try:
            number = None if value is None or value == "" else float(as_text(value) or "?")
        except (ValueError, OverflowError):
            self._wrong(key, "a number")
            return None
        if number is not None and not abs(number) <= 1e15:  # nan as well
            self._wrong(key, "a number of a sensible size")
            return None
        return number

    def count(self, key: str) -> int | None:
        number = self.number(key)
        return None if number is None else int(number)

    def seconds(self, key: str) -> float | None:
        """A duration as Go writes it, ``1h30m``; a bare number is seconds."""
        value = self.raw(key)
        if value is None or value == "":
            return None
        seconds = go_seconds(as_text(value) or "?")
        if seconds is None:
            self._wrong(key, 'a duration such as "30s"')
        return seconds

    def texts(self, key: str) -> list[str]:
        """A list of texts, or a single one."""
        value = self.raw(key)
        found = [as_text(item) for item in (value if isinstance(value, list) else [value])]
        if value is not None and None in found:
            self._wrong(key, "a list of texts")
        return [item for item in found if item is not None]

    def pairs(self, key: str) -> dict[str, str]:
        """A table of texts."""
        return {
            name: said for name, item in self.below(key).all.items() if (said := self._pair(key, name, item))
        }

    def _pair(self, key: str, name: str, item: Any) -> str | None:
        said = as_text(item)
        if said is None and item is not None:
            self._wrong(f"{key}.{name}", "a text")
        return said

    def below(self, key: str, *, rest: bool = False) -> Fields:
        """The table ``key``; empty if it is missing. ``rest``: note its unread settings."""
        value = self.raw(key)
        if value is not None and not isinstance(value, Mapping):
            self._wrong(key, "a table")
        made = Fields(value if isinstance(value, Mapping) else {}, self._note, self._at(key))
        if rest:
            self._below.append(made)
        return made

    def tables(self, key: str) -> list[Fields]:
        """A list of tables; the caller notes the unread settings of each."""
        value = self.raw(key)
        items = value if isinstance(value, list) else [] if value is None else [value]
        made = []
        for at, item in enumerate(items):
            if isinstance(item, Mapping):
                made.append(Fields(item, self._note, f"{self._at(key)}[{at}]"))
            else:
                self._wrong(f"{key}[{at}]", "a table")
        return made

    def skip(self, *keys: str) -> None:
        """Treat settings as read that do not concern the checks."""
        self._read.update(keys)

    def lose(self, reason: str, *keys: str) -> None:
        """Note those of ``keys`` that are set as dropped, with the reason."""
        for key in keys:
            if _is_set(self.raw(key)):
                self.note(key, reason)

    def leftovers(self) -> None:
        """Note everything that is set and was not read."""
        for key, value in self.all.items():
            if key not in self._read and _is_set(value):
                self.note(str(key), f"has no counterpart{_shown(str(key), value)}")
        for below in self._below:
            below.leftovers()


def _is_set(value: Any) -> bool:
    return value not in (None, "", False, [], {})


def _shown(key: str, value: Any) -> str:
    """A short value of plain words, if it is no secret."""
    said = as_text(value)
    if said is None or is_secret_name(key) or not _PLAIN.fullmatch(said) or RANDOM.search(said):
        return ""
    return f" (was {said})"


def as_text(value: Any) -> str | None:
    """A scalar as it was written; None for everything else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, int) and abs(value) >= 1 << 64:
        return None
    return str(value) if isinstance(value, str | int | float) else None


def go_seconds(text: str) -> float | None:
    """Seconds of ``1h30m`` or ``30``; None if it is no duration, negative or far too long."""
    said = text.strip()
    try:
        seconds = sum(float(number) * _SECONDS[unit] for number, unit in _GO_PART.findall(said))
        if _GO_PART.sub("", said) or not said:
            seconds = float(said)
        return parse_duration(seconds)
    except (ValueError, OverflowError):
        return None


def listed(items: Iterable[str], most: int = 5) -> str:
    """``a, b and 3 more``."""
    names = list(items)
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
