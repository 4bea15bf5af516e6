"""Lists of URLs: text, CSV, a sitemap, a browser's HAR, OPML."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from monitor.errors import UsageError
from monitor.importers._draft import Block, Draft
from monitor.importers._fields import Fields, as_text, listed
from monitor.importers._read import (
    Element,
    Table,
    as_table,
    as_unicode,
    clean,
    parse_json,
    parse_xml,
    read_bytes,
    texts_of,
)

HELP = "URLs: one a line, CSV, a sitemap, HAR or OPML"
WANTED = "a URL: one at the start of a line, in a column url, or where a sitemap, HAR or OPML has it"

MOST = 50_000
"""Limit of endpoints: that of a sitemap's entries."""
_BROWSER = {
    "cookie",
    "user-agent",
    "referer",
    "origin",
    "connection",
    "host",
    "content-length",
    "cache-control",
}
_BROWSER |= {
    "pragma",
    "priority",
    "upgrade-insecure-requests",
    "dnt",
    "te",
    "if-none-match",
    "if-modified-since",
}
_NOT_MODIFIED = 304
_LOCAL = re.compile(r"(?:data|blob|about|filesystem|chrome|(?:chrome|moz|safari-web)-extension):")
"""Requests that a browser answers itself."""
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_LINK = re.compile(rb"<[A-Za-z][A-Za-z0-9+.-]*://")
"""A URL between angle brackets, in a text."""
_JSON = re.compile(rb"\{|\[\s*([\"{\[\]]|$)")
"""A list of texts or tables; ``[2001:db8::1]`` is a host."""
_LABEL = r"[^\W_](?:[\w-]*[^\W_])?"
_LAST_LABEL = r"[^\W\d_][\w-]*[^\W_]"
_PORT = r"(?::[0-9]{1,5})?"
_SIX = r"\[[0-9A-Fa-f:.]+(?:%[\w.-]+)?\]"
_WORD = re.compile(_LABEL)
_HOST = re.compile(rf"(?:{_SIX}|[\w-]+(?:\.[\w-]+)*\.?){_PORT}")
"""A host after a scheme."""
_BARE_HOST = re.compile(rf"(?:{_SIX}|[0-9]+(?:\.[0-9]+){{3}}|(?:{_LABEL}\.)*{_LAST_LABEL}){_PORT}")
"""A host without a scheme: not a word, a number or the end of a sentence."""
_SAFE = {"GET", "HEAD", "OPTIONS"}
_COLUMNS = {
    "name": ("name", "title"),
    "url": ("url", "address", "link", "uri"),
    "group": ("group", "category"),
}


def convert(file: Path, draft: Draft, modules: Path | None) -> None:
    """Fill ``draft`` with an endpoint for each URL."""
    if modules is not None:
        raise UsageError("--modules belongs to 'monitor import prometheus'")
    data = read_bytes(file)  # once: it may be a pipe
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"<") and not _LINK.match(start):
        _from_xml(data, file, draft)
    elif _JSON.match(start):
        _from_har(as_unicode(data, file), file, draft)
    else:
        _from_lines(as_unicode(data, file), draft)


def _add(draft: Draft, url: str, name: str = "", line: int = 0, group: str = "") -> Block | None:
    """An endpoint, unless its URL is there already."""
    url = url.strip()
    place = f"line {line}" if line else _shown(url)
    if not is_address(url):
        draft.top.note(place, f"is no URL: {_shown(url)}" if line else "is no URL")
        return None
    same = _same(url)
    if same in draft.seen:
        draft.top.note(place, "is there twice")
        return None
    if len(draft.endpoints) >= MOST:
        raise UsageError(f"{draft.source} holds more than {MOST:,} URLs")
    draft.seen.add(same)
    block = draft.endpoint(name or _name(url), line)
    block.keys["url"] = draft.secrets.in_url(_with_scheme(url), block.title)
    if group:
        block.keys["group"] = group
    return block


def is_address(text: str) -> bool:
    """Whether ``text`` is a URL or a bare host, perhaps with a port and a path: no word of a sentence."""
    scheme = _SCHEME.match(text)
    host = re.split(r"[/?#]", text[scheme.end() :] if scheme else text, maxsplit=1)[0]
    if scheme:
        return _HOST.fullmatch(host.rpartition("@")[2]) is not None
    return _BARE_HOST.fullmatch(host) is not None


def _shown(text: str) -> str:
    """The beginning of a text, without parts that may be secret."""
    return re.split(r"[?#]", text.rpartition("@")[2])[0][:60]


