"""One endpoint changed, in the form and with everything."""

import socket

import pytest
from fake_source import info, mixed
from msgspec.structs import replace
from terminal_pty import Terminal

from monitor.config.editing.form import asked, kind_of
from monitor.errors import LinkError
from monitor.link.edits import Edited, Form, GetForm, Judge, Judged, Modify, Try, Undo
from monitor.link.messages import EngineStats
from monitor.model import Hunk, Result, Status
from monitor.tui.screens import fields_form as module
from monitor.tui.screens.edit import EditView

FILE = "/etc/monitor.toml"
TEXTS = {"url": "https://u:${PW}@shop.test/", "name": "api-eu", "expect.status": "200", "tags": "web, eu"}
HUNKS = (Hunk(FILE, 9, ('tags = ["web", "eu"]',), (), "api-eu"),)


def form(request):
    fields = asked(kind_of(request.url or TEXTS["url"]), {"interval": "20s"})
    kind = kind_of(request.url or TEXTS["url"])
    return Form(kind=kind, file=FILE, fields=tuple(fields), texts=TEXTS)


@pytest.fixture
async def operator(seat, monkeypatch):
    monkeypatch.setattr(module, "PAUSE", 0.0)
    seat.source.replies = {
        GetForm: form,
        Judge: Judged(hunks=HUNKS, changed=(0, 1)),
        Try: Judged(
            result=Result(endpoint="a", status=Status.UP, reason=None, message="200", checked_at=1.0)
        ),
        Modify: Edited(ok=True, text='changed tags of "api-eu" in the config', edit=7),
        Undo: Edited(ok=True, text="undone"),
    }
    await seat.press("e")
    await seat.until(lambda: "expect.status" in text(seat))
    return seat


def text(seat):
    return "\n".join(seat.lines())


def fields(seat):
    """The lines of the form, without margins."""
    return [line.strip(" ▌") for line in seat.lines()]


def sent(seat, kind):
    return [one for one in seat.source.asked if isinstance(one, kind)]


async def test_the_form_shows_the_keys_that_the_endpoint_sets_first_and_references_as_written(operator):
    assert sent(operator, GetForm) == [GetForm(of=1)]
    lines = fields(operator)
    assert lines[1] == 'edit "api-eu" in monitor.toml:7'
    assert lines[2:6] == [
        "url              https://u:${PW}@shop.test/",
        "name             api-eu",
        "tags             web, eu",
        "expect.status    200",
    ]
    assert lines[6].startswith("Not set ──")
    assert "interval         20s" in lines


async def test_only_changed_keys_are_judged_saved_and_taken_back(operator):
    await operator.press("down", "down", "ctrl+u", "down", "1")
    await operator.until(lambda: "Change +0 -1 lines" in text(operator))
    texts = {"tags": "", "expect.status": "2001"}
    await operator.until(lambda: Judge(of=1, texts=texts) in operator.source.asked)
    assert '- tags = ["web", "eu"]' in text(operator)
    await operator.press("ctrl+s")
    assert sent(operator, Modify) == [Modify(handle=1, texts=texts)]
    assert not isinstance(operator.app.screen, EditView)
    assert 'changed tags of "api-eu" in the config (u takes it back)' in text(operator)
    await operator.press("u")
    assert sent(operator, Undo) == [Undo(edit=7)]


async def test_a_new_key_is_sent_with_its_text(operator):
    await operator.press(*["down"] * 5, "x")
    await operator.press("ctrl+s")
    (modify,) = sent(operator, Modify)
    assert list(modify.texts.values()) == ["x"]


async def test_keys_of_another_kind_of_check_go_with_the_url(operator):
    await operator.press("ctrl+u", *"tcp://db:1")
    await operator.until(lambda: sent(operator, Judge) and "method" not in text(operator))
    assert sent(operator, GetForm)[-1] == GetForm(of=1, url="tcp:")
    texts = {"url": "tcp://db:1", "expect.status": ""}
    await operator.until(lambda: Judge(of=1, texts=texts) in operator.source.asked)
    assert "expect.status" not in text(operator)


