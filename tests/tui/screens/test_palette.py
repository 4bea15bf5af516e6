import asyncio
from types import SimpleNamespace

import pytest
from fake_source import mixed
from hypothesis import given
from hypothesis import strategies as st
from textual.command import CommandList

from monitor.link.messages import EndpointInfo, EndpointStatus, SilenceEndpoints, Snapshot
from monitor.model import State
from monitor.tui.data.board import Board
from monitor.tui.data.whoami import user_name
from monitor.tui.palette import BEST, Commands, Palette, letters, score
from monitor.tui.terminal.symbols import UNICODE

NOW = 1_800_000_000.0


class Screen:
    """As much of a screen as a provider asks for."""

    def __init__(self, count):
        self.ran = []
        self.active_bindings = {}
        infos = tuple(
            EndpointInfo(
                handle=n,
                id=f"{n}",
                name=f"[b]node-{n}",
                kind="tcp",
                target=f"tcp://h{n}:1",
                group=f"rack {n % 3}",
            )
            for n in range(count)
        )
        rows = tuple(
            EndpointStatus(handle=n, state=State.DOWN if n < 50 else State.UP, since=NOW)
            for n in range(count)
        )
        board = Board(lambda: NOW)
        board.reset(Snapshot(version="1", title="t", started_at=NOW, now=NOW, infos=infos, statuses=rows))
        self.app = SimpleNamespace(
            board=board,
            symbols=UNICODE,
            size=SimpleNamespace(width=80),
            available_themes={"nord": None},
            preferences=SimpleNamespace(pick=lambda theme: self.ran.append(theme)),
            navigation=SimpleNamespace(detail=self.ran.append, view=self.ran.append),
            overview=SimpleNamespace(set_filter=lambda query: self.ran.append(query)),
        )


async def hits(commands, query):
    return [hit async for hit in (commands.search(query) if query else commands.discover())]


async def test_an_endpoint_is_found_by_its_letters_and_opened():
    screen = Screen(10)
    found = await hits(Commands(screen), "nd-7")
    assert [hit.text for hit in found] == ["[b]node-7"]
    found[0].command()
    assert screen.ran == [7]


async def test_names_are_no_markup():
    found = await hits(Commands(Screen(3)), "node-1")
    assert found[0].match_display.plain.startswith("[b]node-1  ")


async def test_a_group_becomes_the_filter_of_the_overview():
    screen = Screen(10)
    found = await hits(Commands(screen), "group rack 1")
    found[0].command()
    assert screen.ran == ["overview", "group:rack?1"]


async def test_a_theme_is_set_only_when_chosen():
    screen = Screen(1)
    found = await hits(Commands(screen), "theme nord")
    assert screen.ran == []
    found[0].command()
    assert screen.ran == ["nord"]


async def test_thousands_of_endpoints_give_few_offers_and_let_others_run():
    turns = 0

    async def other():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    found = await hits(Commands(Screen(5000)), "node")
    task.cancel()
    assert len(found) == BEST
    assert turns >= 9


async def test_before_anything_is_typed_the_worst_come_first():
    found = await hits(Commands(Screen(200)), "")
    assert [hit.text for hit in found[:3]] == ["[b]node-0", "[b]node-1", "[b]node-2"]
    assert len(found) < 50


@pytest.mark.parametrize(
    ("query", "better", "worse"),
    [
        ("api", "api-eu", "rapid"),
        ("api", "rapid", "a-p-i"),
        ("sho", "shop", "shop front of the whole company"),
        ("pf", "shop front", "perhaps a long way f"),
    ],
)
def test_what_is_closer_scores_higher(query, better, worse):
    assert score(query, better) > score(query, worse) > 0


@given(st.text(max_size=12), st.text(max_size=30))
def test_a_score_is_between_nothing_and_one(query, name):
    assert 0 <= score(query, name) <= 1


@given(st.text("abc ", min_size=1, max_size=6), st.text("abc ", max_size=20))
def test_letters_stand_where_they_are_said_to(query, name):
    places = letters(query, name)
    assert places == sorted(places)
    if places and query in name:
        assert "".join(name[place] for place in places) == query


