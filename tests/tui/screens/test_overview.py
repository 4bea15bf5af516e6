"""The overview, key by key, in a terminal without a screen."""

import pytest
from fake_source import NOW, FakeSource, failed, info, mixed, row

from monitor.link.messages import Acknowledge, CheckNow, Pause, Reload, Resume
from monitor.model import State
from monitor.tui.data.whoami import user_name
from monitor.tui.lists.order import SORTINGS
from monitor.tui.widgets.side_panel import SidePanel

ALL = ["api-eu", "search", "api-us", "[bold]evil␛[31m[/]", "webhooks", "статус 日本", "batch"]


async def test_problems_come_first_with_sign_word_and_reason(seat):
    assert seat.names() == ALL
    first = seat.lines()[2]
    assert "✖ DOWN" in first
    assert "connection refused" in first


async def test_the_header_counts_by_state(seat):
    assert seat.lines()[0].startswith(" test.toml  ✖ 1 DOWN  ◆ 1 failing  ▲ 1 degraded")


async def test_the_order_is_held_while_somebody_navigates(seat):
    await seat.press("j")
    seat.source.push(failed(5, since=NOW - 9))
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
    seat.source.push(failed(5, since=NOW - 9))
    await seat.settle()
    await seat.press("full_stop")
    assert seat.names()[0] == "batch"


async def test_endpoints_come_and_go(seat):
    seat.source.push(row(9), infos=(info(9, "newcomer"),), order=(0, 9))
    await seat.settle()
    assert seat.names() == ["webhooks", "newcomer"]


async def test_a_filter_that_means_nothing_is_told_and_survived(seat):
    await seat.press("slash", *"~(")
    assert "filter:" in seat.lines()[-1]
    assert "STATE" in seat.lines()[1]
    await seat.press("enter")
    assert seat.names() == ALL


async def test_a_filter_that_takes_too_long_is_told_and_hides_nothing(seat, monkeypatch):
    monkeypatch.setattr("monitor.tui.lists.query.SEARCH_SECONDS", 0)
    await seat.press("slash", *"~eu", "enter")
    assert seat.names() == ALL
    assert "~eu takes too long" in seat.lines()[1]
    await seat.press("escape")
    assert "too long" not in seat.lines()[1]


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
    (["greater_than_sign"], ["[bold]evil␛[31m[/]", "api-eu"]),
    (["less_than_sign"], ["webhooks", "api-eu"]),
    (["greater_than_sign", "less_than_sign"], ["api-eu", "search"]),
    (["s", "o", "greater_than_sign"], ["api-eu", "search"]),
    (["s", "r"], ["api-eu", "search"]),
    (["s", "a"], ["webhooks", "api-eu"]),
    (["s", "x"], ["api-eu", "search"]),
]


@pytest.mark.parametrize(("keys", "first"), SORTS)
async def test_sorting(seat, keys, first):
    await seat.press(*keys)
    assert seat.names()[:2] == first


async def test_the_picker_names_what_can_be_sorted_by(seat):
    await seat.press("s")
    assert "certificate" in "".join(seat.lines()[-2:])
    await seat.press("escape")
    assert "help" in seat.lines()[-1]


async def test_every_choice_is_shown_on_a_narrow_screen_and_the_line_is_one_again_afterwards(make_seat):
    seat = make_seat(mixed())
    async with seat.app.run_test(size=(80, 24)) as seat.pilot:
        await seat.settle()
        await seat.press("s")
        await seat.pilot.pause()
        told = "".join(seat.lines()[-3:])
        assert all(f" {sorting.letter} {sorting.title} " in told for sorting in SORTINGS.values())
        await seat.press("x")
        await seat.pilot.pause()
        assert seat.app.screen.query_one("Footer").size.height == 1
        assert "? help" in seat.lines()[-1]


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
    (["a", "enter"], Acknowledge(handles=(1,), by=user_name())),
    (["a", *"no", "enter"], Acknowledge(handles=(1,), by=user_name(), note="no")),
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


