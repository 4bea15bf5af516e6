"""Foreign text made fit for a terminal. Pure.

What a server or a config says may hold escape sequences, bidirectional overrides and broken
characters. Nothing of that may reach a screen; what stood there stays visible as a sign.
"""

from __future__ import annotations

import codecs
import re

LINE_LIMIT = 200
"""Characters of foreign text on one line, unless told otherwise."""

# C0 and C1 controls (space-like ones are handled before), bidirectional formatting, zero-width and
# line/paragraph separators, byte order mark, interlinear marks, lone surrogates, tag characters.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_BLANKS = re.compile(r"[ \t\r\n\v\f]+")
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
    # Cutting first keeps the cost bounded; blanks may shrink it further, which is no harm.
    text = text if text.isascii() and text.isprintable() else _clean(text[: limit * 8])
    return text if len(text) <= limit else text[: max(limit - 1, 0)] + "…"


def _clean(text: str) -> str:
    return _UNSAFE.sub(_sign, _BLANKS.sub(" ", text).strip())


def plain_lines(text: str, limit: int = 4096, width: int = 2000) -> str:
    """As :func:`plain` for text of several lines: they stay apart, each at most ``width`` long."""
    cut = text[:limit]
    lines = [plain_line(line, width) for line in _NEWLINE.split(cut)]
    return "\n".join(lines) + ("…" if len(text) > limit else "")


def plain_line(line: str, limit: int = LINE_LIMIT) -> str:
    """As :func:`plain`, but indentation and runs of blanks stay; a tab becomes blanks."""
    clean = _UNSAFE.sub(_sign, line[: limit + 1].expandtabs(4))
    return clean if len(clean) <= limit else clean[: max(limit - 1, 0)] + "…"


def decode(body: bytes, charset: str | None = None) -> str:
    """``body`` as text: as ``charset`` says if that is a text encoding we know, else as UTF-8.

    Never raises: what cannot be decoded becomes ``�``.
    """
    return body.decode(_known(charset), "replace").removeprefix("\ufeff")


def _known(charset: str | None) -> str:
    try:
        found = codecs.lookup(charset or "utf-8")
    except (LookupError, ValueError):  # ValueError: a NUL in the name
        return "utf-8"
    return found.name if found._is_text_encoding and found.name in _ENCODINGS else "utf-8"


_ENCODINGS = frozenset(
    codecs.lookup(name).name
    for name in (
        "ascii utf-8 utf-8-sig utf-16 utf-16-le utf-16-be utf-32 utf-32-le utf-32-be gbk gb2312 gb18030 big5 "
        "big5hkscs shift_jis cp932 euc_jp iso2022_jp euc_kr cp949 johab koi8-r koi8-u cp866 mac_roman tis-620 "
        "iso8859-1 iso8859-2 iso8859-3 iso8859-4 iso8859-5 iso8859-6 iso8859-7 iso8859-8 iso8859-9 iso8859-10 "
        "iso8859-13 iso8859-14 iso8859-15 iso8859-16 cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258"
    ).split()
)
"""Encodings of text on the web; Python's others (idna, punycode …) are not, and some raise regardless."""
