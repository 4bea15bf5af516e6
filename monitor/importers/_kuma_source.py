"""Read Uptime Kuma's monitors from its backup (JSON), its database (SQLite) or a dump (MariaDB) in one shape.

The names of settings differ between the two, and between versions: ``retry_interval`` and
``retryInterval``. Here they have neither dashes nor capitals: ``retryinterval``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from monitor.errors import UsageError
from monitor.importers._kuma_dump import Dump
from monitor.importers._read import Table, as_table, bounded, parse_json, read_text
from monitor.text import plain

_MOST_ROWS = 50_000
_LONGEST_VALUE = 16 << 20
_STEPS = 50_000_000
"""Limit of SQLite's instructions for one query."""
_MAGIC = b"SQLite format 3\0"
_IN_WAL_MODE = b"\2\2"
_DUMPS = ("-- MariaDB dump", "-- MySQL dump", "/*M!", "/*!", "-- mysqldump", "DROP TABLE", "CREATE TABLE")

_READ = {"version", "monitorList", "notificationList", "proxyList", "maintenanceList"}
_UNREAD = {
    "statuspage": "status pages are not carried over; [monitor] listen has one of all endpoints",
    "incident": "announcements on status pages are not carried over",
    "apikey": "keys of the API are not carried over; [monitor] tokens says who may read",
    "dockerhost": "containers are not checked",
    "remotebrowser": "pages are not opened in a browser",
}
"""Tables and lists that are not converted, but noted."""

Row = dict[str, Any]


@dataclass
class Source:
    """Rows by table, with ids as texts."""

    monitors: list[Row] = field(default_factory=list)
    notifications: list[Row] = field(default_factory=list)
    proxies: list[Row] = field(default_factory=list)
    maintenance: list[Row] = field(default_factory=list)
    tags: list[Row] = field(default_factory=list)
    """Tags of monitors: ``monitorid``, ``name`` and ``value``."""
    sent_to: list[tuple[str, str]] = field(default_factory=list)
    """Pairs of a monitor and a notification."""
    maintained: list[tuple[str, str]] = field(default_factory=list)
    """Pairs of a monitor and a maintenance."""
    left: dict[str, str] = field(default_factory=dict)
    """Parts of the source that are not read -> the reason."""


def read_source(file: Path) -> Source:
    """The contents of ``file``. UsageError, which names the valid formats, if it is neither."""
    if _is_database(file):
        return _from_database(file)
    text = read_text(file)
    start = text[:200]
    if start.lstrip().startswith(_DUMPS):
        return _from_dump(text, file)
    return _from_backup(text, file)


def _is_database(file: Path) -> bool:
    """Whether ``file`` is an SQLite database; a stream cannot be one, as it cannot be read at random."""
    if not file.is_file():
        return False
    try:
        with file.open("rb") as opened:
            return opened.read(len(_MAGIC)) == _MAGIC
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {(error.strerror or str(error)).lower()}") from None


def normal(row: Mapping[str, Any]) -> Row:
    """A row with its names normalised."""
    return {key.replace("_", "").replace("-", "").lower(): value for key, value in row.items()}


