"""How well a name answers what was typed; the palette at work is in screens/test_palette.py."""

import csv
import json

import pytest
from fake_source import NOW, info, row
from hypothesis import given
from hypothesis import strategies as st
from textual.widgets import Input

from monitor.tui.data.board import Entry
from monitor.tui.lists.query import parse
from monitor.tui.palette import Commands, Palette, _glob, export, letters, score

NAMES = ["shop front", "workshop", "search orders", "orders"]


@pytest.mark.parametrize(
    ("typed", "order"),
    [
        ("shop", ["shop front", "workshop"]),
        ("orders", ["orders", "search orders"]),
        ("sf", ["shop front"]),
        ("zzz", []),
    ],
)
def test_what_begins_a_word_or_stands_close_together_comes_first(typed: str, order: list[str]) -> None:
    found = sorted((name for name in NAMES if score(typed, name)), key=lambda name: -score(typed, name))
    assert found[: len(order)] == order


@given(st.text(min_size=1, max_size=8), st.text(max_size=20))
def test_the_letters_found_are_those_typed_in_their_order(typed: str, name: str) -> None:
    places = letters(typed, name)
    assert places == sorted(places)
    found = "".join(name[place] for place in places)
    assert not places or found in (typed, "".join(typed.split()))


def test_the_name_itself_is_the_best_answer() -> None:
    assert score("orders", "orders") == pytest.approx(1.0)


@pytest.mark.parametrize("group", ["shop", "shop & co", 'a "b"', "c:d", "~x"])
def test_any_group_can_be_filtered_by(group: str) -> None:
    query = parse(f"group:{_glob(group)}")
    assert query.matches(Entry(info(1, group=group), row(1)), NOW)
    assert not query.matches(Entry(info(1, group="another one"), row(1)), NOW)


async def test_its_cursor_does_not_blink(seat):
    await seat.press("colon")
    assert isinstance(seat.app.screen, Palette)
    assert not seat.app.screen.query_one(Input).cursor_blink


async def test_turning_a_page_before_there_is_a_list_is_harmless(seat):
    await seat.press("colon", "pagedown", "pageup", "escape")
    assert seat.app.screen is seat.app.overview


# ---- writing what a view shows to a file


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
    for written in json.loads((tmp_path / "rows.json").read_text(encoding="utf-8")):
        assert written.keys() == keys


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
