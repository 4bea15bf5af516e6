"""The tree of dependencies, key by key."""

import pytest
from fake_source import FakeSource, failed, info, mixed, row

from monitor.link.messages import Acknowledge
from monitor.model import State
from monitor.tui.data.whoami import user_name
from monitor.tui.screens.dependencies import DependenciesView
from monitor.tui.screens.detail import DetailView


def shop() -> FakeSource:
    infos = [
        info(0, "Orders DB"),
        info(1, "Orders API", depends_on=("Orders DB",)),
        info(2, "Shop", depends_on=("Orders API",)),
        info(3, "Alone"),
    ]
    rows = [failed(0), failed(1, State.UNREACHABLE), row(2), row(3)]
    return FakeSource(infos, rows)


of_shop = pytest.mark.parametrize("seat", [shop], indirect=True)


def names(seat) -> list[str]:
    return [one.entry.info.name for one in seat.app.screen.lines.rows]


@of_shop
async def test_a_key_shows_the_endpoint_among_its_dependencies(seat):
    await seat.press("G", "w")
    assert seat.app.message == "Alone depends on no endpoint, and none depends on it"
    await seat.press("k", "w")
    assert isinstance(seat.app.screen, DependenciesView)
    assert names(seat) == ["Orders DB", "Orders API", "Shop"]
    assert [one.info.name for one in seat.app.screen.chosen()] == ["Shop"]


@of_shop
async def test_the_bottom_line_counts_the_dependents(seat):
    await seat.press("8")
    assert "2 depend on it  1/3" in seat.lines()[-1]
    await seat.press("j")
    assert "1 depends on it  2/3" in seat.lines()[-1]


@of_shop
async def test_keys_apply_to_the_endpoint_under_the_cursor(seat):
    await seat.press("8", "j", "a", "enter")
    assert Acknowledge(handles=(1,), on=True, by=user_name()) in seat.source.asked
    await seat.press("enter")
    assert isinstance(seat.app.screen, DetailView)
    assert seat.app.screen.entry.info.name == "Orders API"


@of_shop
async def test_states_follow_the_board(seat):
    await seat.press("8")
    seat.source.push(row(0), row(1))
    await seat.settle()
    assert not any("unreachable" in line for line in seat.lines()[1:])


@of_shop
async def test_a_filter_shows_the_way_to_the_root(seat):
    await seat.press("8", "/", *"shop", "enter")
    assert names(seat) == ["Orders DB", "Orders API", "Shop"]
    await seat.press("/", *"x", "enter")
    assert "no endpoint fits" in "\n".join(seat.lines())
    await seat.press("escape")
    assert len(names(seat)) == 3


@pytest.mark.parametrize("seat", [mixed], indirect=True)
async def test_without_dependencies_it_says_how_to_declare_them(seat):
    await seat.press("8")
    assert "no endpoint depends on another" in "\n".join(seat.lines())
