"""The way from view to view."""

import pytest
from fake_source import mixed


@pytest.fixture
async def operator(make_seat):
    seat = make_seat(mixed())
    async with seat.app.run_test(size=(120, 30)) as seat.pilot:
        await seat.settle()
        yield seat


JOURNEYS = [
    (("2", "-"), "overview"),
    (("2", "4", "-"), "incidents"),
    (("2", "4", "-", "-"), "log"),
    (("2", "escape", "-"), "incidents"),
    (("2", "?", "escape", "-"), "overview"),
    (("enter", "2", "-"), "overview"),
    (("-",), "overview"),
]


@pytest.mark.parametrize(("keys", "there"), JOURNEYS, ids=str)
async def test_a_key_goes_to_the_view_before(operator, keys, there):
    await operator.press(*keys)
    assert operator.app.screen.id == there


async def test_in_the_detail_that_key_zooms(operator):
    await operator.press("enter", "-")
    assert operator.app.screen.id == "detail"