async def beside(make_seat, width, *keys):
    """What a terminal of that width tells beside the table after some keys, and what was asked for it."""
    seat, asked = make_seat(mixed()), []
    answer = seat.source.detail

    async def detail(handle, since):
        asked.append(handle)
        return await answer(handle, since)

    seat.source.detail = detail
    async with seat.app.run_test(size=(width, 40)) as seat.pilot:
        await seat.settle()
        await seat.press(*keys)
        pane, current = seat.app.overview.query_one(SidePanel), seat.app.overview.current()
        if not pane.display:
            return None, asked
        await seat.until(lambda: not current or asked[-1:] == [current.info.handle])
        await seat.until(lambda: current or not pane.text)
        await seat.pilot.pause()
        return pane.text, asked


async def test_a_wide_terminal_tells_of_the_endpoint_under_the_cursor(make_seat):
    text, asked = await beside(make_seat, 160)
    assert text.startswith("api-eu")
    assert "connection refused" in text
    text, asked = await beside(make_seat, 160, "j", "j")
    assert text.startswith("api-us")
    assert asked[-1] == 2


async def test_marks_go_with_their_endpoints(seat):
    await seat.press("space", "space")
    assert "2 marked" in seat.lines()[-1]
    seat.source.push(order=(0, 2, 3, 5, 6))
    await seat.settle()
    assert "marked" not in seat.lines()[-1]
    await seat.press("r")
    assert seat.source.asked == [CheckNow(handles=(2,))]


@pytest.mark.parametrize(("width", "told"), [(120, "✖ 1 DOWN  ▲ 1 degraded  ● 1 up"), (44, "✖1  ▲1  ●1")])
async def test_a_group_counts_in_words_or_in_signs_as_there_is_room(make_seat, width, told):
    seat = make_seat(mixed())
    async with seat.app.run_test(size=(width, 24)) as seat.pilot:
        await seat.settle()
        await seat.press("o")
        heading = next(line for line in seat.lines() if "payments (" in line)
        assert heading.rstrip().endswith(told)


@pytest.mark.parametrize(("width", "keys"), [(159, ()), (159, ("j",)), (80, ("d",))])
async def test_a_narrow_terminal_has_the_table_alone_and_asks_for_no_details(make_seat, width, keys):
    assert await beside(make_seat, width, *keys) == (None, [])


@pytest.mark.parametrize(("keys", "shown"), [("d", False), ("dd", True)])
async def test_d_takes_the_detail_away_and_brings_it_back(make_seat, keys, shown):
    text, _ = await beside(make_seat, 200, *keys)
    assert (text is not None) is shown


@pytest.mark.parametrize(("width", "told"), [(159, False), (160, True)])
async def test_the_footer_names_d_where_it_does_something(make_seat, width, told):
    seat = make_seat(mixed())
    async with seat.app.run_test(size=(width, 30)) as seat.pilot:
        await seat.settle()
        assert ("d detail beside" in seat.lines()[-1]) is told
        assert "q quit" in seat.lines()[-1]


async def test_a_group_under_the_cursor_is_told_of_by_its_heading_alone(make_seat):
    text, _ = await beside(make_seat, 200, "o", "g")
    assert text == ""


@pytest.mark.parametrize("size", [(60, 15), (40, 10), (20, 5), (10, 3), (2, 2), (1, 1), (300, 90)])
async def test_every_size_is_drawn(size, make_seat):
    seat = make_seat(mixed())
    async with seat.app.run_test(size=size) as seat.pilot:
        await seat.settle()
        assert len(seat.lines()) == size[1]
        await seat.press("j", "o", "o", "s", "n", "slash", "a", "enter", "6", "1")


async def test_nothing_to_watch_is_said(make_seat):
    seat = make_seat(FakeSource([], []))
    async with seat.app.run_test() as seat.pilot:
        await seat.settle()
        assert "nothing is watched" in seat.lines()[3]
        assert "STATE" not in seat.lines()[1]
        assert "new" in seat.lines()[-1]
        assert "sort" not in seat.lines()[-1]
        await seat.press("j", "G", "r", "enter", "space", "p", "a", "y", "o")


async def test_a_filter_that_means_nothing_stays_open(seat):
    await seat.press("slash", *"p99>1", "enter")
    assert seat.app.focused is seat.app.overview.query_one("FilterInput")
    assert any("there is no p99" in line for line in seat.lines())
    await seat.press("escape")
    assert seat.names() == ALL