def _with_scheme(url: str) -> str:
    return url if _SCHEME.match(url) else f"https://{url}"


def _same(url: str) -> str:
    """The URL in a normal form, the same for all of its spellings."""
    scheme, _, rest = _with_scheme(url).partition("://")
    found = re.search(r"[/?#]", rest)
    at = found.start() if found else len(rest)
    return f"{scheme.lower()}://{rest[:at].lower()}{rest[at:] or '/'}"


def _name(url: str) -> str:
    """Host and path, without parts that may be secret."""
    parts = _split(_with_scheme(url))
    return f"{parts[0]}{parts[1].rstrip('/')}" or "unnamed"


def _split(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", ""
    return parts.netloc.rpartition("@")[2], parts.path


# ── text and CSV ────────────────────────────────────────────────────────────────────────────────


def _from_lines(text: str, draft: Draft) -> None:
    text = clean(text)
    head = text.partition("\n")[0]
    columns = _columns(head)
    if columns:
        _from_csv(text, columns, draft)
        return
    for line, whole in enumerate(text.splitlines(), 1):
        said = re.split(r"\s#", whole.strip().lstrip("-* "), maxsplit=1)[0].strip()
        if said and not said.startswith(("#", ";", "//")):
            _from_line(said, line, draft)


def _from_line(said: str, line: int, draft: Draft) -> None:
    """A URL and perhaps its name after it, or several URLs. A single word with more behind it is prose."""
    words = said.split()
    if len(words) > 1 and all(is_address(word) and not _WORD.fullmatch(word) for word in words):
        for word in words:
            _add(draft, word, "", line)
    elif len(words) > 1 and _WORD.fullmatch(words[0]):
        draft.top.note(f"line {line}", f"is no URL: {_shown(said)}")
    else:
        _add(draft, words[0].strip("<>"), " ".join(words[1:]), line)


def _columns(head: str) -> dict[str, str]:
    """Our name of a column -> the file's; empty if the first line is no header with a column for URLs."""
    given = {name.strip().strip('"').lower(): name for name in re.split(r"[,;\t]", head)}
    found = {ours: name for ours, theirs in _COLUMNS.items() for name in theirs if name in given}
    return found if "url" in found else {}


def _from_csv(text: str, columns: Mapping[str, str], draft: Draft) -> None:
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    rows = csv.DictReader(io.StringIO(text), delimiter=delimiter)
    try:
        for at, row in enumerate(rows, 2):
            held = {
                (key or "").strip().lower(): value or ""
                for key, value in row.items()
                if isinstance(value, str)
            }
            _from_row(held, columns, at, draft)
    except csv.Error as error:
        raise UsageError(f"{draft.source}:{rows.line_num}: not CSV: {error}") from None


def _from_row(row: Mapping[str, str], columns: Mapping[str, str], line: int, draft: Draft) -> None:
    held = {ours: row.get(theirs, "").strip() for ours, theirs in columns.items()}
    if not held["url"]:
        draft.top.note(f"line {line}", "has no URL")
        return
    block = _add(draft, held["url"], held.get("name", ""), line, held.get("group", ""))
    others = [name for name, value in row.items() if name not in columns.values() and value]
    if block is not None and others:
        block.note(listed(others), "has no counterpart")


# ── XML: sitemaps and OPML ──────────────────────────────────────────────────────────────────────


def _from_xml(data: bytes, file: Path, draft: Draft) -> None:
    found = parse_xml(data, str(file))
    root = found[0].name if found else ""
    if root == "sitemapindex":
        names = list(texts_of(found, "loc"))
        raise UsageError(
            f"{file} is an index of {len(names)} sitemaps ({listed(names, 3)}); import each of those"
        )
    if root not in ("urlset", "opml"):
        raise UsageError(f"{file} is neither a sitemap nor OPML: it begins with <{root}>")
    if root == "urlset":
        for url in _page_urls(found):
            _add(draft, url)
        if any(element.name in ("priority", "changefreq", "lastmod") for element in found):
            draft.top.note("lastmod, changefreq, priority", "are hints for search engines")
    else:
        _from_outlines(found, draft)


def _page_urls(found: Iterable[Element]) -> list[str]:
    """The URLs of pages, not of the images and videos on them."""
    return [one.text.strip() for one in found if one.name == "loc" and one.depth == 2 and one.text.strip()]


def _from_outlines(found: Iterable[Element], draft: Draft) -> None:
    folders: dict[int, str] = {}
    for element in found:
        held = element.attributes
        if element.name != "outline":
            continue
        title = held.get("title") or held.get("text", "")
        url = held.get("xmlurl") or held.get("htmlurl") or held.get("url")
        folders = {depth: name for depth, name in folders.items() if depth < element.depth}
        if url:
            _add(draft, url, title, group=" / ".join(folders.values()))
        else:
            folders[element.depth] = title


# ── HAR ─────────────────────────────────────────────────────────────────────────────────────────


def _from_har(text: str, file: Path, draft: Draft) -> None:
    document = parse_json(text, str(file))
    if isinstance(document, list):
        for item in document:
            _from_item(item, draft)
        return
    log = as_table(document, file, "a HAR").get("log")
    entries = log.get("entries") if isinstance(log, Table) else None
    if not isinstance(entries, list):
        raise UsageError(f"{file} is neither a HAR (no log.entries) nor a list of URLs")
    seen: Counter[tuple[str, str]] = Counter()
    local: Counter[str] = Counter()
    for at, entry in enumerate(entries):
        if not isinstance(entry, Table):
            draft.top.note(f"log.entries[{at}]", "is not a table")
            continue
        _from_entry(Fields(entry, draft.top.note, f"log.entries[{at}]"), draft, seen, local)
    _count_left_out(seen, local, draft)


def _count_left_out(seen: Counter[tuple[str, str]], local: Counter[str], draft: Draft) -> None:
    """One note for requests that a browser makes a hundred times on a page."""
    repeated = seen.total() - len(seen)
    if repeated:
        draft.top.note("log.entries", f"repeated requests are checked once; {repeated:,} were left out")
    for scheme, count in local.items():
        draft.top.note("log.entries", f"{scheme} asks no server; {count:,} such requests were left out")


def _from_item(item: Any, draft: Draft) -> None:
    """An item of a JSON list: a URL, or a table with one."""
    url = item.get("url") if isinstance(item, Table) else item
    if not isinstance(url, str) or not url.strip():
        draft.top.note(str(as_text(item) or "a value of the list")[:60], "is no URL")
        return
    name = as_text(item.get("name")) if isinstance(item, Table) else ""
    _add(draft, url, name or "")


def _from_entry(entry: Fields, draft: Draft, seen: Counter[tuple[str, str]], local: Counter[str]) -> None:
    request, response = entry.below("request"), entry.below("response")
    method, url = request.text("method", "GET").upper(), request.text("url")
    if not url.startswith(("http://", "https://", "ws://", "wss://")):
        if scheme := _LOCAL.match(url):
            local[scheme[0]] += 1
        else:
            entry.note("request.url", "is no address of a server")
        return
    seen[method, url] += 1
    if seen[method, url] > 1:
        return  # a browser asks for the same thing many times
    if len(draft.endpoints) >= MOST:
        raise UsageError(f"{draft.source} holds more than {MOST:,} requests")
    host, path = _split(url)
    block = draft.endpoint(f"{host}{path.rstrip('/')}" + ("" if method == "GET" else f" {method}"))
    block.keys |= {"url": draft.secrets.in_url(url, block.title), "group": host}
    _ask_as_the_browser(block, request, method, draft)
    _expect_as_answered(block, response.count("status") or 0)


def _ask_as_the_browser(block: Block, request: Fields, method: str, draft: Draft) -> None:
    if method != "GET":
        block.keys["method"] = method
    if method not in _SAFE:
        block.refuse(f"a {method} changes something, and would be sent at every check")
    headers, left = {}, []
    for header in request.tables("headers"):
        name, value = header.text("name"), header.text("value")
        if name.lower() in _BROWSER or name.lower().startswith((":", "sec-", "accept")):
            left.append(name)
        else:
            headers[name] = draft.secrets.in_header(name, value, block.title)
    if headers:
        block.keys["headers"] = headers
    if left:
        block.note("headers", f"of the browser's own: {listed(left, 12)}")
    body = request.below("postData").text("text")
    if body:
        block.keys["body"] = draft.secrets.in_body(body, block.title)


def _expect_as_answered(block: Block, status: int) -> None:
    if status == _NOT_MODIFIED:
        block.note("response.status", "304 came from the browser's cache; a check gets the whole answer")
        return
    if 300 <= status < 400:
        block.keys["follow_redirects"] = False
    if 100 <= status <= 599 and not 200 <= status < 300:
        block.expect("status", status)
    elif not 200 <= status < 300:
        block.note("response.status", "there was no answer when this was recorded")
