"""The overview, key by key, in a terminal without a screen."""

import sys
from pathlib import Path

import pytest
from textual import events

sys.path.insert(0, str(Path(__file__).parent.parent))
from fake_source import NOW, PROBLEMS, FakeSource, card, failed, mixed, row

from monitor.link.messages import Acknowledge, CheckNow, Pause, Reload, Resume
from monitor.model import State
from monitor.tui.app import Dashboard

ENVIRON = {"LANG": "C.UTF-8", "TERM": "xterm-256color"}


class Seat:
    """An operator in front of a dashboard whose clock stands still until told otherwise."""

    def __init__(self, source: FakeSource) -> None:
        self.source = source
        self.seconds = 0.0
        self.app = Dashboard(source, environ=ENVIRON, clock=lambda: NOW, monotonic=lambda: self.seconds)

    async def settle(self) -> None:
        """Until what was said has been taken."""
        await self.pilot.pause()
        while self.source.waiting or not self.app.board.revision:
            self.app._follower.hurry()
            await self.pilot.pause()
        await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    def lines(self) -> list[str]:
        return [strip.text for strip in self.app.screen._compositor.render_strips()]

    def names(self) -> list[str]:
        table = self.app.overview.table
        return [line.entry.card.name if hasattr(line, "entry") else f"[{line.key}]" for line in table.lines]

    @property
    def current(self) -> str:
        entry = self.app.overview.current()
        return entry.card.name if entry else ""


@pytest.fixture
async def seat(request):
    seat = Seat(getattr(request, "param", mixed)())
    async with seat.app.run_test(size=(120, 30)) as pilot:
        seat.pilot = pilot
        await seat.settle()
        yield seat


ALL = ["api-eu", "search", "api-us", "[bold]evil␛[31m[/]", "webhooks", "статус 日本", "batch"]


async def test_problems_come_first_with_sign_word_and_reason(seat):
    assert seat.names() == ALL
    first = seat.lines()[2]
    assert "✖ DOWN" in first
    assert "connection refused" in first


async def test_the_header_counts_by_state(seat):
    assert seat.lines()[0].startswith(" test.toml  ✖ 1 DOWN  ◆ 1 failing  ▲ 1 degraded")


async def test_foreign_text_is_neither_markup_nor_control(seat):
    assert any("[bold]evil␛[31m[/]" in line for line in seat.lines())


MOVES = [
    (["j"], 1), (["down", "down"], 2), (["j", "k"], 0), (["G"], 6), (["end"], 6), (["G", "g"], 0),
    (["G", "home"], 0), (["pagedown"], 6), (["pagedown", "pageup"], 0), (["ctrl+d"], 6), (["G", "ctrl+u"], 0),
    (["k"], 0),
]  # fmt: skip


@pytest.mark.parametrize(("keys", "place"), MOVES)
async def test_moving(seat, keys, place):
    await seat.press(*keys)
    assert seat.app.overview.table.cursor == place


async def test_the_cursor_stays_with_its_endpoint_when_the_order_changes(seat):
    await seat.press("G")
    assert seat.current == "batch"
    seat.seconds = 10
    seat.source.push(failed(5, since=NOW - 9999))
    await seat.settle()
    assert seat.names()[0] == "batch"
    assert seat.current == "batch"


async def test_an_untouched_cursor_stays_on_the_worst(seat):
    seat.source.push(failed(5, since=NOW - 9999))
    await seat.settle()
    assert seat.current == "batch"


async def test_the_order_is_held_while_somebody_navigates(seat):
    await seat.press("j")
    seat.source.push(failed(5, since=NOW - 9999))
    await seat.settle()
    assert seat.names() == ALL
    assert "order held" in seat.lines()[0]
    seat.seconds = 6
    seat.source.push(row(3))
    await seat.settle()
    assert seat.names()[0] == "batch"
    assert "order held" not in seat.lines()[0]


async def test_a_full_stop_applies_the_held_order(seat):
    await seat.press("j")
    seat.source.push(failed(5, since=NOW - 9999))
    await seat.settle()
    await seat.press("full_stop")
    assert seat.names()[0] == "batch"


