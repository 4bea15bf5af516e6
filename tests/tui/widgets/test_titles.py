"""The columns' titles."""


async def test_a_click_on_a_title_sorts_by_it(seat):
    await seat.pilot.click("Titles", offset=(seat.lines()[1].index("NAME"), 0))
    await seat.pilot.pause()
    assert seat.names()[:2] == ["[bold]evil␛[31m[/]", "api-eu"]
