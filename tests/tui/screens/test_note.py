"""The note of an acknowledgement, key by key."""

from monitor.link.messages import Acknowledge
from monitor.tui.data.whoami import user_name


async def test_the_note_is_typed_over_the_table_and_opens_nothing(seat):
    await seat.press("a", *"new", "enter")
    assert seat.source.asked == [Acknowledge(handles=(1,), by=user_name(), note="new")]
    assert seat.app.screen is seat.app.overview


async def test_escape_acknowledges_nothing(seat):
    await seat.press("a", *"no", "escape")
    assert seat.source.asked == []
    assert seat.app.screen is seat.app.overview


async def test_the_table_stays_live_under_the_question(seat):
    await seat.press("a")
    seat.source.push(*(one for one in seat.source.snapshot.statuses if one.handle == 1))
    await seat.settle()
    assert "enter acknowledges" in seat.lines()[-1]
