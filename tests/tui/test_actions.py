"""What can be done to endpoints from any screen on which some are chosen."""

import re

import pytest
from fake_source import NOW, failed, silence
from msgspec.structs import replace
from textual import events

from monitor.errors import LinkError
from monitor.link.edits import Edited, Enable, Remove, Undo
from monitor.link.messages import EngineStats, SilenceEndpoints
from monitor.link.paths import TracePath
from monitor.tui.data.whoami import user_name
from monitor.tui.drawing import words
from monitor.tui.widgets.pane import Pane

DONE = Edited(ok=True, text="done so", edit=3)


@pytest.fixture
def seat(seat):
    seat.source.replies = {Remove: DONE, Enable: DONE, Undo: Edited(ok=True, text="undone")}
    return seat


async def test_deleting_names_what_is_meant_and_wants_a_yes(seat):
    await seat.press("D")
    assert 'y deletes "api-eu" from the config, any other key does not' in seat.lines()[-1]
    await seat.press("y")
    assert seat.source.asked == [Remove(handles=(1,))]
    assert "done so (u takes it back)" in seat.lines()[-1]
    await seat.press("u")
    assert seat.source.asked[1:] == [Undo(edit=3)]
    assert "undone" in seat.lines()[-1]


@pytest.mark.parametrize("key", ["n", "escape", "D", "enter", "q"])
async def test_any_other_key_deletes_nothing_and_does_nothing_else(seat, key):
    await seat.press("D", key)
    assert seat.source.asked == []
    assert seat.app.screen is seat.app.overview
    assert "deletes" not in seat.lines()[-1]
    assert "help" in seat.lines()[-1]


async def test_keys_that_come_all_at_once_are_taken_in_their_order(seat):
    for key in "jDyGE":
        seat.app.post_message(events.Key(key, key))
    await seat.pilot.pause()
    await seat.pilot.pause()
    assert seat.source.asked == [Remove(handles=(4,)), Enable(handles=(5,), on=False)]


async def test_marked_endpoints_are_deleted_together(seat):
    await seat.press("space", "space", "space", "D")
    asked = "y deletes 3 endpoints, any other key does not: api-eu, api-us, search"
    assert asked in seat.lines()[-1]
    await seat.press("y")
    assert seat.source.asked == [Remove(handles=(1, 2, 4))]


async def test_what_is_meant_stays_meant_while_the_order_changes(seat):
    await seat.press("D")
    seat.source.push(failed(5, since=NOW - 9))
    await seat.settle()
    await seat.press("y")
    assert seat.source.asked == [Remove(handles=(1,))]


async def test_endpoints_are_disabled_and_what_is_disabled_is_enabled(seat):
    await seat.press("E")
    assert seat.source.asked == [Enable(handles=(1,), on=False)]
    infos = [replace(seat.app.board.entries[handle].info, enabled=False) for handle in (1, 4)]
    seat.source.push(infos=tuple(infos), order=tuple(range(7)))
    await seat.settle()
    await seat.press("g", "space", "space", "E")
    assert seat.source.asked[1:] == [Enable(handles=(1, 4), on=True)]


async def test_a_config_that_cannot_be_changed_is_reported(seat):
    seat.source.replies = {Enable: LinkError("there is no config file to write to")}
    await seat.press("E")
    assert "not done: there is no config file to write to" in seat.lines()[-1]
    await seat.press("u")
    assert "no change from this dashboard to undo" in seat.lines()[-1]


COPIES = [
    ("a", "api-eu https://host1.test/ down connection_refused connection refused"),
    ("n", "api-eu"),
    ("u", "https://host1.test/"),
    ("c", "curl -v https://host1.test/"),
]


@pytest.mark.parametrize(("key", "copied"), COPIES)
async def test_what_is_copied_is_chosen_by_a_letter_and_told(seat, key, copied):
    await seat.press("y")
    assert "c curl" in seat.lines()[-1]
    await seat.press(key)
    await seat.pilot.pause()
    assert seat.app.clipboard == copied
    assert f"copied: {copied}" in seat.lines()[-1]


async def test_a_row_of_each_chosen_endpoint_is_copied_as_json(seat):
    await seat.press("space", "space", "y", "j")
    assert [line[:22] for line in seat.app.clipboard.split("\n")] == [
        '{"endpoint": "api-eu",',
        '{"endpoint": "search",',
    ]


async def test_what_there_is_none_of_is_not_copied(seat):
    await seat.press("y", "e")
    await seat.pilot.pause()
    assert seat.app.clipboard == ""
    assert "there is none to copy" in seat.lines()[-1]


async def test_a_lost_engine_cannot_tell_details(seat):
    seat.source.gone = "the engine has gone"
    await seat.press("y", "c")
    await seat.pilot.pause()
    assert "not copied: the engine has gone" in seat.lines()[-1]


