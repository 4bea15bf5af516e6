"""The encoding of a body, as browsers find it (WHATWG Encoding and HTML standards). Pure."""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

import webencodings

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_MARKS = tuple(mark for mark, _ in _BOMS)
_PRESCAN = 1024
"""Bytes of an HTML page that may declare its encoding."""
_LABEL = re.compile(r"charset\s*=[\s\"']*([^\s;\"'>]+)", re.IGNORECASE)
_HTML = ("text/html", "application/xhtml+xml")
_COMMENT = re.compile(r"<!--.*?(-->|$)", re.DOTALL)
_META = re.compile(r"<meta[\s/][^>]*", re.IGNORECASE)
_XML = re.compile(r"<\?xml[^>]*?\bencoding\s*=\s*[\"']([^\"']+)[\"']")
_SUPERSETS = {"gbk": "gb18030"}
"""Codecs for which browsers use another one, in addition to those of webencodings."""
_UNUSABLE = ("replacement", "x-user-defined")


def detect(body: bytes, content_type: str = "") -> str:
    """The name of the codec that ``body`` is in.

    The byte order mark decides, then the header ``content_type``, then what an HTML page says of
    itself; else it is UTF-8 where it can be, and windows-1252 where not.
    """
    if body.startswith(_MARKS):
        return next(codec for mark, codec in _BOMS if body.startswith(mark))
    labelled = _of_header(content_type)
    if labelled is not None:
        return labelled
    if body.isascii() and b"\x1b" not in body:  # the rest could not change the result
        return "utf-8"
    if content_type.partition(";")[0].strip().lower() in _HTML and (own := _of_page(body[:_PRESCAN])):
        return own
    return "utf-8" if _is_utf8(body) else "cp1252"


@lru_cache(maxsize=256)
def _of_header(content_type: str) -> str | None:
    found = _LABEL.search(content_type.partition(";")[2])
    return None if found is None else _codec(found[1])


def _codec(label: str) -> str | None:
    """The codec for a label; None for one that browsers do not know."""
    encoding = webencodings.lookup(label)
    if encoding is None or encoding.name in _UNUSABLE:
        return None
    name: str = encoding.codec_info.name
    return _SUPERSETS.get(name, name)


def _of_page(beginning: bytes) -> str | None:
    """The encoding that a page names in a ``<meta>`` or in its XML declaration."""
    text = _COMMENT.sub("", beginning.decode("latin-1"))
    declared = _XML.match(text)
    labels = [found[1] for tag in _META.finditer(text) if (found := _LABEL.search(tag[0]))]
    codec = next(filter(None, map(_codec, labels)), None) or (_codec(declared[1]) if declared else None)
    # The page was read as ASCII so far, so it is no UTF-16.
    return "utf-8" if codec is not None and codec.startswith("utf-16") else codec


def _is_utf8(body: bytes) -> bool:
    """Whether ``body`` is UTF-8; its last character may be cut."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(body)
    except UnicodeDecodeError:
        return False
    return True