async def test_the_side_panel_is_not_forgotten_where_it_cannot_be_shown(seat):
    await seat.press("d")
    assert "needs 160 columns" in seat.lines()[-1]
    assert seat.app.overview.view_settings().side_panel


async def test_a_row_stays_under_the_cursor_when_it_is_paused(seat):
    await seat.press("down")
    seat.seconds = 60.0
    await seat.press("p")
    before = seat.names()
    seat.source.push(row(4, State.PAUSED))
    await seat.settle()
    assert seat.names() == before


async def test_an_outage_that_nobody_has_seen_is_marked_until_the_next_key(seat):
    seat.source.push(failed(3, since=NOW + 1))
    await seat.settle()
    sign = seat.app.symbols.new
    assert [line[1] for line in seat.lines() if "статус" in line] == [sign]
    seat.app.board.offset = 5.0
    await seat.press("down")
    assert not any(line[1] == sign for line in seat.lines())


async def test_each_letter_of_a_field_leaves_fewer_rows_and_moves_no_column(seat):
    placed = seat.app.overview.table.columns
    await seat.press("slash", *"g:p")
    assert seat.names() == ["api-eu", "api-us", "webhooks"]
    assert seat.app.overview.table.columns == placed


async def test_all_that_are_shown_are_marked_at_once(seat):
    await seat.press("exclamation_mark", "*")
    assert "3 marked" in seat.lines()[-1]
    await seat.press("r")
    assert isinstance(seat.source.asked[-1], CheckNow)
    assert set(seat.source.asked[-1].handles) == {1, 2, 4}
    await seat.press("*")
    assert "marked" not in seat.lines()[-1]


def marked(seat):
    """The names with a mark, in display order."""
    table = seat.app.overview.table
    handles = seat.app.overview.shown_handles()
    return [seat.app.board.entries[one].info.name for one in handles if one in table.marked]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (("space", "j", "j", "V"), slice(0, 4)),
        (("G", "space", "g", "j", "V"), slice(1, None)),
        (("j", "V"), slice(1, 2)),  # without a mark before
        (("space", "k", "space", "j", "j", "V"), slice(3, 4)),  # its mark was removed
        (("space", "escape", "j", "V"), slice(2, 3)),
        (("space", "j", "V", "j", "V"), slice(0, 4)),  # a range is extended
        (("V", "G", "V"), slice(None)),
    ],
)
async def test_a_range_is_marked_from_the_last_mark_to_the_cursor(seat, keys, expected):
    await seat.press(*keys)
    names = seat.names()[expected]
    assert marked(seat) == names
    assert f"{len(names)} marked" in seat.lines()[-1]
    assert [line[1] for line in seat.lines()].count(seat.app.symbols.mark) == len(names)


async def test_a_range_over_groups_marks_endpoints_only_and_a_hidden_mark_begins_none(seat):
    await seat.press("o", "j", "space", "G", "V")
    assert seat.app.overview.table.marked == set(seat.app.overview.shown_handles())
    await seat.press("escape", "g", "j", "space", "slash", *"batch", "enter", "V")
    assert "batch" in marked(seat)
    assert len(seat.app.overview.table.marked) == 2


@pytest.mark.parametrize("typed", ["lat", "latency", "latency>", "!stat", "api cod"])
async def test_a_field_that_is_being_typed_hides_nothing_yet(seat, typed):
    await seat.press("slash", *typed)
    assert seat.names() == ([name for name in ALL if "api" in name] if "api" in typed else ALL)


async def test_once_it_is_kept_it_is_a_word_as_any_other(seat):
    await seat.press("slash", *"latency", "enter")
    assert seat.names() == []


@pytest.mark.parametrize("keys", [("enter", "escape"), ("r",)])
async def test_the_cursor_stays_on_an_endpoint_that_was_opened_or_acted_upon(seat, keys):
    assert seat.current == "api-eu"
    await seat.press(*keys)
    seat.seconds = 60.0
    seat.source.push(row(1, State.UP))
    await seat.settle()
    assert seat.current == "api-eu"
