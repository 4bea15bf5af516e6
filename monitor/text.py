"""Makes foreign text fit for a terminal. Pure.

Text from a server or a config may hold escape sequences, bidirectional overrides and broken
characters. Nothing of that may reach a screen; a visible sign replaces it.
"""

from __future__ import annotations

import re

LINE_LIMIT = 200
"""Characters of foreign text on one line, by default."""

# C0 and C1 controls (space-like ones are handled before), bidirectional formatting, zero-width and
# line/paragraph separators, byte order mark, interlinear marks, lone surrogates, tag characters.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_BLANKS = re.compile(r"[ \t\r\n\v\f\x85\u2028\u2029]+")
_NEWLINE = re.compile(r"\r\n?|\n")


def _sign(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else "�"


def plain(text: str, limit: int = LINE_LIMIT) -> str:
    """``text`` on one line with nothing in it that a terminal would obey, ``…`` where it was cut.

    Runs of blanks and newlines become one space; other controls become their visible signs
    (``␛``). At most ``limit`` characters.
    """
    # Cutting first keeps the cost bounded; blanks may shrink it further, which does no harm.
    if not (text.isascii() and text.isprintable()) or "  " in text:
        text = _clean(text[: limit * 8])
    return text if len(text) <= limit else text[: max(limit - 1, 0)] + "…"


def _clean(text: str) -> str:
    return _UNSAFE.sub(_sign, _BLANKS.sub(" ", text).strip())


def escaped(text: str) -> str:
    """``text`` with a TOML string's ``\\u…`` for everything that must not reach a terminal."""
    return _UNSAFE.sub(lambda found: f"\\U{ord(found[0]):08x}", text)


def plain_lines(text: str, limit: int = 4096, width: int = 2000) -> str:
    """As :func:`plain` for text of several lines: they stay apart, each at most ``width`` long."""
    if len(text) <= min(limit, width) and text.isascii() and text.replace("\n", "").isprintable():
        return text  # nearly every answer of nearly every check
    cut = text[:limit]
    lines = [plain_line(line, width) for line in _NEWLINE.split(cut)]
    return "\n".join(lines) + ("…" if len(text) > limit else "")


def plain_line(line: str, limit: int = LINE_LIMIT) -> str:
    """As :func:`plain`, but indentation and runs of blanks stay; a tab becomes blanks."""
    clean = _UNSAFE.sub(_sign, line[: limit + 1].expandtabs(4))
    return clean if len(clean) <= limit else clean[: max(limit - 1, 0)] + "…"


def decode(body: bytes, codec: str | None = None) -> str:
    """``body`` as text, in UTF-8 or ``codec``, one of those that :mod:`monitor.wire.charset` names.

    Never raises: bytes that cannot be decoded become ``�``.
    """
    return body.decode(codec or "utf-8", "replace").removeprefix("\ufeff")
