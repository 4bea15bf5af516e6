"""What dashboards have done to the config of a running engine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from monitor.checks.run_probe import run_probe
from monitor.config import diff, from_targets, load
from monitor.engine import Engine
from monitor.link.edits import (
    Add,
    BulkEdit,
    Edited,
    Enable,
    Form,
    GetBulkForm,
    GetForm,
    Judge,
    JudgeBulk,
    Judged,
    Modify,
    Remove,
    Try,
    Undo,
)
from monitor.link.messages import Refused
from monitor.model import Config, Hunk, Reason, Status
from monitor.redact import MASK
from monitor.service.config_editor import LEVELS, Editor

FILE = """\
# What we watch.
[defaults]
interval = "1h"

# The gateway.
[[endpoints]]
name = "gateway"
url = "tcp://127.0.0.1:1"   # on this machine

[[endpoints]]
name = "shop"
url = "tcp://127.0.0.1:2"
depends_on = "gateway"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "monitor.toml"
    file.write_text(FILE)
    return file


class Editing:
    """An engine with its editor."""

    def __init__(self, config: Config) -> None:
        self.engine = Engine(config)
        self.editor = Editor(self.engine, self._use, asyncio.Lock(), run_probe)
        self.engine.start()

    async def _use(self, new: Config) -> None:
        self.engine.apply(new, diff(self.engine.config, new))

    async def ask(self, request: Any) -> Any:
        return await self.editor.answer(request)

    async def told(self, request: Any) -> str:
        answer = await self.ask(request)
        assert isinstance(answer, Edited)
        assert (answer.edit > 0) <= answer.ok
        return answer.text

    def names(self) -> list[str]:
        return [one.endpoint.name for one in self.engine.endpoints.values()]

    def logged(self) -> list[str]:
        return [event.text for event in self.engine.event_log.since(0)]


@pytest.fixture
async def editing(file: Path) -> AsyncIterator[Editing]:
    editing = Editing(load(file))
    yield editing
    await editing.engine.stop()


# ---- forms


async def test_a_form_is_for_the_kind_that_the_url_names(editing: Editing, file: Path):
    form = await editing.ask(GetForm(url="https://"))
    assert isinstance(form, Form)
    assert (form.kind, form.file, form.texts) == ("http", str(file), {})
    defaults = {field.key: field.default for field in form.fields}
    assert (defaults["interval"], defaults["method"]) == ("1h", "GET")
    assert (await editing.ask(GetForm())).kind == ""


async def test_a_form_like_another_endpoint_comes_filled_in(editing: Editing):
    form = await editing.ask(GetForm(like=1))
    assert form.kind == "tcp"
    assert form.texts == {"name": "shop", "url": "tcp://127.0.0.1:2", "depends_on": "gateway"}


async def test_a_form_of_an_endpoint_has_its_texts_and_its_made_name_and_id(editing: Editing, file: Path):
    form = await editing.ask(GetForm(of=1))
    assert (form.kind, form.file) == ("tcp", str(file))
    assert form.texts == {"name": "shop", "url": "tcp://127.0.0.1:2", "depends_on": "gateway"}
    defaults = {field.key: field.default for field in form.fields}
    assert (defaults["name"], defaults["id"], defaults["interval"]) == ("", "shop", "1h")


async def test_a_form_of_an_endpoint_whose_url_is_a_reference_has_the_keys_of_its_kind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SHOP", "https://shop.test")
    file = tmp_path / "monitor.toml"
    file.write_text('[[endpoints]]\nname = "shop"\nurl = "${SHOP}"\nmethod = "PUT"\nenabled = false\n')
    editing = Editing(load(file))
    form = await editing.ask(GetForm(of=0))
    assert (form.kind, form.texts["method"], form.texts["url"]) == ("http", "PUT", "${SHOP}")
    assert "method" in {field.key for field in form.fields}
    await editing.engine.stop()


async def test_a_form_of_an_endpoint_follows_the_typed_url_and_group(editing: Editing):
    form = await editing.ask(GetForm(of=1, url="https:", group="web"))
    assert form.kind == "http"
    assert form.texts["url"] == "tcp://127.0.0.1:2"
    assert {field.key: field.default for field in form.fields}["id"] == "shop"