async def test_a_half_typed_url_hides_no_key(operator):
    await operator.press("ctrl+u", *"tcp")
    await operator.until(lambda: Judge(of=1, texts={"url": "tcp"}) in operator.source.asked)
    assert "expect.status" in text(operator)


async def test_a_trial_is_one_check_of_the_unsaved_texts(operator):
    await operator.press("down", "down", "!", "ctrl+t")
    assert sent(operator, Try) == [Try(of=1, texts={"tags": "web, eu!"})]
    assert "● up" in text(operator)
    assert sent(operator, Modify) == []


async def test_saving_without_a_change_asks_for_one(operator):
    await operator.press("ctrl+s")
    assert "nothing is changed yet" in operator.lines()[-1]
    assert sent(operator, Modify) == []
    await operator.press("escape")
    assert not isinstance(operator.app.screen, EditView)


async def test_leaving_with_unsaved_texts_asks_once(operator):
    await operator.press("x", "escape")
    assert "nothing is saved: esc again leaves" in operator.lines()[-1]
    assert isinstance(operator.app.screen, EditView)
    await operator.press("escape")
    assert not isinstance(operator.app.screen, EditView)


@pytest.mark.parametrize("key", ["ctrl+c", "ctrl+q"])
async def test_quitting_with_unsaved_texts_asks_once(operator, key):
    await operator.press("x", key)
    assert "nothing is saved: again quits, ctrl+s saves" in operator.lines()[-1]
    await operator.press("y", key)
    assert operator.app.is_running
    await operator.press(key)
    assert operator.app.return_value == 0


async def test_quitting_without_a_change_asks_nothing(operator):
    await operator.press("ctrl+c")
    assert operator.app.return_value == 0


async def test_a_refused_change_shows_its_problem_below_the_field(operator):
    problems = {"tags": "is no list of words"}
    operator.source.replies[Modify] = Edited(ok=False, text="not saved: see the problems", problems=problems)
    await operator.press("down", "down", "x", "ctrl+s")
    assert isinstance(operator.app.screen, EditView)
    assert "is no list of words" in fields(operator)[5]


@pytest.mark.parametrize(("keys", "leaves"), [(("down", "x"), True), (("down", "down", "x"), False)])
async def test_a_renamed_endpoint_is_found_in_the_overview(operator, keys, leaves):
    await operator.press("escape", "enter", "e")
    await operator.until(lambda: "expect.status" in text(operator))
    await operator.press(*keys, "ctrl+s")
    assert (operator.app.screen is operator.app.overview) is leaves
    operator.source.push(infos=(info(9, "api-eux"),), order=(0, 9, 2, 3, 4, 5, 6))
    await operator.settle()
    assert (operator.current == "api-eux") is leaves


@pytest.mark.parametrize("noted", [True, False])
async def test_a_rename_says_that_the_history_begins_again_without_an_id(operator, noted, monkeypatch):
    await operator.press("escape")
    monkeypatch.setitem(TEXTS, "id", "" if noted else "shop")
    await operator.press("e")
    await operator.press("down")
    assert ('unless id = "id-1" is set' in text(operator)) is noted


async def test_the_editor_opens_at_the_endpoint_and_asks_about_unsaved_texts_first(operator):
    opened = []
    operator.app.edit = opened.append
    await operator.press("x", "ctrl+e")
    assert "nothing is saved: ctrl+e again opens the editor" in operator.lines()[-1]
    assert opened == []
    await operator.press("ctrl+e")
    assert [entry.info.name for entry in opened] == ["api-eu"]
    assert not isinstance(operator.app.screen, EditView)


