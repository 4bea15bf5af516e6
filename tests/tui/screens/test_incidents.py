"""The incidents, key by key."""

from pathlib import Path

import pytest
import stored_past
from fake_source import NOW, FakeSource, failed, info, mixed, row
from msgspec.structs import replace
from stored_past import DAY

from monitor.link.history import LocalHistory
from monitor.link.messages import Acknowledge, CheckNow, SilenceEndpoints
from monitor.model import Acknowledgement, Cause, Ending, Incident, State
from monitor.store.travel import PAGE
from monitor.tui.data.moments import clock
from monitor.tui.data.whoami import user_name
from monitor.tui.screens.incidents import IncidentLines, IncidentsView
from monitor.tui.widgets.prompt import Prompt

ANN = Acknowledgement(at=NOW - 60, by="ann", note="on it")


def incident(number, handle=1, name="api-eu", **more):
    fields = {"cause": "connection refused", "failed": 62} | more
    return Incident(id=str(number), endpoint=f"id-{handle}", handle=handle, name=name, **fields)


def over(number, handle, name, began, lasted, **more):
    return incident(
        number, handle, name, began=NOW - began, ended=NOW - began + lasted, ending=Ending.RECOVERED, **more
    )


def troubled():
    """One open, one over, one that came again and again, one whose endpoint has gone."""
    source = mixed()
    every = [
        incident(1, began=NOW - 330),
        over(2, 2, "api-us", 9000, 133, cause="latency", latest="no answer", acknowledged=ANN),
        *(over(number, 4, "search", 7000 - 300 * number, 60, cause="flaps") for number in range(3, 9)),
        over(9, 99, "old one", 20000, 7200, cause="[bold]gone\x1b[2J"),
    ]
    source.push(incidents=tuple(every))
    return source


@pytest.fixture
def opened(make_seat):
    """Opens the dashboard with the incidents in front."""

    class Opened:
        def __init__(self, source=None, size=(120, 30), **environ):
            self.seat = make_seat(source or troubled(), **environ)
            self.context = self.seat.app.run_test(size=size)

        async def __aenter__(self):
            self.seat.pilot = await self.context.__aenter__()
            await self.seat.settle()
            await self.seat.press("2")
            return self.seat

        async def __aexit__(self, *raised):
            await self.context.__aexit__(*raised)

    return Opened


def rows(seat):
    """The lines of the list, from the first on."""
    return [line.rstrip() for line in seat.lines()[2:-1] if line.strip()]


async def test_open_ones_stand_on_top_and_the_newest_before_the_others(opened):
    async with opened() as seat:
        first, second, third, fourth = rows(seat)
        assert first.startswith("▌✖ OPEN ")
        assert first.split()[3:] == ["5m", "api-eu", "connection", "refused", "62"]
        assert "● over ~" in second
        assert "6× in 26m · flaps" in second
        assert "api-us" in third
        assert "latency · then no answer" in third
        assert "ann: on it" in third
        assert "old one" in fourth
        assert "[bold]gone␛[2J" in fourth
        assert seat.lines()[-1].rstrip().endswith("1 open  1/4")


async def test_titles_stand_over_what_they_are_of(opened):
    async with opened() as seat:
        titles, first = seat.lines()[1], rows(seat)[0]
        for title, told in (("STATE", "✖"), ("ENDPOINT", "api-eu"), ("CAUSE", "connection")):
            assert titles.index(title) == first.index(told)


async def test_nothing_to_tell_is_good_news(opened):
    async with opened(mixed()) as seat:
        assert f"no incident since {clock(NOW)}" in seat.lines()[3]
        await seat.press("enter", "a", "space", "j", "G", "r", "m")
        assert seat.source.asked == []


async def test_an_incident_that_opens_comes_on_top_and_ends_where_it_stands(opened):
    async with opened(mixed()) as seat:
        seat.source.push(incidents=(incident(1, began=NOW - 30),))
        await seat.settle()
        assert "OPEN" in rows(seat)[0]
        assert " 30s " in rows(seat)[0]
        seat.source.push(incidents=(over(1, 1, "api-eu", 30, 29),))
        await seat.settle()
        assert "● over" in rows(seat)[0]
        assert " 29s " in rows(seat)[0]


