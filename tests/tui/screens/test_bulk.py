"""Several endpoints changed at once, in the form and with everything."""

import socket

import pytest
from fake_source import mixed
from terminal_pty import Terminal

from monitor.errors import LinkError
from monitor.fields import Asked
from monitor.link.edits import BulkEdit, Edited, Form, GetBulkForm, JudgeBulk, Judged, Undo
from monitor.model import Hunk
from monitor.tui.screens import fields_form as module
from monitor.tui.screens.bulk import BulkView

FIELDS = (
    Asked(key="interval", help="How often.", default="5s | 10s"),
    Asked(key="timeout", help="How long.", default="2s"),
    Asked(key="group", help="Its group.", default="shop"),
    Asked(key="tags", help="Its tags."),
)
HUNKS = tuple(Hunk("/etc/m.toml", line, (), ('interval = "9s"',), f"ep-{line}") for line in range(1, 31))


@pytest.fixture
async def operator(seat, monkeypatch):
    monkeypatch.setattr(module, "PAUSE", 0.0)
    seat.source.replies = {
        GetBulkForm: Form(kind="", file="/etc/m.toml", fields=FIELDS, texts={"timeout": "2s"}),
        JudgeBulk: Judged(hunks=HUNKS, changed=(30, 0)),
        BulkEdit: Edited(ok=True, text="changed interval of 2 endpoints", edit=7),
        Undo: Edited(ok=True, text="undone"),
    }
    await seat.press("space", "space", "e")
    await seat.until(lambda: "timeout" in text(seat))
    return seat


def text(seat):
    return "\n".join(seat.lines())


def asked(seat, kind):
    return [one for one in seat.source.asked if isinstance(one, kind)]


async def test_the_form_is_for_the_marked_endpoints_and_names_them(operator):
    (request,) = asked(operator, GetBulkForm)
    assert set(request.handles) == operator.app.overview.table.marked
    assert "edit 2 endpoints: " in text(operator)
    assert "How often. In force: 5s | 10s." in text(operator)


async def test_only_what_was_changed_is_judged_saved_and_taken_back(operator):
    await operator.press("9", "s", "down", "ctrl+u")
    await operator.until(lambda: "Change +30 -0 lines" in text(operator))
    handles = asked(operator, GetBulkForm)[0].handles
    texts = {"interval": "9s", "timeout": ""}
    await operator.until(lambda: JudgeBulk(handles=handles, texts=texts) in operator.source.asked)
    await operator.press("ctrl+s")
    assert asked(operator, BulkEdit) == [BulkEdit(handles=handles, texts=texts)]
    assert not isinstance(operator.app.screen, BulkView)
    assert "changed interval of 2 endpoints (u takes it back)" in text(operator)
    await operator.press("u")
    assert asked(operator, Undo) == [Undo(edit=7)]


async def test_saving_without_a_change_asks_for_one(operator):
    await operator.press("ctrl+s")
    assert "nothing is changed yet" in operator.lines()[-1]
    assert asked(operator, BulkEdit) == []
    await operator.press("escape")
    assert not isinstance(operator.app.screen, BulkView)


async def test_a_long_change_scrolls(operator):
    await operator.press("9")
    await operator.until(lambda: "m.toml:1  ep-1" in text(operator))
    assert "m.toml:30  ep-30" not in text(operator)
    await operator.press(*["pagedown"] * 4)
    assert "m.toml:30  ep-30" in text(operator)
    await operator.press(*["pageup"] * 4)
    assert "Help" in text(operator)


async def test_the_change_takes_the_rest_of_the_screen(operator):
    for rows in (12, 24, 40):
        await operator.pilot.resize_terminal(120, rows)
        await operator.pilot.pause()
        screen = operator.app.screen
        assert screen.query_one("#results").region.bottom == rows - 1
        assert screen.query_one("#results").size.height >= rows - 10


async def test_a_problem_is_below_its_field(operator):
    operator.source.replies[JudgeBulk] = Judged(problems={"interval": "is not a duration"})
    await operator.press("x")
    await operator.until(lambda: "is not a duration" in text(operator))


async def test_without_a_config_file_there_is_no_form(seat):
    seat.app.board.config_file = ""
    await seat.press("space", "space", "e")
    assert not isinstance(seat.app.screen, BulkView)
    assert "there is no config file" in seat.lines()[-1]


async def test_endpoints_that_cannot_be_edited_say_why(seat):
    seat.source.replies[GetBulkForm] = LinkError("it is not written as an [[endpoints]] table")
    await seat.press("space", "space", "e")
    await seat.until(lambda: "it is not written as an [[endpoints]] table" in text(seat))


@pytest.mark.parametrize("size", [(80, 24), (60, 15), (40, 10), (20, 5), (200, 50)])
async def test_every_size_has_the_line_under_the_cursor(make_seat, size):
    seat = make_seat(mixed())
    seat.source.replies = {GetBulkForm: Form(kind="", file="/etc/m.toml", fields=FIELDS)}
    async with seat.app.run_test(size=size) as seat.pilot:
        await seat.settle()
        await seat.press("space", "space", "e", "down")
        assert any("▌ timeout" in line for line in seat.lines())


OURS = """\
# Ours; ask Ann.
[[endpoints]]
name = "first"
url = "tcp://127.0.0.1:{port}"   # on this machine

[[endpoints]]
name = "second"
url = "tcp://127.0.0.1:{port}"
interval = "1h"   # calm
"""


def test_marked_endpoints_are_changed_in_the_file_and_all_is_taken_back_at_once(tmp_path):
    config = tmp_path / "monitor.toml"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        before = OURS.format(port=listener.getsockname()[1])
        config.write_text(before)
        state = {"XDG_STATE_HOME": str(tmp_path)}
        with Terminal("-m", "monitor", "-c", str(config), size=(100, 30), **state) as terminal:
            terminal.shows("● 2 up")
            terminal.type("*e")
            terminal.shows("edit 2 endpoints")
            terminal.type("7s")
            terminal.shows('+ interval = "7s" # calm')
            terminal.type("\x1b[B\x1b[B\x1b[B+night\x13")
            terminal.shows("changed interval and tags of")
            lines = before.replace("1h", "7s").splitlines()
            lines.insert(4, 'interval = "7s"\ntags = ["night"]')
            assert config.read_text() == "\n".join([*lines, 'tags = ["night"]', ""])
            terminal.type("u")
            terminal.shows("undone: changed interval and tags of")
            assert config.read_text() == before
