"""Keeping secrets off every screen, log, export and error.

What ``${…}`` brought into the config is a secret. A string that contains one is a
:class:`Secretive`: for the wire it is the real text, and it carries the text that may be shown.
Where a secret comes back in foreign text (a server that echoes a header, an error that quotes a
URL), a :class:`Redactor` takes it out again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Self

MASK = "•••"

_PASSWORD = re.compile(r"(?<=://)([^/?#@\s]*?):([^/?#\s]*)@")
_SHORTEST = 4
"""Shorter secrets are not hunted in foreign text: an "80" would black out half the screen."""


class Secretive(str):
    """Text with a secret in it; ``shown`` is what may be seen of it, and its ``repr``."""

    __slots__ = ("shown",)
    shown: str

    def __new__(cls, text: str, shown: str) -> Self:
        self = super().__new__(cls, text)
        self.shown = shown
        return self

    def __repr__(self) -> str:
        return repr(self.shown)


def shown(text: str) -> str:
    """``text`` as it may be seen."""
    return text.shown if isinstance(text, Secretive) else text


def without_password(url: str) -> str:
    """``url`` with the password of its user part masked."""
    return _PASSWORD.sub(rf"\1:{MASK}@", url)


class Redactor:
    """Masks known secrets wherever they turn up in text.

    Built once per loaded config from every value that ``${…}`` brought in. With no secrets it
    costs nothing.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        worth = sorted({s for s in secrets if len(s) >= _SHORTEST}, key=len, reverse=True)
        # A look-ahead, for secrets that overlap: the longest at each place, and every place.
        self._pattern = re.compile(f"(?=({'|'.join(map(re.escape, worth))}))") if worth else None

    def __call__(self, text: str) -> str:
        if self._pattern is None:
            return text
        parts, shown_until = [], 0
        for start, end in _merged(found.span(1) for found in self._pattern.finditer(text)):
            parts += [text[shown_until:start], MASK]
            shown_until = end
        return "".join((*parts, text[shown_until:]))

    def __bool__(self) -> bool:
        return self._pattern is not None


def _merged(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """``spans``, in the order of their beginnings, with those that overlap made one."""
    start = end = 0
    for begins, ends in spans:
        if begins >= end:
            if end:
                yield start, end
            start = begins
        end = max(end, ends)
    if end:
        yield start, end