async def test_what_is_typed_is_judged_and_written_nowhere(editing: Editing, file: Path):
    assert await editing.ask(Judge(texts={"url": "tcp://a:1"})) == Judged(
        hunks=(Hunk(str(file), 15, (), ("[[endpoints]]", 'url = "tcp://a:1"', "")),), changed=(3, 0)
    )
    wrong = await editing.ask(Judge(texts={"url": "tcp://a:1", "name": "shop", "timeout": "0"}))
    assert set(wrong.problems) == {"name", "timeout"}
    assert await editing.ask(Judge(texts={"url": "https://a", "headers": "{"})) == Judged(
        problems={"headers": "is no TOML value: invalid initial character for a key part"}
    )
    assert file.read_text() == FILE


async def test_trying_is_one_real_check(editing: Editing, file: Path):
    listener = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    tried = await editing.ask(Try(texts={"url": f"tcp://127.0.0.1:{port}"}))
    assert tried.result.status is Status.UP
    assert tried.result.phases_ms
    listener.close()
    await listener.wait_closed()
    tried = await editing.ask(Try(texts={"url": f"tcp://127.0.0.1:{port}", "enabled": "false"}))
    assert tried.result.reason is Reason.CONNECTION_REFUSED
    assert (await editing.ask(Try(texts={"url": "tcp://a"}))).problems.keys() == {"url"}
    assert file.read_text() == FILE


async def test_what_another_endpoint_is_called_like_can_be_tried(editing: Editing):
    tried = await editing.ask(Try(texts={"name": "shop", "id": "gateway", "url": "exec:/bin/true"}))
    assert tried.result.status is Status.UP