async def test_an_endpoint_that_cannot_be_edited_says_why_and_leaves_to_the_editor(seat):
    opened = []
    seat.app.edit = opened.append
    seat.source.replies[GetForm] = LinkError("it is not written as an [[endpoints]] table")
    await seat.press("e")
    await seat.until(lambda: "it is not written as an [[endpoints]] table" in text(seat))
    await seat.press("ctrl+e")
    assert len(opened) == 1


async def test_the_detail_edits_its_endpoint(operator):
    await operator.press("escape", "enter", "e")
    await operator.until(lambda: "expect.status" in text(operator))
    await operator.press("escape", "escape")
    assert operator.app.screen is operator.app.overview


async def test_the_config_of_another_machine_is_edited_in_the_form_only(operator):
    operator.source.remote = True
    await operator.press("escape", "ctrl+e")
    assert "/etc/monitor.toml is on the other machine: the form (e) edits it there" in text(operator)


async def test_the_help_of_the_form_has_its_own_keys_and_none_that_is_typed(operator):
    await operator.press("f1")
    lines = fields(operator)
    assert any(line.startswith("^e") and "$EDITOR" in line for line in lines)
    assert any(line.startswith("f1 ^p ") or " f1 ^p " in line for line in lines)
    assert not any("f1 ^p -" in line or "last view" in line for line in lines)


async def test_an_engine_that_was_restarted_meanwhile_gets_the_new_handle(operator):
    await operator.press("down", "down", "x")
    operator.source.push(infos=(replace(info(9, "api-eu"), id="id-1"),), order=(0, 9, 2))
    await operator.settle()
    await operator.press("ctrl+s")
    assert [one.handle for one in sent(operator, Modify)] == [9]


async def test_a_read_only_connection_opens_no_form(operator):
    await operator.press("escape")
    operator.source.push(stats=EngineStats(read_only=True))
    await operator.settle()
    await operator.press("e")
    assert not isinstance(operator.app.screen, EditView)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (60, 15), (20, 5)])
async def test_every_size_has_the_field_under_the_cursor(make_seat, size):
    seat = make_seat(mixed())
    seat.source.replies = {GetForm: form, Judge: Judged(hunks=HUNKS, changed=(0, 1))}
    async with seat.app.run_test(size=size) as seat.pilot:
        await seat.settle()
        await seat.press("e", "down", "pagedown", "x")
        assert any("▌" in line for line in seat.lines())


# ---- with everything: a terminal, an engine, a file

OURS = """\
[defaults]
interval = "1s"   # calm

# The database.
[[endpoints]]
name = "db"
url = "tcp://127.0.0.1:{port}"   # on this machine
description = "has ${{WORD}}"

[endpoints.expect]
latency = "5s"   # generous
"""


def test_an_endpoint_is_changed_in_its_file_and_taken_back(tmp_path):
    config = tmp_path / "monitor.toml"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        before = OURS.format(port=listener.getsockname()[1])
        config.write_text(before)
        state = {"XDG_STATE_HOME": str(tmp_path), "WORD": "hunter2"}
        with Terminal("-m", "monitor", "-c", str(config), size=(100, 30), **state) as terminal:
            terminal.shows("● 1 up")
            terminal.type("e")
            terminal.shows('edit "db" in monitor.toml:5')
            terminal.shows("has ${WORD}")
            terminal.type("\x1b[B\x1b[B\x1b[B\x15" + "0s")
            terminal.shows("must be")
            terminal.type("\x15" + "4s\x14")
            terminal.shows("● up  ")
            assert config.read_text() == before
            terminal.type("\x13")
            terminal.shows('changed expect.latency of "db" in the config')
            assert config.read_text() == before.replace('"5s"', '"4s"')
            terminal.type("u")
            terminal.shows('undone: changed expect.latency of "db"')
            assert config.read_text() == before
            terminal.type("q")
            assert terminal.ended() == 0
            assert b"hunter2" not in terminal.raw
