"""Writing what a view shows to a file."""

import csv
import json

import pytest

from monitor.tui.export import FileNamePrompt, export
from monitor.tui.palette import Commands

ANSWERS = [
    (("enter",), "a.csv"),
    (("x", "enter"), "a.csvx"),
    (("ctrl+u", "enter"), None),
    (("escape",), None),
]


async def rows_of(seat, path):
    """Write the rows of the screen, as the palette does."""
    commands = Commands(seat.app.screen)
    offer = next(one for one in commands._offers() if one.name == "export to a file")
    offer.run()
    await seat.pilot.pause()
    await seat.press("ctrl+u", *str(path), "enter")
    await seat.until(lambda: "written" in seat.app.message)


async def test_the_table_is_written_as_the_filter_leaves_it(seat, tmp_path):
    await seat.press("slash", *"g:p", "enter")
    await rows_of(seat, tmp_path / "rows.csv")
    assert f"3 rows written to {tmp_path}" in seat.app.message
    with (tmp_path / "rows.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["name"] for row in rows] == ["api-eu", "api-us", "webhooks"]
    assert (rows[0]["state"], rows[0]["reason"]) == ("down", "connection_refused")


@pytest.mark.parametrize(("view", "keys"), [("2", set()), ("4", {"at", "level", "endpoint", "text"})])
async def test_incidents_and_log_are_written_too(seat, tmp_path, view, keys):
    await seat.press(view)
    await rows_of(seat, tmp_path / "rows.json")
    for row in json.loads((tmp_path / "rows.json").read_text(encoding="utf-8")):
        assert row.keys() == keys


async def test_views_without_rows_offer_nothing(seat):
    await seat.press("5")
    assert not any(offer.name == "export to a file" for offer in Commands(seat.app.screen)._offers())


async def test_a_name_is_suggested_and_escape_writes_nothing(seat, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    export(seat.app, "overview", [])
    await seat.pilot.pause()
    assert "monitor-overview-" in seat.lines()[-1]
    await seat.press("escape")
    assert list(tmp_path.iterdir()) == []


async def test_a_failure_is_said(seat, tmp_path):
    export(seat.app, "overview", [])
    await seat.pilot.pause()
    await seat.press("ctrl+u", *"rows.txt", "enter")
    await seat.until(lambda: "not written: rows.txt: the name has to end" in seat.app.message)


@pytest.mark.parametrize(("keys", "name"), ANSWERS)
async def test_the_name_can_be_changed_kept_or_dropped(seat, keys, name):
    answers = []
    seat.app.push_screen(FileNamePrompt("a.csv"), answers.append)
    await seat.press(*keys)
    assert answers == [name]
    assert seat.app.screen is seat.app.overview
