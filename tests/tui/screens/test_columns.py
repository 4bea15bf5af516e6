"""The picker of columns, key by key, and what it leaves behind."""

import pytest
from fake_source import mixed

from monitor.link.figures import UptimeFigures
from monitor.tui.drawing.column_layout import ColumnLayout
from monitor.tui.settings_file import SettingsFile
from monitor.tui.view_settings import ViewSettings


def titles(seat):
    return seat.lines()[1].split()


def line(seat, name):
    return next(line for line in seat.lines() if f"] {name} " in line)


async def test_it_lists_every_column_and_shows_the_table_as_it_would_be(seat):
    await seat.press("C")
    assert "[x] STATE" in line(seat, "STATE")
    assert "always shown" in line(seat, "STATE")
    assert "[ ] TARGET" in line(seat, "TARGET")
    assert titles(seat)[:3] == ["STATE↑", "NAME", "DETAIL"]
    assert "✖ DOWN" in seat.lines()[2]


async def test_the_preview_has_the_widths_of_the_table(seat):
    rows = seat.lines()[1:4]
    await seat.press("C")
    assert seat.lines()[1:4] == rows


async def test_space_hides_and_shows(seat):
    await seat.press("C", *"jjjjj", "space")
    assert "[ ] LATENCY" in line(seat, "LATENCY")
    assert "LATENCY" not in titles(seat)
    await seat.press("space")
    assert titles(seat)[5] == "LATENCY"


async def test_a_click_does_as_well(seat):
    await seat.press("C")
    await seat.pilot.click("Listing", offset=(5, 5))
    await seat.pilot.pause()
    assert "LATENCY" not in titles(seat)


async def test_what_lacks_room_is_told_and_comes_in_when_asked_for(make_seat):
    seat = make_seat(mixed())
    async with seat.app.run_test(size=(80, 24)) as seat.pilot:
        await seat.settle()
        await seat.press("C", *"jjjjjj")
        assert "[x] P95" in line(seat, "P95")
        assert "no room at this width" in line(seat, "P95")
        await seat.press("space")
        assert "no room" not in line(seat, "P95")
        assert "P95" in titles(seat)
        await seat.press("space")
        assert "[ ] P95" in line(seat, "P95")


async def test_what_finds_no_room_even_when_asked_for_can_be_hidden(make_seat):
    seat = make_seat(mixed())
    async with seat.app.run_test(size=(40, 24)) as seat.pilot:
        await seat.settle()
        await seat.press("C", *"jjjjj", "space")
        assert "[ ] LATENCY" in line(seat, "LATENCY")


@pytest.mark.parametrize("name", ["STATE", "NAME"])
async def test_state_and_name_stay(seat, name):
    await seat.press("C", *["j"] * (1 if name == "NAME" else 0), "space")
    assert f"[x] {name}" in line(seat, name)


@pytest.mark.parametrize(("down", "up"), [("J", "K"), ("shift+down", "shift+up")])
async def test_a_column_is_moved_and_the_cursor_goes_with_it(seat, down, up):
    await seat.press("C", down)
    assert titles(seat)[:2] == ["NAME", "STATE↑"]
    await seat.press(up)
    assert titles(seat)[:2] == ["STATE↑", "NAME"]


@pytest.mark.parametrize("key", ["escape", "enter", "q", "C"])
async def test_the_table_is_as_was_chosen(seat, key):
    await seat.press("C", *"jjjjj", "space", key)
    assert seat.app.screen is seat.app.overview
    assert titles(seat)[5] == "UP24H"


async def test_zero_brings_back_what_was_there_at_first(seat):
    await seat.press("C", *"jjjjj", "space", "J", "0")
    assert seat.app.overview.table.wanted == ColumnLayout()


async def test_what_is_chosen_is_remembered(make_seat, tmp_path):
    file = tmp_path / "dashboard.toml"
    seat = make_seat(mixed(), SettingsFile(file))
    async with seat.app.run_test(size=(200, 30)) as seat.pilot:
        await seat.settle()
        await seat.press("C", *"jjjjj", "space", "J", "escape", "s", "n", "S", "o", "d")
    seat = make_seat(mixed(), SettingsFile(file))
    async with seat.app.run_test(size=(200, 30)) as seat.pilot:
        await seat.settle()
        assert titles(seat)[5] == "P95"
        overview = seat.app.overview
        assert overview.view_settings() == ViewSettings(
            layout=ColumnLayout().hide("latency").move("latency", 1),
            sort_by="name",
            reverse=True,
            grouping="group",
            side_panel=False,
        )


async def test_a_filter_is_not_remembered(make_seat, tmp_path):
    file = tmp_path / "dashboard.toml"
    seat = make_seat(mixed(), SettingsFile(file))
    async with seat.app.run_test() as seat.pilot:
        await seat.settle()
        await seat.press("slash", *"api", "enter", "exclamation_mark")
    assert not file.exists()


async def test_a_broken_memory_is_said_once_in_the_bottom_line(make_seat, tmp_path):
    file = tmp_path / "dashboard.toml"
    file.write_text("broken [")
    seat = make_seat(mixed(), SettingsFile(file))
    async with seat.app.run_test(size=(200, 24)) as seat.pilot:
        await seat.settle()
        assert "was broken" in "".join(seat.lines())  # the path may take more than the bottom line
        await seat.press("j")
        assert "was broken" not in "".join(seat.lines())


@pytest.mark.parametrize("size", [(1, 1), (20, 5), (40, 10), (80, 24), (200, 50), (300, 90)])
async def test_every_size_is_drawn(size, make_seat):
    seat = make_seat(mixed())
    async with seat.app.run_test(size=size) as seat.pilot:
        await seat.settle()
        await seat.press("C", *"jjjjj", "space", "J", "G")
        assert len(seat.lines()) == size[1]
        if size[1] >= 5:
            assert any("▌" in line for line in seat.lines())


async def test_uptimes_of_other_windows_are_asked_for_while_they_are_in_use(seat):
    assert seat.source.shown_uptimes == ()
    overview = seat.app.overview
    for name in ("kind", "cert", "group", "p95"):
        overview.table.wanted = overview.table.wanted.hide(name)
    overview.table.wanted = overview.table.wanted.show("uptime7d")
    seat.source.push(uptimes=(UptimeFigures(0, (None, None, 9998, None)),))
    await seat.settle()
    seat.app.follower.hurry()
    await seat.until(lambda: seat.source.shown_uptimes == ("7d",))
    assert "UP7D" in titles(seat)
    assert " 99.98%" in next(line for line in seat.lines() if "webhooks" in line)
    overview.table.wanted = ColumnLayout()
    overview.set_filter("up30d<99")
    await seat.until(lambda: seat.source.shown_uptimes == ("30d",))
    await seat.press("escape", "s", "1")
    await seat.until(lambda: seat.source.shown_uptimes == ("1h",))
