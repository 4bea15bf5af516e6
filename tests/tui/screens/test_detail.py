from contextlib import asynccontextmanager

import pytest

from monitor.link.messages import Acknowledge, Changes, CheckNow, EndpointStatus, Pause, Resume
from monitor.model import Acknowledgement, Incident, Reason, State
from monitor.tui.data.whoami import user_name
from monitor.tui.widgets.pane import Pane

NOW = 1_800_000_000.0


@pytest.fixture
def detail(dashboard, until):
    """Opens the dashboard with the first endpoint's detail in front."""

    @asynccontextmanager
    async def opened(width=80, height=24, **environ):
        async with dashboard(width, height, **environ) as (app, pilot):
            app.navigation.detail(1)
            await until(pilot, lambda: app.screen.query("#left") and app.screen.timeline.detail)
            await pilot.pause()
            yield app, pilot

    return opened


def text(app, pane="#left"):
    return app.screen.query_one(pane, Pane).text


async def test_enter_opens_it_and_escape_goes_back(dashboard, until):
    async with dashboard() as (app, pilot):
        await pilot.press("enter")
        await until(pilot, lambda: app.screen.query("#left"))
        assert app.screen.timeline.handle == 1
        await pilot.press("escape")
        assert app.screen is app.overview
        await pilot.press("enter", "q")
        assert app.screen is app.overview


async def test_everything_important_fits_into_80_by_24(detail, shown):
    async with detail() as (app, _):
        lines = "\n".join(shown(app))
        for part in ("Shop front", "DOWN", "read_timeout: no answer", "p50", "✖", "07:", "within 3s"):
            assert part in lines


async def test_a_large_terminal_has_all_of_it_side_by_side(detail, shown):
    async with detail(200, 50) as (app, _):
        lines = shown(app)
        assert any("Phases" in line and "Explained" in line for line in lines)
        assert any("LAST FAILURE" in line and "LAST GOOD CHECK" in line for line in lines)
        for part in ("Certificate", "Config", "runbook"):
            assert any(part in line for line in lines)


@pytest.mark.parametrize("size", [(20, 5), (1, 1), (40, 12), (60, 15), (109, 19), (110, 48), (300, 90)])
async def test_any_size_is_drawn(detail, size):
    async with detail(*size) as (app, pilot):
        await pilot.resize_terminal(80, 24)
        await pilot.resize_terminal(*size)
        await pilot.press("h", "tab", "j")
        assert app.screen.timeline.handle == 1


async def test_foreign_text_is_neither_markup_nor_obeyed(detail):
    async with detail(120, 40) as (app, _):
        assert "[bold]hello␛[2J" in text(app, "#right")


async def test_an_ascii_terminal_without_colour_gets_neither(detail, shown):
    async with detail(120, 40, LANG="C", NO_COLOR="1") as (app, _):
        assert all(line.isascii() for line in shown(app))
        strips = app.screen._compositor.render_strips()
        styles = [segment.style for strip in strips for segment in strip if segment.style]
        assert all(style.color is None or style.color.is_default for style in styles)


async def test_next_and_previous_go_round_without_leaving(detail, until):
    async with detail() as (app, pilot):
        for key, handle in (("J", 3), ("J", 2), ("J", 1), ("K", 2)):
            await pilot.press(key)
            await until(pilot, lambda handle=handle: app.screen.timeline.handle == handle)


@pytest.mark.parametrize(("earlier", "later"), [("h", "l"), ("left", "right"), ("H", "L")])
async def test_the_cursor_walks_over_the_samples(detail, shown, earlier, later):
    async with detail() as (app, pilot):
        await pilot.press("h")
        assert any("down  no latency  check 61 of 61" in line for line in shown(app))
        await pilot.press(earlier)
        assert app.screen.timeline.cursor_at < NOW
        await pilot.press(later)
        assert app.screen.timeline.cursor_at == NOW
        await pilot.press("0")
        assert app.screen.timeline.cursor_at is None


@pytest.mark.parametrize(("shorter", "longer"), [("plus", "minus"), ("equals_sign", "minus")])
async def test_the_time_shown_is_zoomed(detail, shown, shorter, longer):
    async with detail() as (app, pilot):
        await pilot.press(shorter)
        assert any("5m live" in line for line in shown(app))
        await pilot.press(longer, longer)
        assert any("1h live" in line for line in shown(app))


async def test_commands_are_sent_for_this_endpoint(detail, engine, until):
    async with detail() as (_, pilot):
        await pilot.press("r", "p", "a", "enter")
        await until(pilot, lambda: len(engine.commands) == 3)
        assert engine.commands == [
            CheckNow(handles=(1,)),
            Pause(handles=(1,)),
            Acknowledge(handles=(1,), on=True, by=user_name()),
        ]


async def test_what_is_paused_or_acknowledged_is_taken_back(detail, engine, until):
    async with detail() as (app, pilot):
        row = EndpointStatus(handle=1, state=State.PAUSED, since=NOW, acknowledged=Acknowledgement(at=NOW))
        app.board.apply(Changes(now=NOW, statuses=(row,)))
        await pilot.press("P", "a")
        await until(pilot, lambda: len(engine.commands) == 2)
        assert engine.commands == [Resume(handles=(1,)), Acknowledge(handles=(1,), on=False, by=user_name())]


async def test_a_deed_is_done_to_the_endpoint_that_is_shown(detail):
    async with detail() as (app, pilot):
        await pilot.press("y", "n")
        assert app.clipboard == "Shop front"
        await pilot.press("J", "y", "u")
        assert app.clipboard == "https://host3.test/"
        await pilot.press("K", "b")
        assert app.message == "runbook copied: https://wiki.test/shop"


