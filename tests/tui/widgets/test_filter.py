"""Typing a filter."""

ALL = ["api-eu", "search", "api-us", "[bold]evil␛[31m[/]", "webhooks", "статус 日本", "batch"]


async def test_typing_filters_and_enter_keeps(seat):
    await seat.press("slash", *"api", "enter")
    assert seat.names() == ["api-eu", "api-us"]
    assert "/api" in seat.lines()[-1]
    await seat.press("escape")
    assert seat.names() == ALL


async def test_escape_while_typing_drops_the_filter(seat):
    await seat.press("slash", *"api", "escape")
    assert seat.names() == ALL


async def test_letters_typed_into_the_filter_are_no_commands(seat):
    await seat.press("slash", *"qr")
    assert seat.source.asked == []
    assert seat.names() == []
    assert "no endpoint fits qr" in seat.lines()[3]
