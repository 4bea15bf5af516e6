"""`monitor report` as users run it, on the history of a scripted month."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from scripted_month import TRUTH

from monitor.cli import main

MARCH = ("--since", "2025-03-01", "--until", "2025-04-01")
Run = Callable[..., str]


@pytest.fixture
def config(month: Path, tmp_path: Path) -> Path:
    (tmp_path / "m.toml").write_text(f'[monitor]\nhistory = "{month}"\n')
    return tmp_path / "m.toml"


@pytest.fixture(autouse=True)
def _berlin(berlin: None) -> None:
    """Reports are made in Berlin."""


@pytest.fixture
def run(config: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def running(*arguments: str, status: int = 0) -> str:
        assert main(["report", "-c", str(config), *arguments]) == status
        output = capsys.readouterr()
        return output.err if status else output.out

    return running


def report(run: Run, *arguments: str) -> dict[str, Any]:
    return dict(json.loads(run(*MARCH, "--format", "json", *arguments)))


def test_local_times_bound_the_month(run: Run):
    found = report(run)
    assert (found["since"], found["until"]) == ("2025-02-28T23:00:00.000Z", "2025-03-31T22:00:00.000Z")


def test_every_figure_is_that_of_the_script(run: Run):
    for entry in report(run)["entries"]:
        truth = TRUTH[entry["id"]]
        assert {key: entry[key] for key in truth} == pytest.approx(truth)


def test_csv_says_the_same(run: Run):
    rows = csv.DictReader(run(*MARCH, "--format", "csv").splitlines())
    assert {row["id"]: row["uptime"] for row in rows} == {
        name: str(truth["uptime"]) for name, truth in TRUTH.items()
    }


def test_a_table_has_a_line_for_each_group(run: Run):
    lines = run(*MARCH, "--by", "group").splitlines()
    assert lines[0].startswith("GROUP")
    assert {line.split()[0] for line in lines[1:3]} == {"front", "back"}


def test_the_text_says_what_was_worked_out_by_hand(run: Run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("time.time", lambda: 1_743_458_400.0 + 600)  # ten minutes into April
    table, totals, incidents = run(*MARCH).split("\n\n")
    assert [line.split() for line in table.splitlines()] == [
        ["ENDPOINT", "UPTIME", "DOWN", "INCIDENTS", "P50", "P95", "P99", "BUDGET", "LEFT"],
        # Left of the budgets: 26748 - 3600 and 2674.8 - 3600 s. Every hundredth latency is 2 s.
        ["api", "99.860", "%", "1h", "1", "120", "ms", "212", "ms", "218", "ms", "6h25m"],
        ["shop", "99.860", "%", "1h", "2", "120", "ms", "212", "ms", "2.01", "s", "-15m25s"],
        ["db", "100", "%", "0s", "0", "120", "ms", "212", "ms", "218", "ms", "-"],
    ]
    assert totals.splitlines() == [
        "2025-03-01 00:00:00 +01:00 to 2025-04-01 00:00:00 +02:00 (30d23h)",
        # Down 2 × 3600 s of 2577300 + 2588100 + 1119000 s; unknown 90300 + 86700 + 1555800 s.
        "uptime 99.885 %, 3 incidents and 1 in maintenance, down 2h, maintenance 2h, unknown 20d1h",
    ]
    assert incidents.splitlines() == [
        "2025-03-10 10:00:00 +01:00  shop: 30m, status_mismatch, it was down",
        "2025-03-16 03:30:00 +01:00  shop: 30m, in maintenance, status_mismatch, it was down",
        "2025-03-30 01:50:00 +01:00  shop: 30m, status_mismatch, it was down",
        "2025-03-31 23:00:00 +02:00  api: 1h10m, still open, status_mismatch, it was down",
    ]


def test_html_goes_to_a_file_with_a_bar_for_each_day(run: Run, tmp_path: Path):
    assert run(*MARCH, "--format", "html", "-o", str(tmp_path / "r.html")) == ""
    html = (tmp_path / "r.html").read_text()
    assert html.startswith("<!doctype html>")
    assert html.count("<svg") == len(TRUTH)
    assert "2025-03-30 00:00:00 +01:00: down 30m, uptime 97.826 %" in html


def test_a_selection_that_selects_nothing_is_an_error(run: Run):
    assert "nothing in the history is selected by group:nobody" in run("--select", "group:nobody", status=2)


def test_a_time_that_is_none_is_an_error(run: Run):
    assert "--since: 'yesterday' is not a time" in run("--since", "yesterday", status=2)


def test_a_period_without_a_history_has_no_entries(run: Run):
    found = json.loads(run("--since", "2020-01-01", "--until", "2020-02-01", "--format", "json"))
    assert (found["entries"], found["incidents"]) == ([], [])
