"""Command lines split into words without a shell. Pure."""

from __future__ import annotations

import re
import shlex

from monitor.redact import Secretive, shown

_SECRET = re.compile("\0")


def words(text: str, prefix: str = "") -> list[str]:
    """The words of ``text`` behind ``prefix``, split as a shell splits them.

    The value of a ``${…}`` stays in one word, whatever blanks, quotes or backslashes it has; only one that
    brings in the ``prefix`` too is a whole command line. Raises ValueError if a quote is left open.
    """
    written, secrets = _parted(text)
    if not written.lower().startswith(prefix):
        return shlex.split(text[len(prefix) :])
    values = iter(secrets)
    return [_SECRET.sub(lambda _: next(values), word) for word in shlex.split(written[len(prefix) :])]


def joined(text: str, prefix: str) -> str:
    """``text`` with its words quoted, for a reader that does not know which parts came from a ``${…}``."""
    if not isinstance(text, Secretive):
        return text
    return Secretive(prefix + shlex.join(words(text, prefix)), shown(text))


def _parted(text: str) -> tuple[str, list[str]]:
    """``text`` with a NUL for each secret, and the secrets."""
    if not isinstance(text, Secretive) or not text.pieces:
        return text.replace("\0", " "), []
    written = ["\0" if piece.is_secret else piece.text.replace("\0", " ") for piece in text.pieces]
    return "".join(written), [piece.text for piece in text.pieces if piece.is_secret]
