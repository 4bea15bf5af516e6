"""The tables of the history file, and how files of earlier versions get to them."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from monitor.store import schema
from monitor.store.schema import MIGRATIONS, VERSION, NewerVersionError, prepare, refuse_newer


def file_of_version(path: Path, version: int) -> None:
    """A file as this program left it when ``version`` was the newest."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        for step in MIGRATIONS[:version]:
            database.executescript(step)
        database.execute(f"PRAGMA user_version = {version}")
        if version:
            database.execute("INSERT INTO endpoints (id, name, first_seen) VALUES ('a', 'A', 5)")
            database.execute("INSERT INTO incidents VALUES ('i', 1, 5, NULL, x'00')")


def tables(database: sqlite3.Connection) -> set[str]:
    """Everything that the file's schema holds."""
    return {sql for (sql,) in database.execute("SELECT sql FROM sqlite_schema") if sql}


def test_there_is_a_step_to_each_version() -> None:
    assert len(MIGRATIONS) == VERSION


@pytest.mark.parametrize("version", range(VERSION + 1))
def test_a_file_of_any_version_becomes_one_of_the_newest_and_keeps_its_rows(
    tmp_path: Path, version: int
) -> None:
    file_of_version(tmp_path / "new.db", 0)
    file_of_version(tmp_path / "h.db", version)
    with (
        closing(sqlite3.connect(tmp_path / "h.db")) as database,
        closing(sqlite3.connect(tmp_path / "new.db")) as new,
    ):
        prepare(database)
        prepare(new)
        assert database.execute("PRAGMA user_version").fetchone() == (VERSION,)
        assert tables(database) == tables(new)
        rows = database.execute("SELECT id, began FROM incidents").fetchall()
        assert rows == ([("i", 5)] if version else [])


def test_a_step_that_fails_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file_of_version(tmp_path / "h.db", VERSION)
    monkeypatch.setattr(schema, "VERSION", VERSION + 1)
    monkeypatch.setattr(schema, "MIGRATIONS", (*MIGRATIONS, "CREATE TABLE more (x); SELECT * FROM nowhere;"))
    with closing(sqlite3.connect(tmp_path / "h.db")) as database:
        with pytest.raises(sqlite3.OperationalError):
            prepare(database)
    with closing(sqlite3.connect(tmp_path / "h.db")) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (VERSION,)
        assert not any("more" in sql for sql in tables(database))


def test_a_file_of_a_newer_version_is_refused_in_words(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "h.db")) as database:
        database.execute(f"PRAGMA user_version = {VERSION + 1}")
        with pytest.raises(NewerVersionError, match=f"of version {VERSION + 1}, and this program knows"):
            refuse_newer(database)


def test_a_start_finds_the_newest_incidents_without_reading_all(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "h.db")) as database:
        prepare(database)
        for where in ("ended IS NULL", "ended IS NOT NULL ORDER BY ended DESC LIMIT 5"):
            plan = database.execute(f"EXPLAIN QUERY PLAN SELECT id FROM incidents WHERE {where}").fetchall()
            assert plan
            assert all("incidents_by_end" in row[3] for row in plan)
