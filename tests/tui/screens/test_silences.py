"""What keeps alerts quiet, key by key."""

from __future__ import annotations

import pytest
from fake_source import NOW, FakeSource, failed, mixed, row
from msgspec.structs import replace

from monitor.errors import LinkError
from monitor.link.messages import Acknowledge, Changes, EngineStats
from monitor.link.silences import EndSilence, ExtendSilence, MaintenanceWindow, StartSilence
from monitor.model import Acknowledgement, Silence
from monitor.tui.data.whoami import user_name
from monitor.tui.screens.detail import DetailView

DEPLOY = Silence(id="s1", select=("group:payments",), at=NOW, until=NOW + 3600, by="ann", note="deploy")
SUNDAY = MaintenanceWindow(
    name="Sunday", select=("tag:eu",), schedule="0 3 * * sun", duration=60.0, next=NOW + 86400
)


def quiet() -> FakeSource:
    source = mixed()
    source.in_force, source.windows = (DEPLOY,), (SUNDAY,)
    source.silenced = Silence(id="s2", select=("*",), at=NOW)
    marked = failed(4, acknowledged=Acknowledgement(at=NOW, by="bob", note="the switch"))
    others = (one for one in source.snapshot.statuses if one.handle != 4)
    source.snapshot = replace(source.snapshot, statuses=(*others, marked))
    return source


pytestmark = pytest.mark.parametrize("seat", [quiet], indirect=True)


@pytest.fixture
async def opened(seat):
    await seat.press("7")
    await seat.until(lambda: seat.app.screen.lines.rows)
    return seat


def listed(seat) -> list[str]:
    return [" ".join(line.split()) for line in seat.lines()[2:6]]


async def typed(seat, text: str) -> None:
    for letter in text:
        await seat.press("space" if letter == " " else letter)
    await seat.press("enter")


async def test_it_lists_silences_acknowledgements_and_windows(opened):
    first, second, third, _ = listed(opened)
    assert first.startswith("▌silenced group:payments 3 until")
    assert first.endswith("ann deploy")
    assert second == "acknowledged search 1 until it is up bob the switch"
    assert third.startswith("planned Sunday 2 from")


async def test_a_silence_is_ended(opened):
    await opened.press("x")
    assert opened.source.asked[-1] == EndSilence(id="s1", by=user_name())
    opened.source.in_force = ()
    opened.source.push(row(0, maintenance=True))
    await opened.settle()
    await opened.until(lambda: "silenced" not in listed(opened)[0])


async def test_an_acknowledgement_is_taken_back(opened):
    await opened.press("j", "x")
    assert opened.source.asked[-1] == Acknowledge(handles=(4,), on=False, by=user_name())


async def test_a_maintenance_window_is_ended_in_the_config(opened):
    await opened.press("j", "j", "x")
    assert not opened.source.asked
    assert "maintenance is ended in the config: e edits it" in opened.lines()[-1]


@pytest.mark.parametrize(("key", "seconds"), [("4", 4 * 3600.0), ("d", 86400.0), ("u", None)])
async def test_a_silence_is_extended(opened, key: str, seconds: float | None):
    await opened.press("+")
    assert "until ended" in opened.lines()[-1]
    await opened.press(key)
    assert opened.source.asked[-1] == ExtendSilence(id="s1", lasting=seconds, by=user_name())


async def test_what_shares_a_line_is_extended_and_ended_together(opened):
    names = ["s1", "s2", "s3"]
    opened.source.in_force = tuple(
        Silence(id=id, select=(f"id:id-{at}",), at=NOW, until=NOW + 60)
        for at, id in enumerate(names, start=1)
    )
    opened.source.push(row(0, maintenance=True))
    await opened.settle()
    await opened.until(lambda: "and" in listed(opened)[0] or "api-eu" in listed(opened)[0])
    await opened.press("+", "4", "x")
    await opened.until(lambda: len(opened.source.asked) == 6)
    extended, ended = opened.source.asked[:3], opened.source.asked[3:]
    assert extended == [ExtendSilence(id=id, lasting=4 * 3600.0, by=user_name()) for id in names]
    assert ended == [EndSilence(id=id, by=user_name()) for id in names]


@pytest.mark.parametrize(("key", "lasting"), [("4", 4 * 3600.0), ("u", None)])
async def test_an_acknowledgement_gets_another_end_and_keeps_its_note(opened, key, lasting):
    await opened.press("j")
    mark = opened.app.screen.lines.current
    await opened.press("+", key)
    await opened.until(lambda: opened.source.asked)
    expected = Acknowledge(handles=tuple(mark.handles), by=user_name(), note=mark.note, lasting=lasting)
    assert opened.source.asked == [expected]


async def test_a_new_silence_covers_what_the_overview_shows(seat):
    await seat.press("/")
    await typed(seat, "g:intl")
    await seat.press("7", "n")
    assert seat.app.screen.query_one("#select").value == "group:intl"
    await seat.press("enter")
    await typed(seat, "new switch")
    await seat.press(*["backspace"] * 2)
    await typed(seat, "90m")
    await seat.until(lambda: seat.source.asked)
    expected = StartSilence(select=("group:intl",), lasting=5400.0, by=user_name(), note="new switch")
    assert seat.source.asked == [expected]
    assert "silenced" in seat.lines()[-1]


async def test_the_cursor_goes_to_the_new_silence(opened):
    opened.source.in_force = (DEPLOY, opened.source.silenced)
    await opened.press("n", "enter", "enter", "enter")
    await opened.settle()
    await opened.until(lambda: opened.app.screen.lines.current.id == "s2")


async def test_a_wrong_answer_is_asked_again(opened):
    await opened.press("n", "x", "'", "enter")
    assert "a closing quote is missing" in opened.lines()[-1]
    await opened.press("backspace", "backspace", "enter", "enter", "z", "enter")
    assert "z" in opened.lines()[-1]
    assert opened.app.screen.query_one("#lasting").has_focus
    assert not opened.source.asked


async def test_escape_makes_no_silence(opened):
    await opened.press("n", "enter", "escape")
    assert not opened.source.asked
    assert opened.app.screen.lines.has_focus
    assert "new silence" in opened.lines()[-1]


async def test_a_refusal_is_shown(opened):
    opened.source.silenced = "no endpoint matches *"
    await opened.press("n", "enter", "enter", "enter")
    await opened.until(lambda: "no endpoint matches" in opened.lines()[-1])


async def test_a_connection_that_is_read_only_asks_nothing(opened):
    opened.source.waiting.append(Changes(now=NOW, stats=EngineStats(read_only=True)))
    await opened.settle()
    await opened.press("n")
    assert "this connection is read-only" in opened.lines()[-1]


async def test_one_endpoint_is_opened_and_several_are_marked(opened):
    await opened.press("enter")
    assert opened.app.screen is opened.app.overview
    assert opened.app.overview.table.marked == {0, 1, 2}
    await opened.press("7", "j", "enter")
    assert isinstance(opened.app.screen, DetailView)


async def test_a_filter_leaves_what_has_its_words(opened):
    await opened.press("/")
    await typed(opened, "sunday")
    assert listed(opened)[0].startswith("▌planned Sunday")


async def test_an_engine_that_does_not_answer_leaves_the_list_as_it_was(opened):
    async def unanswered():
        raise LinkError("the engine has not answered")

    opened.source.silences = unanswered
    opened.source.push(row(0, maintenance=True))
    await opened.settle()
    await opened.until(
        lambda: "silences as they were: the engine has not answered" in "".join(opened.lines())
    )
    assert listed(opened)[1].startswith("▌silenced")