async def test_edit_opens_the_editor_for_this_endpoint(detail, monkeypatch):
    async with detail() as (app, pilot):
        edited = []
        monkeypatch.setattr(app, "edit", edited.append)
        await pilot.press("ctrl+e")
        assert [entry.info.handle for entry in edited] == [1]


async def test_tab_goes_through_the_sections(detail):
    async with detail() as (app, pilot):
        await pilot.press("tab")
        left = app.screen.query_one("#left", Pane)
        assert left.has_focus
        assert left.top > 0


async def test_tab_goes_between_the_panes_of_a_wide_terminal(detail):
    async with detail(120, 40) as (app, pilot):
        left, right = app.screen.query_one("#left", Pane), app.screen.query_one("#right", Pane)
        left.focus()
        await pilot.press("tab")
        assert right.has_focus
        await pilot.press("tab")
        assert left.has_focus


async def test_panes_scroll_and_say_what_is_below(detail, shown):
    async with detail() as (app, pilot):
        pane = app.screen.query_one("#left", Pane)
        pane.focus()
        assert any("more" in line for line in shown(app)[-3:])
        await pilot.press("G")
        assert not any("more" in line for line in shown(app)[-3:])
        await pilot.press("k", "pageup", "pagedown", "g", "j")
        assert pane.top == 1


async def test_new_samples_are_asked_for_once_and_only_the_new_ones(detail, engine, until):
    async with detail() as (app, pilot):
        asked = len(engine.asked_since)
        row = EndpointStatus(
            handle=1, state=State.DOWN, since=NOW, reason=Reason.DNS_ERROR, message="no such name"
        )
        app.board.apply(Changes(now=NOW, statuses=(row,)))
        app.screen.board_changed()
        app.screen.board_changed()
        await until(pilot, lambda: len(engine.asked_since) > asked)
        await pilot.pause()
        assert engine.asked_since[asked:] == [(1, NOW)]
        assert "dns_error: no such name" in text(app, "#facts")


async def test_nothing_is_painted_while_nothing_changes(detail, monkeypatch):
    async with detail(120, 40) as (app, pilot):
        await pilot.pause()
        painted = []
        monkeypatch.setattr(app, "_display", lambda *what: painted.append(what))
        other = EndpointStatus(
            handle=2, state=State.UP, since=NOW - 3000, latency_ms=41.7, outcomes="u", latencies_ms=(41.7,)
        )
        app.board.apply(Changes(now=NOW, statuses=(other,)))
        app.screen.board_changed()
        app.screen.show_all()
        await pilot.pause()
        assert painted == []


async def test_an_endpoint_that_vanishes_is_said_so(detail):
    async with detail() as (app, pilot):
        app.board.apply(Changes(now=NOW, order=(2, 3)))
        app.screen.board_changed()
        assert "no longer in the config" in text(app)
        await pilot.press("r", "a", "p", "y", "e", "h", "minus")
        await pilot.press("J")
        assert app.screen.timeline.handle in (2, 3)


async def test_an_engine_without_answer_is_reported(detail, engine, until):
    async with detail() as (app, pilot):
        engine.gone = "the engine has gone"
        app.board.apply(Changes(now=NOW, statuses=(EndpointStatus(handle=1, state=State.UP, since=NOW),)))
        app.screen.board_changed()
        await until(pilot, lambda: "the engine has gone" in text(app, "#facts"))


async def test_an_endpoint_never_checked_says_so(detail, until):
    async with detail() as (app, pilot):
        await pilot.press("J")
        await until(pilot, lambda: app.screen.timeline.detail is not None)
        await pilot.pause()
        assert "no checks in this time" in text(app, "#chart")
        assert "none yet" in text(app)


async def test_its_incidents_are_reported(detail, shown):
    async with detail(width=140, height=45) as (app, pilot):
        mark = Acknowledgement(at=NOW, by="ann", note="on it")
        incident = Incident(
            id="1",
            endpoint="id-1",
            handle=1,
            name="x",
            began=NOW - 30,
            cause="no answer",
            failed=9,
            acknowledged=mark,
        )
        row = EndpointStatus(handle=1, state=State.DOWN, since=NOW, message="no answer")
        app.board.apply(Changes(now=NOW, statuses=(row,), incidents=(incident,)))
        app.screen.board_changed()
        await pilot.pause()
        told = " ".join(app.screen.query_one("#left", Pane).text.split())
        assert "no answer · 9 failed · acknowledged by ann: on it" in told


async def test_text_is_found_and_until_that_ends_its_keys_go_before_others(detail, shown):
    async with detail() as (app, pilot):
        await pilot.press("/", *"hello", "enter")
        assert "/hello 1/2" in shown(app)[-1]
        assert any("hello" in line for line in shown(app)[:-1])
        await pilot.press("n", "N")
        assert app.screen.id == "detail"
        assert "next/previous match" in shown(app)[-1]
        await pilot.press("escape")
        assert app.screen.id == "detail"
        assert "/hello" not in shown(app)[-1]
        assert app.screen.active_bindings["n"].binding.id == "endpoint.new"


@pytest.mark.parametrize("size", [(40, 12), (80, 15), (120, 15)])
async def test_on_a_low_terminal_the_cause_of_a_failure_comes_before_the_chart(detail, shown, size):
    async with detail(*size) as (app, _):
        lines = "\n".join(shown(app))
        assert "read_timeout: no answer" in lines
        assert "LAST FAILURE" in lines


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (40, 12)])
async def test_the_text_can_have_the_whole_screen(detail, size):
    async with detail(*size) as (app, pilot):
        left, before = app.screen.query_one("#left"), app.screen.query_one("#left").size.height
        await pilot.press("Z")
        await pilot.pause()
        assert left.size.height == size[1] - 3 > before
        await pilot.press("Z")
        await pilot.pause()
        assert left.size.height == before
