"""The tables of the history file, and how older files become newer ones.

Times are whole milliseconds since the epoch, latencies whole hundredths of a millisecond. Names that
repeat (endpoints, reasons, messages) are stored once and referred to by a number.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Sequence

import msgspec

VERSION = 6
"""Raised with every change of the tables; :data:`MIGRATIONS` then has one step more."""

_TABLES = """
CREATE TABLE endpoints (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  grp TEXT NOT NULL DEFAULT '',
  tags TEXT NOT NULL DEFAULT '[]',
  kind TEXT NOT NULL DEFAULT '',
  target TEXT NOT NULL DEFAULT '',
  interval REAL NOT NULL DEFAULT 30,
  timeout REAL NOT NULL DEFAULT 10,
  slo REAL,
  first_seen INTEGER NOT NULL,
  removed_at INTEGER,
  rolled_until INTEGER NOT NULL DEFAULT 0  -- results before this hour are rolled up and packed
);
CREATE TABLE texts (key INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE, used INTEGER NOT NULL);
CREATE TABLE results (  -- the newest results, one a row
  endpoint INTEGER NOT NULL, at INTEGER NOT NULL, status INTEGER NOT NULL, reason INTEGER,
  latency INTEGER, message INTEGER, PRIMARY KEY (endpoint, at)
) WITHOUT ROWID;
CREATE TABLE packed (  -- older results, an hour of an endpoint a row
  endpoint INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, count INTEGER NOT NULL,
  data BLOB NOT NULL, PRIMARY KEY (endpoint, first)
) WITHOUT ROWID;
CREATE TABLE minutes (  -- an hour of an endpoint a row: sixty summaries
  endpoint INTEGER NOT NULL, start INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (endpoint, start)
) WITHOUT ROWID;
CREATE TABLE hours (  -- a day (UTC) of an endpoint a row: its summary, and those of its hours
  endpoint INTEGER NOT NULL, start INTEGER NOT NULL, total BLOB NOT NULL, data BLOB NOT NULL,
  PRIMARY KEY (endpoint, start)
) WITHOUT ROWID;
CREATE TABLE states (
  endpoint INTEGER NOT NULL, since INTEGER NOT NULL, state TEXT NOT NULL, reason TEXT,
  message TEXT NOT NULL DEFAULT '', PRIMARY KEY (endpoint, since)
) WITHOUT ROWID;
CREATE TABLE availability (
  endpoint INTEGER NOT NULL, at INTEGER NOT NULL, kind TEXT NOT NULL, PRIMARY KEY (endpoint, at)
) WITHOUT ROWID;
CREATE TABLE incidents (
  id TEXT PRIMARY KEY, endpoint INTEGER NOT NULL, began INTEGER NOT NULL, ended INTEGER, data BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX incidents_by_time ON incidents (began);
CREATE TABLE events (
  key INTEGER PRIMARY KEY, at INTEGER NOT NULL, endpoint INTEGER, level TEXT NOT NULL, text TEXT NOT NULL
);
CREATE INDEX events_by_time ON events (at);
CREATE TABLE failures (  -- the first result of each failure, explained
  endpoint INTEGER NOT NULL, at INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (endpoint, at)
) WITHOUT ROWID;
CREATE TABLE certificates (
  endpoint INTEGER NOT NULL, at INTEGER NOT NULL, text TEXT NOT NULL, PRIMARY KEY (endpoint, at, text)
) WITHOUT ROWID;
CREATE TABLE silences (
  id TEXT PRIMARY KEY, began INTEGER NOT NULL, ended INTEGER, ended_by TEXT, data BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE saved (endpoint INTEGER PRIMARY KEY, data BLOB NOT NULL);  -- what a restart goes on from
CREATE TABLE documents (name TEXT PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE outbox (  -- messages to send, and what became of them
  id TEXT PRIMARY KEY, alert TEXT NOT NULL, at INTEGER NOT NULL, state TEXT NOT NULL, data BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX outbox_by_state ON outbox (state, at);
"""

_INCIDENTS_BY_END = """
CREATE INDEX incidents_by_end ON incidents (ended);  -- a start reads the open ones and the newest
"""

# Without rowids, a row of more than a quarter of a page takes another page for its rest: these blobs are a
# little larger, and took four times their size. With rowids, they fill pages in the order in which they come.
_BLOBS_IN_ORDER = """
CREATE TABLE new_packed (  -- older results, an hour of an endpoint a row
  endpoint INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, count INTEGER NOT NULL,
  data BLOB NOT NULL, PRIMARY KEY (endpoint, first)
);
INSERT INTO new_packed SELECT * FROM packed ORDER BY first;
DROP TABLE packed;
ALTER TABLE new_packed RENAME TO packed;
CREATE TABLE new_minutes (  -- an hour of an endpoint a row: sixty summaries
  endpoint INTEGER NOT NULL, start INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (endpoint, start)
);
INSERT INTO new_minutes SELECT * FROM minutes ORDER BY start;
DROP TABLE minutes;
ALTER TABLE new_minutes RENAME TO minutes;
"""

_PHASES = """
ALTER TABLE results ADD COLUMN phases BLOB;
CREATE TABLE minute_phases (  -- an hour of an endpoint a row, as in minutes
  endpoint INTEGER NOT NULL, start INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (endpoint, start)
);
CREATE TABLE hour_phases (  -- a day (UTC) of an endpoint a row, as in hours
  endpoint INTEGER NOT NULL, start INTEGER NOT NULL, total BLOB NOT NULL, data BLOB NOT NULL,
  PRIMARY KEY (endpoint, start)
);
"""

# In the other tables, the results of a location have the negative key in the column ``endpoint``.
_LOCATIONS = """
CREATE TABLE locations (  -- an endpoint as one location of a cluster sees it
  key INTEGER PRIMARY KEY, endpoint INTEGER NOT NULL, name TEXT NOT NULL,
  rolled_until INTEGER NOT NULL, UNIQUE (endpoint, name)
);
CREATE INDEX locations_by_hour ON locations (rolled_until);
"""

_MARKS = """
CREATE TABLE marks (  -- of an endpoint, made and taken away (without data), for replays
  endpoint INTEGER NOT NULL, kind TEXT NOT NULL, at INTEGER NOT NULL, data BLOB,
  PRIMARY KEY (endpoint, kind, at)
) WITHOUT ROWID;
"""

MIGRATIONS: Sequence[str] = (_TABLES, _INCIDENTS_BY_END, _BLOBS_IN_ORDER, _PHASES, _LOCATIONS, _MARKS)
"""Step by step from an empty file: the first makes version 1, the next version 2, and so on."""


class NewerVersionError(Exception):
    """The file was written by a newer version of this program."""


UNREADABLE = (sqlite3.Error, NewerVersionError, zlib.error, msgspec.MsgspecError)
"""Errors of a file that is corrupt, locked or newer than this program. A missing file raises an OSError."""


def is_empty(database: sqlite3.Connection) -> bool:
    """Whether the file has no tables yet: its writer ended before it made them."""
    return version(database) == 0


def refuse_newer(database: sqlite3.Connection) -> None:
    """Raise :class:`NewerVersionError` for a file whose tables we do not know."""
    found = version(database)
    if found > VERSION:
        raise NewerVersionError(f"it is of version {found}, and this program knows {VERSION}")


def version(database: sqlite3.Connection) -> int:
    """The version of the file's tables; 0 without any."""
    return int(database.execute("PRAGMA user_version").fetchone()[0])


def prepare(database: sqlite3.Connection) -> None:
    """Bring the tables to :data:`VERSION`."""
    for number in range(version(database), VERSION):
        statements = f"BEGIN IMMEDIATE;{MIGRATIONS[number]}PRAGMA user_version = {number + 1};COMMIT;"
        database.executescript(statements)
