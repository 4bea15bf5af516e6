"""The endpoint under the cursor, told beside a wide table."""

import pytest

from monitor.tui.widgets.side_panel import SidePanel


@pytest.fixture
async def wide(make_seat, mixed_source):
    seat = make_seat(mixed_source)
    async with seat.app.run_test(size=(200, 50)) as pilot:
        seat.pilot = pilot
        await seat.settle()
        yield seat


@pytest.fixture
def mixed_source():
    from fake_source import mixed

    return mixed()


def told(seat) -> str:
    return seat.app.overview.query_one(SidePanel).text


async def test_it_tells_of_the_endpoint_under_the_cursor(wide):
    assert wide.current in told(wide)
    before = wide.current
    await wide.press("j")
    assert wide.current != before
    assert before in told(wide).splitlines()[0]
    await wide.until(lambda: wide.current in told(wide).splitlines()[0])


async def test_only_where_the_cursor_rests_is_asked_about(wide):
    asked, answer = [], wide.source.detail

    async def detail(handle, since):
        asked.append(handle)
        return await answer(handle, since)

    wide.source.detail = detail
    await wide.press("j", "j", "j", "j")
    await wide.until(lambda: wide.current in told(wide).splitlines()[0])
    assert set(asked) == {wide.app.overview.current().info.handle}


async def test_it_can_be_put_away_and_brought_back(wide):
    side_panel = wide.app.overview.query_one(SidePanel)
    assert side_panel.display
    await wide.press("d")
    assert not side_panel.display
    await wide.press("d")
    assert side_panel.display


async def test_a_narrow_terminal_has_none(seat):
    assert not seat.app.overview.query_one(SidePanel).display
