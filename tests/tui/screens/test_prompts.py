"""Prompts over the current screen: where a time, a note or the name of a file is typed."""

import pytest
from fake_source import NOW
from msgspec.structs import replace

from monitor.link.messages import Acknowledge
from monitor.model import Event, Incident
from monitor.tui.data.whoami import user_name
from monitor.tui.screens.prompts import FileNamePrompt, MomentPrompt


@pytest.fixture
async def operator(seat):
    """Somebody who may go back an hour."""
    seat.source.snapshot = replace(seat.source.snapshot, started_at=NOW - 3600)
    seat.app.travel.live.started_at = NOW - 3600
    return seat


async def gone_to(operator):
    """The moment that the dashboard goes to, in seconds from now."""
    await operator.until(lambda: operator.app.travel.moment)
    return operator.app.travel.moment - NOW


async def test_a_time_is_typed(operator):
    await operator.press("t")
    assert isinstance(operator.app.screen, MomentPrompt)
    assert any("api-eu" in line for line in operator.lines()), "what is below is not hidden"
    await operator.press("minus", "5", "m", "enter")
    assert await gone_to(operator) == -300
    assert operator.app.screen is operator.app.overview


async def test_what_is_no_time_is_told_and_can_be_mended(operator):
    await operator.press("t", "9", "9", "enter")
    assert isinstance(operator.app.screen, MomentPrompt)
    assert any("'99' is no time" in line for line in operator.lines())
    await operator.press("backspace", "m")
    assert not any("is no time" in line for line in operator.lines())
    await operator.press("enter")
    assert await gone_to(operator) == -540


async def test_escape_goes_nowhere(operator):
    await operator.press("t", "1", "m", "escape")
    assert operator.app.screen is operator.app.overview
    assert operator.source.asked == []


@pytest.mark.parametrize("view", ["log", "incidents"])
async def test_the_time_under_the_cursor_is_suggested_so_that_what_happened_then_is_seen(operator, view):
    began = NOW - 1234.5
    incident = Incident(id=1, endpoint="x", handle=1, name="x", began=began)
    event = Event(at=began, handle=1, level="bad", text="down")
    operator.source.push(incidents=(incident,), events=(event,))
    await operator.settle()
    operator.app.action_view(view)
    await operator.until(lambda: operator.app.screen is not operator.app.overview)
    await operator.pilot.pause()
    await operator.press("t", "enter")
    assert await gone_to(operator) == -1234
    assert operator.app.screen is not operator.app.overview


async def test_a_zone_that_is_not_the_machines_is_named(operator):
    await operator.press("U", "t")
    assert "a time UTC: 03:12" in operator.lines()[-1]
    await operator.press(*"-5m", "enter")
    await gone_to(operator)
    assert all(" UTC" in line for line in operator.lines()[:2])
    await operator.press("T", "U")


# ---- the note of an acknowledgement, key by key


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


# ---- the name of a file


ANSWERS = [
    (("enter",), "a.csv"),
    (("x", "enter"), "a.csvx"),
    (("ctrl+u", "enter"), None),
    (("escape",), None),
]


@pytest.mark.parametrize(("keys", "name"), ANSWERS)
async def test_the_name_can_be_changed_kept_or_dropped(seat, keys, name):
    answers = []
    seat.app.push_screen(FileNamePrompt("a.csv"), answers.append)
    await seat.press(*keys)
    assert answers == [name]
    assert seat.app.screen is seat.app.overview