async def test_in_the_dashboard_a_key_finds_its_action(dashboard, until):
    async with dashboard() as (app, _):
        found = await hits(Commands(app.screen), "!")
        assert found[0].text == "problems only"
        await found[0].command()
        assert app.overview.arrangement.problems_only


async def test_other_silences_than_the_usual_one_are_offered(dashboard, engine, until):
    async with dashboard() as (app, pilot):
        found = {hit.text: hit for hit in await hits(Commands(app.screen), "silence")}
        found["silence for 8 hours"].command()
        await until(pilot, lambda: engine.commands)
        assert engine.commands == [SilenceEndpoints(handles=(1,), until=NOW + 8 * 3600, by=user_name())]


async def test_every_action_of_the_screen_is_offered(dashboard):
    async with dashboard() as (app, _):
        offered = {hit.text for hit in await hits(Commands(app.screen), "")}
        wanted = {
            active.binding.description
            for active in app.screen.active_bindings.values()
            if active.binding.show and active.binding.description
        }
        assert wanted - offered == {"commands"}


async def test_from_the_keyboard_an_endpoint_is_opened(dashboard, until):
    async with dashboard() as (app, pilot):
        await pilot.press("colon", *"mail")
        await until(pilot, lambda: _offered(app)[:1] == ["mail"])
        await pilot.press("enter")
        await until(pilot, lambda: app.screen.query("#chart"))
        assert app.screen.timeline.handle == 3


def _offered(app):
    return [option.hit.text for option in app.screen.query_one(CommandList).options if hasattr(option, "hit")]


async def test_pages_of_offers_that_have_no_room_can_be_turned(dashboard, until):
    async with dashboard() as (app, pilot):
        await pilot.press("colon", "a")
        await until(pilot, lambda: app.screen.query_one(CommandList).option_count)
        await pilot.resize_terminal(1, 1)
        await pilot.press("pageup", "pagedown")
        assert isinstance(app.screen, Palette)


async def test_keys_that_only_move_are_offered_after_actions(dashboard):
    async with dashboard() as (app, _pilot):
        names = [offer.name for offer in Commands(app.screen)._actions()]
    assert names.index("open") < names.index("next line")
    assert names.index("help") < names.index("next line")


@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
async def test_keys_are_named_as_in_the_footer(dashboard, locale):
    async with dashboard(LANG=locale) as (app, _):
        (found,) = [hit for hit in await hits(Commands(app.screen), "open") if hit.text == "open"]
        assert found.match_display.plain.split() == ["open", "enter", "overview.open"]


async def test_an_offer_is_one_line_of_the_screens_width(dashboard, shown):
    async with dashboard(40, 24) as (app, pilot):
        await pilot.press("colon")
        await pilot.pause()
        lines = "\n".join(shown(app))
        assert "  open " in lines
        assert "overview" not in lines
        assert "  problems only" in lines


@pytest.mark.parametrize("width", [40, 60, 80, 120])
async def test_every_width_has_room_for_the_keys(make_seat, width):
    seat = make_seat(mixed())
    async with seat.app.run_test(size=(width, 24)) as seat.pilot:
        await seat.settle()
        await seat.press("colon")
        await seat.until(lambda: any("problems only" in line for line in seat.lines()))
        shown = [line.split() for line in seat.lines()]
        for name, key in (("open", "enter"), ("problems only", "!"), ("sort by …", "s")):
            assert any([*name.split(), key] == words[: len(name.split()) + 1] for words in shown), name


async def test_a_terminal_that_becomes_narrow_keeps_one_line_for_each_command(make_seat):
    seat = make_seat(mixed())
    async with seat.app.run_test(size=(80, 24)) as seat.pilot:
        await seat.settle()
        await seat.press("colon")
        await seat.until(lambda: any("problems only" in line for line in seat.lines()))
        await seat.pilot.resize_terminal(40, 24)
        await seat.pilot.pause()
        lines = [line.strip() for line in seat.lines()]
        place = next(at for at, line in enumerate(lines) if line.startswith("problems only"))
        assert lines[place + 1].startswith("drop marks, filter")