async def test_the_network_paths_of_the_chosen_are_traced(seat):
    await seat.press("space", "space", "x")
    (request,) = seat.source.asked
    assert isinstance(request, TracePath)
    assert len(request.handles) == 2


def runbook(seat, url):
    seat.source.push(infos=(replace(seat.app.board.entries[1].info, runbook=url),), order=tuple(range(7)))


async def test_the_runbook_is_copied(seat, monkeypatch):
    monkeypatch.setattr("monitor.tui.actions._has_desktop", lambda: False)
    await seat.press("b")
    assert "no runbook is set here" in seat.lines()[-1]
    runbook(seat, "https://wiki.test/api")
    await seat.settle()
    await seat.press("b")
    assert seat.app.clipboard == "https://wiki.test/api"
    assert "runbook copied: https://wiki.test/api" in seat.lines()[-1]


@pytest.mark.parametrize(("url", "opens"), [("https://wiki.test/api", True), ("file:///etc/passwd", False)])
async def test_beside_a_desktop_the_runbook_is_opened_too(seat, monkeypatch, url, opens):
    monkeypatch.setattr("monitor.tui.actions._has_desktop", lambda: True)
    opened = []
    monkeypatch.setattr(seat.app, "open_url", opened.append)
    runbook(seat, url)
    await seat.settle()
    await seat.press("b")
    assert opened == [url] * opens
    assert seat.app.clipboard == url


async def test_every_deed_is_in_the_palette_and_in_the_help(seat):
    told = {active.binding.description for active in seat.app.screen.active_bindings.values()}
    assert {
        "new endpoint",
        "delete from the config",
        "copy …",
        "take back the last change of the config",
    } <= told
    await seat.press("question_mark")
    assert re.search(r"e \^e E D +edit, editor, on/off, delete", seat.app.screen.query_one(Pane).text)


async def test_with_nothing_chosen_nothing_happens(seat):
    seat.source.push(order=())
    await seat.settle()
    await seat.press("D", "y", "E", "N", "b", "y")
    assert seat.source.asked == []


# ── silence ─────────────────────────────────────────────────────────────────────────────────────


async def test_a_silence_is_for_an_hour_at_first(seat):
    await seat.press("m")
    assert seat.source.asked == [SilenceEndpoints(handles=(1,), until=NOW + 3600, by=user_name())]


TIMES = [
    ("1", {"until": NOW + 3600}),
    ("4", {"until": NOW + 4 * 3600}),
    ("8", {"until": NOW + 8 * 3600}),
    ("d", {"until": NOW + 24 * 3600}),
    ("u", {"until": None}),
]


@pytest.mark.parametrize(("key", "lasting"), TIMES)
async def test_what_is_silenced_is_for_as_long_as_the_next_key_says(seat, key, lasting):
    seat.source.push(failed(1, silenced=silence(until=NOW + 60)))
    await seat.settle()
    await seat.press("m")
    assert "1 h  4 h  8 h  d a day  u until up  m no longer" in seat.lines()[-1]
    assert seat.source.asked == []
    await seat.press(key)
    assert seat.source.asked == [SilenceEndpoints(handles=(1,), by=user_name(), **lasting)]


async def test_a_silence_is_taken_back_with_the_same_key(seat):
    seat.source.push(failed(1, silenced=silence(until_up=True)))
    await seat.settle()
    await seat.press("m", "m")
    assert seat.source.asked == [SilenceEndpoints(handles=(1,), on=False)]


async def test_where_one_of_the_marked_speaks_all_are_silenced(seat):
    seat.source.push(failed(1, silenced=silence(until_up=True)))
    await seat.settle()
    await seat.press("space", "space", "m")
    assert seat.source.asked == [SilenceEndpoints(handles=(1, 4), until=NOW + 3600, by=user_name())]


async def test_a_silence_is_told_beside_the_state(seat):
    seat.source.push(failed(1, silenced=silence(until=NOW + 60)))
    await seat.settle()
    line = next(line for line in seat.lines() if "api-eu" in line)
    assert "✖ DOWN m" in line
    assert "connection refused · silenc" in line
    await seat.press("enter")
    assert any(words.silenced(silence(until=NOW + 60), NOW) in line for line in seat.lines())


@pytest.mark.parametrize("key", ["n", "N", "D", "E", "e"])
async def test_without_a_config_file_nothing_is_edited(seat, key):
    seat.app.board.config_file = ""
    await seat.press(key)
    assert "there is no config file" in seat.lines()[-1]
    assert seat.app.screen is seat.app.overview
    assert not seat.source.asked


@pytest.mark.parametrize("key", ["r", "p", "a", "m", "n", "N", "D", "E", "e", "u", "x"])
async def test_a_connection_that_is_read_only_asks_and_changes_nothing(seat, key):
    seat.source.push(stats=EngineStats(read_only=True))
    await seat.settle()
    await seat.press(key)
    assert "this connection is read-only" in seat.lines()[-1]
    assert (seat.app.screen, seat.source.asked) == (seat.app.overview, [])