async def test_the_cursor_stays_on_top_until_it_is_moved_and_then_with_its_incident(opened):
    async with opened() as seat:
        seat.source.push(incidents=(incident(20, 5, "batch", began=NOW - 5),))
        await seat.settle()
        assert seat.app.screen.current.name == "batch"
        await seat.press("j")
        seat.source.push(incidents=(incident(21, 6, "other", began=NOW - 1),))
        await seat.settle()
        assert seat.app.screen.current.name == "api-eu"


async def test_what_came_again_and_again_is_unfolded_and_folded(opened):
    async with opened() as seat:
        await seat.press("j", "space")
        assert [line for line in rows(seat) if "search" in line and "flaps" in line]
        assert len(rows(seat)) == 9
        assert rows(seat)[1].startswith("▌")
        await seat.press("j", "space")
        assert len(rows(seat)) == 4
        assert rows(seat)[1].startswith("▌")


async def test_enter_opens_the_endpoint_at_the_time_of_the_incident(opened):
    async with opened() as seat:
        await seat.press("enter")
        assert seat.app.screen.timeline.handle == 1
        assert seat.app.screen.timeline.cursor_at == NOW - 330
        await seat.press("escape")
        assert isinstance(seat.app.screen, IncidentsView)


async def test_what_has_gone_is_not_opened(opened):
    async with opened() as seat:
        await seat.press("G", "enter")
        assert "no longer in the config" in seat.lines()[-1]


# ── acknowledging ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("typed", "note"), [("on it", "on it"), ("", ""), ("  ", "")])
async def test_acknowledging_takes_a_note_or_none(opened, typed, note):
    async with opened() as seat:
        await seat.press("a", *typed, "enter")
        assert seat.source.asked == [Acknowledge(handles=(1,), by=user_name(), note=note)]
        assert seat.app.screen.query_one(IncidentLines).has_focus
        assert not seat.app.screen.query_one("#note", Prompt).display


async def test_escape_acknowledges_nothing(opened):
    async with opened() as seat:
        await seat.press("a", *"never mind", "escape", "enter")
        assert seat.source.asked == []


async def test_the_note_is_for_the_incident_under_the_cursor_when_it_was_asked_for(opened):
    async with opened() as seat:
        await seat.press("a")
        seat.source.push(incidents=(incident(30, 5, "batch", began=NOW),))
        await seat.settle()
        await seat.press("x", "enter")
        assert seat.source.asked == [Acknowledge(handles=(1,), by=user_name(), note="x")]


ACKNOWLEDGED = [
    (["n", *" now", "enter"], Acknowledge(handles=(1,), by=user_name(), note="on it now")),
    (["a"], Acknowledge(handles=(1,), on=False, by=user_name())),
]


@pytest.mark.parametrize(("keys", "request_"), ACKNOWLEDGED)
async def test_another_note_can_be_given_and_the_mark_be_taken_back(opened, keys, request_):
    async with opened() as seat:
        seat.source.push(
            failed(1, acknowledged=ANN), incidents=(incident(1, began=NOW - 330, acknowledged=ANN),)
        )
        await seat.settle()
        assert "✖ OPEN a" in rows(seat)[0]
        await seat.press("a")
        assert "n another note  a no longer acknowledged" in seat.lines()[-1]
        await seat.press(*keys)
        assert seat.source.asked == [request_]


async def test_what_is_over_need_not_be_acknowledged(opened):
    async with opened() as seat:
        await seat.press("j", "a")
        assert "it is over" in seat.lines()[-1]
        assert seat.source.asked == []


async def test_other_deeds_are_done_to_its_endpoint(opened):
    async with opened() as seat:
        await seat.press("r", "m")
        assert seat.source.asked == [
            CheckNow(handles=(1,)),
            SilenceEndpoints(handles=(1,), until=NOW + 3600, by=user_name()),
        ]
        await seat.press("G", "r")
        assert len(seat.source.asked) == 2


# ── the filter ──────────────────────────────────────────────────────────────────────────────────


async def test_the_filter_shows_lines_with_every_word(opened):
    async with opened() as seat:
        await seat.press("slash", *"OVER ann", "enter")
        assert [line for line in rows(seat) if "api-us" in line] == rows(seat)
        assert "/OVER ann" in seat.lines()[-1]
        await seat.press("escape")
        assert len(rows(seat)) == 4
        await seat.press("escape")
        assert seat.app.screen is seat.app.overview