async def test_endpoints_come_and_go(seat):
    seat.source.push(row(9), cards=(card(9, "newcomer"),), order=(0, 9))
    await seat.settle()
    assert seat.names() == ["webhooks", "newcomer"]


async def test_typing_filters_and_enter_keeps(seat):
    await seat.press("slash", *"api", "enter")
    assert seat.names() == ["api-eu", "api-us"]
    assert "/api" in seat.lines()[-1]
    await seat.press("escape")
    assert seat.names() == ALL


async def test_escape_while_typing_drops_the_filter(seat):
    await seat.press("slash", *"api", "escape")
    assert seat.names() == ALL


async def test_a_filter_that_means_nothing_is_told_and_survived(seat):
    await seat.press("slash", *"~(")
    assert "filter:" in seat.lines()[1]
    await seat.press("enter")
    assert seat.names() == ALL


async def test_letters_typed_into_the_filter_are_no_commands(seat):
    await seat.press("slash", *"qr")
    assert seat.source.asked == []
    assert seat.names() == []
    assert "no endpoint fits" in seat.lines()[1]


async def test_problems_only(seat):
    await seat.press("exclamation_mark")
    assert seat.names() == ["api-eu", "search", "api-us"]
    await seat.press("exclamation_mark")
    assert seat.names() == ALL


SORTS = [
    (["s", "n"], ["[bold]evil␛[31m[/]", "api-eu"]),
    (["s", "l"], ["api-us", "webhooks"]),
    (["s", "o"], ["webhooks", "api-eu"]),
    (["s", "n", "S"], ["статус 日本", "webhooks"]),
    (["s", "n", "s", "n"], ["статус 日本", "webhooks"]),
    (["greater_than_sign"], ["api-us", "webhooks"]),
    (["less_than_sign"], ["webhooks", "api-eu"]),
    (["s", "x"], ["api-eu", "search"]),
]


@pytest.mark.parametrize(("keys", "first"), SORTS)
async def test_sorting(seat, keys, first):
    await seat.press(*keys)
    assert seat.names()[:2] == first


async def test_the_picker_names_what_can_be_sorted_by(seat):
    await seat.press("s")
    assert "certificate" in seat.lines()[-1]
    await seat.press("escape")
    assert "help" in seat.lines()[-1]


async def test_a_click_on_a_title_sorts_by_it(seat):
    await seat.pilot.click("Titles", offset=(seat.lines()[1].index("NAME"), 0))
    await seat.pilot.pause()
    assert seat.names()[:2] == ["[bold]evil␛[31m[/]", "api-eu"]


async def test_groups_sum_up_and_fold(seat):
    await seat.press("o", "g")
    assert seat.names()[0] == "[payments]"
    assert "✖ 1 DOWN" in seat.lines()[2]
    await seat.press("space")
    assert seat.names()[:2] == ["[payments]", "[intl]"]
    await seat.press("enter")
    assert seat.names()[1] == "api-eu"


@pytest.mark.parametrize(("times", "first"), [(1, "[payments]"), (2, "[eu]"), (3, "[down]"), (4, "api-eu")])
async def test_grouping_goes_round(seat, times, first):
    await seat.press(*["o"] * times)
    assert seat.names()[0] == first


COMMANDS = [
    (["r"], CheckNow(handles=(1,))),
    (["p"], Pause(handles=(1,))),
    (["P"], Pause(handles=(1,))),
    (["a"], Acknowledge(handles=(1,), on=True)),
    (["G", "p"], Resume(handles=(5,))),
    (["space", "space", "r"], CheckNow(handles=(1, 4))),
    (["space", "space", "escape", "g", "r"], CheckNow(handles=(1,))),
    (["o", "g", "r"], CheckNow(handles=(1, 2, 0))),
    (["ctrl+r"], Reload()),
]