def by_second(links: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """The first of each pair, by the second."""
    found: dict[str, list[str]] = {}
    for one, other in links:
        found.setdefault(other, []).append(one)
    return found


def listed(value: Any, said: str) -> Any:
    """JSON inside a text; other values as they are."""
    if not isinstance(value, str) or not value.strip():
        return value or None
    try:
        return parse_json(value, said)
    except UsageError:
        return None


# ── the backup ──────────────────────────────────────────────────────────────────────────────────


def _from_backup(text: str, file: Path) -> Source:
    document = as_table(parse_json(text, str(file)), file, "a backup of Uptime Kuma")
    if not isinstance(document.get("monitorList"), list | dict):
        raise UsageError(f"{file} has no monitorList; is it a backup of Uptime Kuma?")
    source = Source(
        monitors=_rows(document, "monitorList"),
        notifications=_rows(document, "notificationList"),
        proxies=_rows(document, "proxyList"),
        maintenance=_rows(document, "maintenanceList"),
    )
    for key in document.keys() - _READ:
        if document[key]:
            source.left[key] = _UNREAD.get(key.removesuffix("List").lower(), "has no counterpart")
    for monitor in source.monitors:
        one = str(monitor.get("id"))
        ids = monitor.pop("notificationidlist", None)
        source.sent_to += [(one, str(name)) for name, on in _pairs(ids) if on]
        tags = monitor.pop("tags", None)
        source.tags += [{**normal(tag), "monitorid": one} for tag in _list(tags) if isinstance(tag, dict)]
    for window in source.maintenance:
        among = window.pop("monitors", None) or window.pop("monitorlist", None)
        ids = [one.get("id") if isinstance(one, dict) else one for one in _list(among)]
        source.maintained += [(str(one), str(window.get("id"))) for one in ids]
    return source


def _rows(document: Table, key: str) -> list[Row]:
    return [normal(row) for row in _list(document.get(key)) if isinstance(row, dict)]


def _list(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _pairs(value: Any) -> list[tuple[Any, Any]]:
    return list(value.items()) if isinstance(value, dict) else [(one, True) for one in _list(value)]


# ── the database ────────────────────────────────────────────────────────────────────────────────


def _from_database(file: Path) -> Source:
    with _opened(file) as database:
        return _from_tables(lambda table: _select(database, table, file))


def _from_tables(rows: Callable[[str], list[Row]]) -> Source:
    """Read the source from a database; ``rows`` returns a table's rows."""
    source = Source(
        monitors=rows("monitor"),
        notifications=rows("notification"),
        proxies=rows("proxy"),
        maintenance=rows("maintenance"),
        sent_to=_links(rows("monitor_notification"), "notificationid"),
        maintained=_links(rows("monitor_maintenance"), "maintenanceid"),
    )
    for table in ("status_page", "incident", "api_key", "docker_host", "remote_browser"):
        if rows(table):
            source.left[table] = _UNREAD[table.replace("_", "")]
    names = {row.get("id"): row.get("name") for row in rows("tag")}
    for row in rows("monitor_tag"):
        source.tags.append(
            {**row, "monitorid": str(row.get("monitorid")), "name": names.get(row.get("tagid"))}
        )
    return source


def _from_dump(text: str, file: Path) -> Source:
    dump = Dump(text, str(file), _MOST_ROWS)
    if "monitor" not in dump:
        raise UsageError(f"{file} has no table of monitors; is it a dump of Uptime Kuma's database?")
    return _from_tables(lambda table: [normal(row) for row in bounded(dump.rows(table), str(file))])


def _log_of(file: Path) -> Path:
    return file.with_name(f"{file.name}-wal")


def _is_at_rest(file: Path) -> bool:
    """Whether the database is in WAL mode without a log: normal reading would leave files beside it."""
    with file.open("rb") as opened:
        versions = opened.read(20)[18:]
    return versions == _IN_WAL_MODE and not _log_of(file).exists()


@contextmanager
def _opened(file: Path) -> Iterator[sqlite3.Connection]:
    """Open the database for reading only. Its errors become UsageErrors."""
    mode = "immutable=1" if _is_at_rest(file) else "mode=ro"
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?{mode}", uri=True)) as database:
            database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
            database.text_factory = lambda data: data.decode(errors="replace")
            database.execute("PRAGMA trusted_schema = OFF")
            yield database
    except (sqlite3.Error, ValueError, OverflowError, MemoryError) as error:
        raise UsageError(f"{file} cannot be read as a database of SQLite: {plain(str(error))}") from None


def _select(database: sqlite3.Connection, table: str, file: Path) -> list[Row]:
    """Every row of a table, in the order of their ids; empty if the table does not exist."""
    known = database.execute("SELECT type FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    if known is None and table == "monitor":
        log = f" (and is {_log_of(file).name} beside it?)" if _is_at_rest(file) else ""
        raise UsageError(f"{file} has no table of monitors; is it Uptime Kuma's kuma.db?{log}")
    if known is None or known[0] != "table":
        return []
    steps = iter(range(_STEPS // 1000))
    database.set_progress_handler(lambda: int(next(steps, None) is None), 1000)
    cursor = database.execute(f'SELECT * FROM "{table}" LIMIT {_MOST_ROWS + 1}')  # noqa: S608 -- our own names
    names = [column[0] for column in cursor.description]
    rows = [dict(zip(names, row, strict=True)) for row in cursor]
    if len(rows) > _MOST_ROWS:
        raise UsageError(f"{file} has more than {_MOST_ROWS:,} rows in the table {table}")
    return [normal(row) for row in bounded(rows, str(file))]


def _links(rows: Iterable[Row], other: str) -> list[tuple[str, str]]:
    return [(str(row.get("monitorid")), str(row.get(other))) for row in rows]
