"""A form over keys of the config, filled in before an engine that the test plays."""

import pytest
from fake_source import mixed

from monitor.config.editing.form import asked, kind_of
from monitor.errors import LinkError
from monitor.link.edits import Add, Edited, Form, GetForm, Judge, Judged
from monitor.model import Hunk
from monitor.tui.screens import fields_form as module

ADDED = Hunk("/etc/monitor.toml", 9, (), ("[[endpoints]]", 'url = "tcp://a:1"'))


def form(request):
    kind = kind_of(request.url)
    return Form(kind=kind, file="/etc/monitor.toml", fields=tuple(asked(kind, {})))


@pytest.fixture
def judged():
    return Judged(hunks=(ADDED,), changed=(3, 0))


@pytest.fixture
async def operator(seat, monkeypatch, judged):
    monkeypatch.setattr(module, "PAUSE", 0.0)
    seat.source.replies = {GetForm: form, Judge: judged, Add: Edited(ok=True, text="added", edit=5)}
    await seat.press("n", "x")
    await seat.until(lambda: "+ [[endpoints]]" in text(seat))
    return seat


def text(seat):
    return "\n".join(seat.lines())


async def test_the_lines_that_would_be_written_are_shown_while_typing(operator):
    assert "Change +3 -0 lines" in text(operator)
    assert "monitor.toml:9" in text(operator)
    assert not any(isinstance(one, Add) for one in operator.source.asked)


async def test_a_change_that_would_not_be_valid_is_not_shown(operator):
    operator.source.replies[Judge] = Judged(problems={"url": "has no scheme"})
    await operator.press("y")
    await operator.until(lambda: "has no scheme" in text(operator))
    assert "[[endpoints]]" not in text(operator)


async def test_an_engine_that_goes_takes_its_change_with_it_and_says_so(operator):
    operator.source.replies[Judge] = LinkError("the engine has gone")
    await operator.press("y")
    await operator.until(lambda: "the engine has gone" in text(operator))
    assert "[[endpoints]]" not in text(operator)


async def test_a_new_form_begins_without_the_change_of_the_last(operator):
    await operator.press("escape", "escape", "n")
    assert "[[endpoints]]" not in text(operator)


async def test_a_tall_terminal_shows_more_of_the_change(make_seat, monkeypatch, judged):
    monkeypatch.setattr(module, "PAUSE", 0.0)
    heights = {}
    for rows in (24, 50):
        seat = make_seat(mixed())
        seat.source.replies = {GetForm: form, Judge: judged}
        async with seat.app.run_test(size=(120, rows)) as seat.pilot:
            await seat.settle()
            await seat.press("n")
            heights[rows] = seat.app.screen.query_one("#results").size.height
    assert heights == {24: 7, 50: 16}