@pytest.mark.parametrize(("keys", "request_"), COMMANDS)
async def test_commands_concern_the_marked_or_the_current(seat, keys, request_):
    await seat.press(*keys)
    await seat.pilot.pause()
    assert seat.source.asked == [request_]
    assert "done" in seat.lines()[-1]


async def test_a_frozen_view_takes_nothing_new(seat):
    await seat.press("f")
    assert "FROZEN" in seat.lines()[0]
    seat.source.push(failed(5))
    seat.app._follower.hurry()
    await seat.pilot.pause()
    assert seat.source.waiting
    await seat.press("z")
    await seat.settle()
    assert seat.app.board.entries[5].row.state is State.DOWN


async def test_copying_says_what_was_copied(seat):
    await seat.press("y")
    assert seat.app.clipboard == "api-eu https://host1.test/"
    assert "copied" in seat.lines()[-1]


async def test_config_problems_are_told_and_listed(seat):
    seat.source.push(problems=PROBLEMS)
    await seat.settle()
    assert "config: 1 problem (3)" in seat.lines()[0]
    assert "/etc/monitor.toml:12" in seat.lines()[1]
    await seat.press("3")
    assert any("/etc/monitor.toml:12: endpoints[2].interval" in line for line in seat.lines())
    await seat.press("1")
    assert seat.app.screen is seat.app.overview


async def test_a_lost_engine_is_told_and_found_again(seat):
    seat.source.gone = "engine died: boom"
    seat.app._follower.hurry()
    await seat.pilot.pause()
    await seat.pilot.pause()
    assert "ENGINE GONE" in seat.lines()[0]
    assert "engine died: boom" in seat.lines()[1]
    seat.source.gone = ""
    seat.app._follower.hurry()
    await seat.pilot.pause()
    await seat.pilot.pause()
    assert "ENGINE GONE" not in seat.lines()[0]


@pytest.mark.parametrize("key", ["q", "ctrl+c", "ctrl+q"])
async def test_quitting_asks_nothing(seat, key):
    await seat.pilot.press(key)
    assert seat.app.return_value == 0


async def test_a_click_selects_and_a_double_click_opens(seat):
    await seat.pilot.click("Table", offset=(30, 2))
    assert seat.current == "api-us"
    await seat.pilot.click("Table", offset=(30, 1), times=2)
    await seat.pilot.pause()
    assert seat.app.screen is not seat.app.overview


def many() -> FakeSource:
    return FakeSource([card(n, f"host {n:04}") for n in range(1000)], [row(n) for n in range(1000)])


@pytest.mark.parametrize("seat", [many], indirect=True)
async def test_the_wheel_scrolls_and_takes_the_cursor_along(seat):
    table = seat.app.overview.table
    for _ in range(3):
        await seat.pilot._post_mouse_events([events.MouseScrollDown], "Table")
    assert table.top == 9
    assert table.cursor == 9


@pytest.mark.parametrize("seat", [many], indirect=True)
async def test_the_cursor_keeps_its_place_on_the_screen_when_rows_move(seat):
    await seat.press("G", "k", "k", "k")
    table = seat.app.overview.table
    offset = table.cursor - table.top
    seat.seconds = 10
    seat.source.push(*(failed(n) for n in range(400, 500)))
    await seat.settle()
    assert seat.current == "host 0996"
    assert table.cursor - table.top == offset


@pytest.mark.parametrize("size", [(60, 15), (40, 10), (20, 5), (10, 3), (2, 2), (1, 1), (300, 90)])
async def test_every_size_is_drawn(size):
    seat = Seat(mixed())
    async with seat.app.run_test(size=size) as seat.pilot:
        await seat.settle()
        assert len(seat.lines()) == size[1]
        await seat.press("j", "o", "o", "s", "n", "slash", "a", "enter", "3", "1")


async def test_nothing_to_watch_is_said():
    seat = Seat(FakeSource([], []))
    async with seat.app.run_test() as seat.pilot:
        await seat.settle()
        assert "nothing is watched" in seat.lines()[1]
        await seat.press("j", "G", "r", "enter", "space", "p", "a", "y", "o")