async def test_a_tried_secret_is_not_told(editing: Editing, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TOKEN", "hunter2")
    tried = await editing.ask(Try(texts={"url": "exec:/bin/echo it is ${TOKEN}"}))
    assert tried.result.message == f"it is {MASK}"
    assert "hunter2" not in repr(tried)


async def test_an_endpoint_is_tried_with_unsaved_values(editing: Editing, file: Path):
    tried = await editing.ask(Try(of=1, texts={"url": "exec:/bin/echo hello", "depends_on": ""}))
    assert (tried.result.status, tried.result.message) == (Status.UP, "hello")
    assert (tried.hunks, file.read_text()) == ((), FILE)
    assert (await editing.ask(Try(of=1, texts={"timeout": "0"}))).problems.keys() == {"timeout"}


# ---- edits


async def test_an_endpoint_is_judged_changed_and_taken_back(editing: Editing, file: Path):
    texts = {"url": "tcp://127.0.0.1:3", "depends_on": "", "warn.latency": "1s"}
    judged = await editing.ask(Judge(of=1, texts=texts))
    assert judged.changed == (4, 2)
    assert {one.endpoint for one in judged.hunks} == {"shop"}
    assert file.read_text() == FILE
    edited = await editing.ask(Modify(handle=1, texts=texts))
    assert edited.text == 'changed url, depends_on and warn.latency of "shop" in the config'
    assert file.read_text().endswith(
        'name = "shop"\nurl = "tcp://127.0.0.1:3"\n\n[endpoints.warn]\nlatency = "1s"\n'
    )
    assert editing.engine.endpoints[1].endpoint.depends_on == ()
    assert await editing.told(Undo(edit=edited.edit)) == f"undone: {edited.text}"
    assert file.read_text() == FILE


@pytest.mark.parametrize(
    ("texts", "problems"),
    [
        ({"interval": "soon"}, {"interval"}),
        ({"tags": "[1"}, {"tags"}),
        ({"name": "gateway"}, {"name"}),
        ({"url": ""}, {"url"}),
    ],
)
async def test_a_wrong_change_is_refused_and_changes_nothing(
    editing: Editing, file: Path, texts: dict[str, str], problems: set[str]
):
    assert (await editing.ask(Judge(of=1, texts=texts))).problems.keys() == problems
    refused = await editing.ask(Modify(handle=1, texts=texts))
    assert (refused.ok, refused.problems.keys()) == (False, problems)
    assert file.read_text() == FILE


async def test_a_new_name_that_others_depend_on_is_refused_with_their_line(editing: Editing, file: Path):
    refused = await editing.ask(Modify(handle=0, texts={"name": "router"}))
    assert f"{file}:13: endpoints[1].depends_on" in refused.problems[""]
    assert file.read_text() == FILE


@pytest.mark.parametrize("texts", [{}, {"name": "shop"}, {"timeout": ""}])
async def test_a_change_without_effect_says_so(editing: Editing, texts: dict[str, str]):
    told = await editing.told(Modify(handle=1, texts=texts))
    assert told == "nothing changes: the endpoint has these values already"


async def test_a_bulk_edit_is_judged_made_and_taken_back_as_one(editing: Editing, file: Path):
    form = await editing.ask(GetBulkForm(handles=(0, 1)))
    assert [one.key for one in form.fields] == ["interval", "timeout", "group", "tags"]
    judged = await editing.ask(JudgeBulk(handles=(0, 1), texts={"interval": "5s"}))
    assert judged.changed == (2, 0)
    assert [(one.endpoint, one.added) for one in judged.hunks] == [
        ("gateway", ('interval = "5s"',)),
        ("shop", ('interval = "5s"',)),
    ]
    assert file.read_text() == FILE
    edited = await editing.ask(BulkEdit(handles=(0, 1), texts={"interval": "5s"}))
    assert edited.text == 'changed interval of "gateway", "shop" in the config'
    assert [one.endpoint.interval for one in editing.engine.endpoints.values()] == [5.0, 5.0]
    assert "# on this machine" in file.read_text()
    assert await editing.told(Undo(edit=edited.edit)) == f"undone: {edited.text}"
    assert file.read_text() == FILE


async def test_a_bulk_edit_names_the_keys_that_it_changes(editing: Editing):
    edit = BulkEdit(handles=(1,), texts={"interval": "6s", "timeout": "1s", "group": "a"})
    assert await editing.told(edit) == 'changed interval, timeout and group of "shop" in the config'


@pytest.mark.parametrize(
    ("texts", "problems"),
    [
        ({"interval": "soon"}, {"interval"}),
        ({"tags": "[1"}, {"tags"}),
        ({"url": "tcp://a:1"}, {"url"}),
    ],
)
async def test_a_wrong_bulk_edit_is_refused_and_changes_nothing(
    editing: Editing, file: Path, texts: dict[str, str], problems: set[str]
):
    assert (await editing.ask(JudgeBulk(handles=(0, 1), texts=texts))).problems.keys() == problems
    refused = await editing.ask(BulkEdit(handles=(0, 1), texts=texts))
    assert (refused.ok, refused.problems.keys()) == (False, problems)
    assert file.read_text() == FILE


async def test_a_bulk_edit_without_effect_says_so(editing: Editing):
    assert await editing.ask(JudgeBulk(handles=(0,), texts={"interval": ""})) == Judged()
    told = await editing.told(BulkEdit(handles=(0,), texts={"interval": ""}))
    assert told == "nothing changes: the endpoints have these values already"


async def test_endpoints_that_have_gone_are_not_changed(editing: Editing):
    assert isinstance(await editing.ask(GetBulkForm(handles=(9,))), Refused)
    assert isinstance(await editing.ask(JudgeBulk(handles=(9,), texts={})), Refused)
    assert await editing.told(BulkEdit(handles=(9,), texts={})) == "this endpoint is no longer in the config"


async def test_an_endpoint_is_added_in_force_and_taken_back(editing: Editing, file: Path):
    added = await editing.ask(Add(texts={"name": "mail", "url": "tcp://127.0.0.1:3", "warn.latency": "1s"}))
    assert added == Edited(ok=True, text=f'added "mail" in {file}:15', edit=added.edit)
    assert file.read_text() == FILE + (
        '\n[[endpoints]]\nname = "mail"\nurl = "tcp://127.0.0.1:3"\n\n[endpoints.warn]\nlatency = "1s"\n'
    )
    assert editing.names() == ["gateway", "shop", "mail"]
    assert editing.logged() == [added.text, "config reloaded: +1"]
    assert await editing.told(Undo(edit=added.edit)) == f"undone: {added.text}"
    assert file.read_text() == FILE
    assert editing.names() == ["gateway", "shop"]
    assert await editing.told(Undo(edit=added.edit)) == "this can no longer be undone"


async def test_an_endpoint_goes_into_the_included_file_that_is_named(tmp_path: Path):
    sub = tmp_path / "sub.toml"
    sub.write_text("")
    main = tmp_path / "main.toml"
    main.write_text('include = ["sub.toml"]\n')
    editing = Editing(load(main))
    for place in (sub, tmp_path / "other.toml"):
        await editing.ask(Add(texts={"url": f"tcp://{place.stem}:1"}, file=str(place)))
    assert "tcp://sub:1" in sub.read_text()
    assert "tcp://other:1" in main.read_text()
    assert not (tmp_path / "other.toml").exists()
    await editing.engine.stop()


WRONG = [
    ({"url": "tcp://a:1", "name": "shop"}, {"name"}),
    ({"url": "tcp://a:1", "tags": "["}, {"tags"}),
    ({}, {"url"}),
]


@pytest.mark.parametrize(("texts", "keys"), WRONG)
async def test_what_is_wrong_is_not_written(
    editing: Editing, file: Path, texts: dict[str, str], keys: set[str]
):
    refused = await editing.ask(Add(texts=texts))
    assert (refused.ok, refused.text, set(refused.problems)) == (False, "not saved: see the problems", keys)
    assert file.read_text() == FILE


async def test_what_is_wrong_elsewhere_by_now_is_told_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HOST", "a.test")
    file = tmp_path / "monitor.toml"
    file.write_text('[[endpoints]]\nurl = "tcp://${HOST}:1"\n')
    editing = Editing(load(file))
    monkeypatch.delenv("HOST")
    told = await editing.told(Add(texts={"url": "tcp://b.test:1"}))
    assert told.startswith(f"{file}:2: endpoints[0].url: the environment variable HOST is not set")
    assert "nothing was changed" in await editing.told(Enable(handles=(0,), on=False))
    await editing.engine.stop()


async def test_endpoints_are_deleted_and_brought_back(editing: Editing, file: Path):
    assert await editing.told(Remove(handles=(0,))) == 'not deleted: "shop" depends on "gateway"'
    deleted = await editing.ask(Remove(handles=(1, 0)))
    assert deleted.text == 'deleted "shop", "gateway"'
    assert file.read_text() == '# What we watch.\n[defaults]\ninterval = "1h"\n'
    assert editing.names() == []
    await editing.ask(Undo(edit=deleted.edit))
    assert file.read_text() == FILE
    assert editing.names() == ["gateway", "shop"]


async def test_an_endpoint_is_disabled_and_enabled_again(editing: Editing, file: Path):
    assert await editing.told(Enable(handles=(0, 1), on=False)) == 'disabled "gateway", "shop" in the config'
    assert [one.endpoint.enabled for one in editing.engine.endpoints.values()] == [False, False]
    assert await editing.told(Enable(handles=(0,), on=False)) == "disabled already"
    assert await editing.told(Enable(handles=(0, 1), on=True)) == 'enabled "gateway", "shop" in the config'
    assert file.read_text() == FILE


async def test_many_are_named_in_short(editing: Editing):
    for number in range(5):
        await editing.ask(Add(texts={"url": f"tcp://h{number}:1"}))
    handles = tuple(editing.engine.endpoints)[2:]
    assert await editing.told(Remove(handles=handles)) == 'deleted "h0:1", "h1:1", "h2:1" and 2 more'


async def test_what_somebody_else_changed_is_not_touched(editing: Editing, file: Path):
    disabled = await editing.ask(Enable(handles=(0,), on=False))
    file.write_text(FILE + "# mine\n")
    for request in (Remove(handles=(1,)), Enable(handles=(0,), on=True), Add(texts={"url": "tcp://a:1"})):
        assert "has changed and is not in force" in await editing.told(request)
    assert "changed by somebody else" in await editing.told(Undo(edit=disabled.edit))
    assert await editing.ask(Judge(texts={"url": "tcp://a:1"})) == Refused(
        text=f"{file} has changed and is not in force: wait a moment, or fix its problems"
    )
    assert file.read_text() == FILE + "# mine\n"


async def test_only_the_newest_edits_can_be_taken_back(editing: Editing):
    switches = [Enable(handles=(0,), on=number % 2 == 1) for number in range(LEVELS + 2)]
    made = [(await editing.ask(switch)).edit for switch in switches]
    for edit in reversed(made[2:]):
        assert (await editing.told(Undo(edit=edit))).startswith("undone")
    assert await editing.told(Undo(edit=made[1])) == "this can no longer be undone"


async def test_what_has_gone_cannot_be_changed(editing: Editing):
    assert await editing.told(Remove(handles=(99,))) == "this endpoint is no longer in the config"
    assert await editing.told(Modify(handle=99, texts={})) == "this endpoint is no longer in the config"
    for request in (GetForm(like=99), GetForm(of=99), Judge(of=99, texts={}), Try(of=99, texts={})):
        assert await editing.ask(request) == Refused(text="this endpoint is no longer in the config")


async def test_without_a_config_file_everything_is_refused():
    editing = Editing(from_targets(["tcp://127.0.0.1:1"]))
    for request in (
        GetForm(),
        Judge(texts={}),
        Try(texts={}),
        Add(texts={}),
        Remove(handles=(0,)),
        Undo(edit=1),
    ):
        answer = await editing.ask(request)
        assert isinstance(answer, Refused)
        assert "there is no config file to write to" in answer.text
        assert "monitor init" in answer.text
    await editing.engine.stop()
