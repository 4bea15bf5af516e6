"""The rows of a view in a file."""

import csv
import json
from io import StringIO

import pytest
from fake_source import NOW

from monitor.errors import UsageError
from monitor.tui.data.moments import clock
from monitor.tui.data.table_file import suggested_name, to_csv, write_rows

ROWS = [
    {"name": "a, b", "tags": ["x", "y"], "uptime": {"1h": None, "24h": 0.5}, "silenced": None},
    {"name": "日本", "tags": ["one, two"], "uptime": {"1h": 1, "24h": 1}, "slower": {"phase": "tls"}},
]


def test_a_table_has_nested_keys_joined_and_every_column_of_any_row():
    first, second = csv.DictReader(StringIO(to_csv(ROWS)))
    assert list(first) == ["name", "tags", "uptime_1h", "uptime_24h", "silenced", "slower_phase"]
    assert (first["name"], first["tags"], first["uptime_1h"], first["uptime_24h"]) == (
        "a, b",
        "x,y",
        "",
        "0.5",
    )
    assert (second["tags"], second["slower_phase"]) == ('["one, two"]', "tls")


@pytest.mark.parametrize("name", ["rows.json", "rows.JSON"])
def test_the_name_makes_it_json(tmp_path, name):
    path = write_rows(str(tmp_path / name), ROWS)
    assert json.loads(path.read_text(encoding="utf-8")) == ROWS


def test_a_relative_name_is_told_in_full(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert write_rows("rows.csv", []) == tmp_path / "rows.csv"
    assert write_rows("~/more.csv", []) == tmp_path / "more.csv"


def test_no_file_is_overwritten(tmp_path):
    kept = tmp_path / "kept.csv"
    kept.write_text("mine")
    with pytest.raises(UsageError, match="exists already"):
        write_rows(str(kept), ROWS)
    assert kept.read_text() == "mine"


REFUSED = [
    ("rows.txt", "has to end in .csv or .json"),
    ("rows", "has to end in .csv or .json"),
    ("missing/rows.csv", "No such file or directory"),
    ("~nobody-of-that-name/rows.csv", "home"),
    ("x" * 300 + ".csv", "too long"),
]


@pytest.mark.parametrize(("name", "why"), REFUSED)
def test_a_name_that_cannot_be_is_refused(tmp_path, monkeypatch, name, why):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=why):
        write_rows(name, ROWS)


def test_the_suggested_name_has_view_and_time():
    assert suggested_name("log", NOW) == f"monitor-log-{clock(NOW, '%Y%m%d-%H%M%S')}.csv"