async def test_a_filter_that_nothing_fits_says_so(opened):
    async with opened() as seat:
        await seat.press("slash", *"nothing like this")
        assert "no incident fits" in seat.lines()[3]
        assert "esc  show all" in seat.lines()[5]
        await seat.press("escape")
        assert len(rows(seat)) == 4


async def test_a_run_that_only_fits_the_filter_as_a_whole_stays_folded(opened):
    source = mixed()
    causes = "refused", "timeout", "refused", "timeout", "refused", "timeout"
    every = (over(n, 4, "search", 7000 - 300 * n, 60, cause=cause) for n, cause in enumerate(causes, start=3))
    source.push(incidents=tuple(every))
    async with opened(source) as seat:
        await seat.press("slash", *"refused timeout", "enter", "space")
        assert [line.startswith("▌● over ~") for line in rows(seat)] == [True]
        assert "none of these fits the filter by itself" in seat.lines()[-1]
        await seat.press("escape", "space")
        assert len(rows(seat)) == 6


async def test_letters_of_a_note_filter_nothing(opened):
    async with opened() as seat:
        await seat.press("a", *"zzz")
        assert len([line for line in rows(seat) if "api" in line]) == 2


# ── how it looks ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("size", [(1, 1), (10, 3), (40, 10), (60, 15), (80, 24), (200, 50), (300, 90)])
async def test_every_size_is_drawn(opened, size):
    async with opened(size=size) as seat:
        assert [len(line) for line in seat.lines()] == [size[0]] * size[1]
        await seat.press("a", "x", "escape", "slash", "x", "escape", "j", "space", "G", "g")
        await seat.pilot.resize_terminal(80, 24)
        assert any("api-eu" in line for line in seat.lines())


async def test_a_small_terminal_tells_what_where_why_and_how_long(opened):
    async with opened(size=(40, 10)) as seat:
        assert rows(seat)[0].startswith("▌✖ OPEN       5m api-eu       connectio")


async def test_an_ascii_terminal_gets_only_ascii(opened):
    async with opened(LANG="C") as seat:
        shown = [line for line in seat.lines() if "[bold]" not in line]
        assert all(line.isascii() for line in shown)
        assert rows(seat)[0].startswith(">X OPEN")


async def test_without_colour_the_cursor_and_the_state_are_still_told(opened):
    async with opened(NO_COLOR="1") as seat:
        strips = seat.app.screen.query_one(IncidentLines).render_line(0)
        assert any(segment.style.reverse for segment in strips)
        assert all(segment.style.color is None or segment.style.color.is_default for segment in strips)


async def test_nothing_is_sent_while_nothing_changes(opened, monkeypatch):
    async with opened() as seat:
        painted = []
        lines = seat.app.screen.query_one(IncidentLines)
        monkeypatch.setattr(lines, "refresh", lambda *regions: painted.append(regions))
        seat.app.follower.hurry()
        for _ in range(3):
            seat.source.push(failed(1))
            await seat.settle()
        assert painted == []


async def test_the_mouse_opens(opened):
    async with opened() as seat:
        await seat.pilot.click(IncidentLines, offset=(5, 2), times=2)
        assert seat.app.screen.timeline.handle == 2


SHARED = {"common_cause": Cause(kind="group", value="payments", count=3), "outage": "1"}


def outage():
    """Three endpoints with a common cause."""
    source = mixed()
    names = enumerate(("webhooks", "api-eu", "api-us"))
    source.push(incidents=tuple(incident(at + 1, at, name, began=NOW - 60, **SHARED) for at, name in names))
    return source


async def test_a_common_cause_is_one_line_until_it_is_unfolded(opened):
    async with opened(outage()) as seat:
        (line,) = [line for line in seat.lines() if "OPEN" in line]
        assert "3 endpoints" in line
        assert "group payments" in line
        await seat.press("space")
        assert sum("OPEN" in line for line in seat.lines()) == 3
        await seat.press("space")
        assert sum("OPEN" in line for line in seat.lines()) == 1


async def test_a_common_cause_is_acknowledged_and_silenced_for_all_its_endpoints(opened):
    async with opened(outage()) as seat:
        await seat.press("a", "o", "k", "enter")
        mark = seat.source.asked[-1]
        assert (sorted(mark.handles), mark.note) == ([0, 1, 2], "ok")
        await seat.press("m")
        assert sorted(seat.source.asked[-1].handles) == [0, 1, 2]


def behind_a_gateway():
    """A gateway that is down, and two endpoints behind it."""
    infos = [info(0, "gateway"), *(info(at, f"shop {at}", depends_on=("gateway",)) for at in (1, 2))]
    source = FakeSource(infos, [failed(0), *(row(at, State.UNREACHABLE) for at in (1, 2))])
    source.push(incidents=(incident(1, 0, "gateway", began=NOW - 60),))
    return source


async def test_a_dependency_that_is_down_counts_the_endpoints_behind_it(opened):
    async with opened(behind_a_gateway()) as seat:
        assert any("gateway" in line and "2 unreachable" in line for line in seat.lines())


# ── on the history ──────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def stored(tmp_path):
    """An engine with nothing in its memory, and a history of so many incidents, a day apart."""

    def make(count, source=None):
        source = source or mixed()
        past = [
            stored_past.incident(number, NOW - DAY * (count - number), NOW - DAY * (count - number) + 60)
            for number in range(count)
        ]
        past[0] = replace(past[0], cause="cause 0 the oldest")
        source.stored = LocalHistory(stored_past.write(tmp_path / "history.db", past))
        source.snapshot = replace(source.snapshot, history=str(tmp_path / "history.db"))
        return source

    return make


def loaded(seat):
    return seat.until(lambda: seat.app.travel.older.revision and not seat.app.travel.older.loading)


async def test_incidents_that_the_engine_does_not_remember_come_from_the_history(opened, stored):
    async with opened(stored(3)) as seat:
        await loaded(seat)
        await seat.pilot.pause()
        third, second, first = rows(seat)
        assert "api-eu" in third
        assert "cause 2 · then the last ␛[31mmessage" in third
        assert ("cause 1" in second, "cause 0" in first) == (True, True)


async def test_more_are_loaded_as_one_scrolls(opened, stored):
    async with opened(stored(PAGE * 2 + 5)) as seat:
        await loaded(seat)
        await seat.pilot.pause()
        assert seat.lines()[-1].rstrip().endswith(f"1/{PAGE}")
        await seat.press("G")
        await seat.until(lambda: len(seat.app.screen.lines.rows) == PAGE * 2)
        await seat.press("G")
        await seat.until(lambda: len(seat.app.screen.lines.rows) == PAGE * 2 + 5)
        await seat.press("G")
        assert "cause 0" in rows(seat)[-1]


async def test_a_filter_finds_the_oldest_incident(opened, stored):
    async with opened(stored(PAGE * 2 + 5)) as seat:
        await loaded(seat)
        seat.app.screen.set_filter("matches nothing")
        await seat.until(lambda: not seat.app.travel.older.more)
        assert "no incident fits" in rows(seat)[0]
        seat.app.screen.set_filter("oldest")
        await seat.pilot.pause()
        assert ["cause 0 the oldest" in line for line in rows(seat)] == [True]


async def test_one_quiet_line_says_why_there_are_no_more(opened, stored):
    async with opened() as seat:
        assert "no history" not in seat.lines()[-1]
        await seat.press("G")
        assert "no history: only since" in seat.lines()[-1]
    source = stored(1, troubled())
    source.stored = LocalHistory(Path("/nowhere/history.db"))
    async with opened(source) as seat:
        await loaded(seat)
        await seat.press("G")
        assert "there is no history" in seat.lines()[-1]
        assert len(rows(seat)) == 4


async def test_the_past_has_its_incidents_too(opened, stored):
    source = stored(5)
    async with opened(source) as seat:
        seat.app.travel.go(NOW - 4 * DAY + 30)
        await seat.until(lambda: seat.app.travel.moment)
        await seat.pilot.pause()
        assert ["OPEN" in line for line in rows(seat)[1:]] == [True, False]
        assert "AS OF" in seat.lines()[0]


async def test_an_empty_history_is_good_news(opened, tmp_path):
    source = mixed()
    source.stored = LocalHistory(stored_past.write(tmp_path / "history.db", []))
    source.snapshot = replace(source.snapshot, history="h")
    async with opened(source) as seat:
        await loaded(seat)
        await seat.pilot.pause()
        assert "no incident in the history" in "".join(seat.lines())
