"""A new endpoint: the form, filled in before an engine that the test plays."""

import asyncio
import socket

import pytest
from fake_source import NOW, mixed
from terminal_pty import Terminal
from textual import events

from monitor.config.editing.form import asked, kind_of
from monitor.errors import LinkError
from monitor.link.edits import Add, Edited, Form, GetForm, Judge, Judged, Try, Undo
from monitor.model import Reason, Result, Status
from monitor.tui.screens import fields_form as module
from monitor.tui.screens.form import FormView

FILE = "/etc/monitor.toml"
UP = Result(
    endpoint="a",
    status=Status.UP,
    reason=None,
    message="200 OK",
    checked_at=NOW,
    latency_ms=41.7,
    address="192.0.2.1:443",
    phases_ms={"connect": 8.0, "wait": 33.7},
)


def form(request):
    texts = {} if request.like is None else {"url": "tcp://db:1", "name": "db", "timeout": "${T}"}
    kind = kind_of(texts.get("url", request.url))
    return Form(kind=kind, file=FILE, fields=tuple(asked(kind, {"interval": "20s"})), texts=texts)


class Text(str):
    """Letters to be typed."""


class Operator:
    """In front of the form, and what the engine is asked for."""

    def __init__(self, seat):
        self.seat, self.source = seat, seat.source
        self.source.replies = {
            GetForm: form,
            Judge: lambda _: Judged(problems=self.problems),
            Try: lambda _: Judged(problems=self.problems, result=None if self.problems else UP),
            Add: Edited(ok=True, text="added", edit=5),
            Undo: Edited(ok=True, text="undone"),
        }
        self.problems = {}

    async def press(self, *keys):
        """Press keys, of which a longer text is typed in one go."""
        for key in keys:
            if isinstance(key, Text):
                for letter in key:
                    self.seat.app.post_message(events.Key(letter, letter))
            else:
                await self.seat.pilot.press(key)
        await self.seat.pilot.pause()
        await self.seat.pilot.pause()

    async def until(self, holds):
        while not holds():
            await self.seat.pilot.pause()

    async def judged(self, **texts):
        """Until the engine has judged these."""
        wanted = Judge(texts=texts, file=FILE)
        await self.until(lambda: wanted in self.source.asked)
        await self.press()

    def asked(self, kind):
        return [one for one in self.source.asked if isinstance(one, kind)]

    @property
    def shown(self):
        return isinstance(self.seat.app.screen, FormView)

    @property
    def text(self):
        return "\n".join(self.seat.lines())

    def line(self, key):
        return next(line.strip() for line in self.seat.lines() if line.strip(" ▌").startswith(f"{key} "))


@pytest.fixture
async def operator(seat, monkeypatch):
    monkeypatch.setattr(module, "PAUSE", 0.0)
    operator = Operator(seat)
    await operator.press("n")
    return operator


async def test_the_form_begins_with_the_url_and_says_where_it_writes(operator):
    assert operator.source.asked == [GetForm()]
    assert f"new endpoint in {FILE}" in operator.text
    assert "▌ url" in operator.text
    assert "The URL to check; its scheme selects the kind of check." in operator.text
    assert operator.line("interval") == "interval         20s"
    assert "method" not in operator.text


@pytest.mark.parametrize(("key", "name"), [("n", {}), ("N", {"name": "db", "timeout": "${T}"})])
async def test_what_is_typed_before_the_engine_answers_is_not_lost(operator, key, name):
    may_answer = asyncio.Event()

    async def edit(request, wanted, answer=operator.source.edit):
        await may_answer.wait()
        return await answer(request, wanted)

    await operator.press("escape")
    operator.source.edit = edit
    await operator.press(key, Text("tcp://quick:1"))
    assert "▌ url              tcp://quick:1" in operator.text
    may_answer.set()
    await operator.judged(
        **dict(sorted(({"url": "tcp://quick:1"} | name).items(), key=lambda one: one[0] != "url"))
    )
    assert f"new tcp endpoint in {FILE}" in operator.text
    await operator.press("ctrl+s")
    assert operator.asked(Add) == [Add(texts={"url": "tcp://quick:1"} | name, file=FILE)]


async def test_without_a_config_file_the_form_says_so_and_takes_what_is_typed_ahead(operator):
    await operator.press("escape")
    operator.source.replies[GetForm] = LinkError("there is no config file to write to")
    await operator.press("n", Text("tcp:"))
    await operator.until(lambda: "there is no config file to write to" in operator.text)
    assert operator.shown
    await operator.press("escape")
    assert not operator.shown


async def test_the_kind_follows_from_the_scheme_while_typing(operator):
    await operator.press(Text("https:"))
    await operator.judged(url="https:")
    assert "new http endpoint" in operator.text
    await operator.press("pagedown")
    assert "▌ method           GET" in operator.text
    await operator.press("pageup", "ctrl+u", Text("dns://a"))
    await operator.judged(url="dns://a")
    assert "new dns endpoint" in operator.text
    await operator.press("pagedown")
    assert "▌ ip_version       auto" in operator.text


async def test_what_is_wrong_is_told_below_its_field(operator):
    operator.problems = {"url": "has no scheme", "interval": "is not a duration"}
    await operator.press("x")
    await operator.judged(url="x")
    assert "has no scheme" in operator.text
    assert "is not a duration" in operator.text
    operator.problems = {}
    await operator.press("y")
    await operator.judged(url="xy")
    assert "has no scheme" not in operator.text


async def test_what_is_wrong_elsewhere_is_told_at_the_bottom(operator):
    operator.problems = {"": "/etc/other.toml:3: defaults.timeout: is wrong"}
    await operator.press("x")
    await operator.judged(url="x")
    assert "/etc/other.toml:3: defaults.timeout: is wrong" in operator.text


async def test_trying_shows_one_check_and_saves_nothing(operator):
    await operator.press(Text("https://a"), "ctrl+t")
    assert operator.asked(Try) == [Try(texts={"url": "https://a"}, file=FILE)]
    assert "● up  41.7 ms  192.0.2.1:443" in operator.text
    assert "connect 8.00 ms" in operator.text
    assert operator.asked(Add) == []
    await operator.press("down")
    assert "● up" not in operator.text


async def test_keys_that_come_all_at_once_are_taken_in_their_order(operator):
    for key in ("a", "b", "down", "c", "ctrl+u", "d", "home", "q", "ctrl+t", "tab", "e"):
        operator.seat.app.post_message(events.Key(key, key if len(key) == 1 else None))
    await operator.until(lambda: operator.asked(Try))
    await operator.judged(url="ab", name="qd", id="e")
    assert operator.asked(Try)[0].texts == {"url": "ab", "name": "qd"}


async def test_trying_what_is_wrong_goes_to_what_is_wrong(operator):
    operator.problems = {"timeout": "must be more than 0"}
    await operator.press(Text("https://a"), "ctrl+t")
    assert "▌ timeout" in operator.text
    assert "must be more than 0" in operator.text


async def test_a_try_that_takes_its_time_can_be_given_up(operator):
    begun, given_up = asyncio.Event(), asyncio.Event()

    async def edit(request, wanted, answer=operator.source.edit):
        if not isinstance(request, Try):
            return await answer(request, wanted)
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            given_up.set()

    operator.source.edit = edit
    await operator.press(Text("https://a"), "ctrl+t")
    await begun.wait()
    assert "trying … (esc gives up)" in operator.text
    await operator.press("escape")
    await given_up.wait()
    assert operator.shown
    assert "trying" not in operator.text


async def test_saving_writes_leaves_and_can_be_taken_back(operator):
    await operator.press(Text("https://a"), "down", Text("Shop"), "ctrl+s")
    assert operator.asked(Add) == [Add(texts={"url": "https://a", "name": "Shop"}, file=FILE)]
    assert not operator.shown
    assert "added (u takes it back)" in operator.text
    await operator.press("u")
    assert operator.asked(Undo) == [Undo(edit=5)]


async def test_what_cannot_be_saved_stays_and_says_why(operator):
    operator.source.replies[Add] = Edited(
        ok=False, text="not saved: see the problems", problems={"name": "is taken"}
    )
    await operator.press(Text("https://a"), "ctrl+s")
    assert operator.shown
    assert "not saved: see the problems" in operator.seat.lines()[-1]
    assert "▌ name" in operator.text
    assert "is taken" in operator.text
    await operator.press("b")
    assert "not saved" not in operator.seat.lines()[-1]


async def test_saving_twice_at_once_saves_once(operator):
    go_on = asyncio.Event()

    async def edit(request, wanted, answer=operator.source.edit):
        if isinstance(request, Add):
            await go_on.wait()
        return await answer(request, wanted)

    operator.source.edit = edit
    await operator.press(Text("https://a"), "ctrl+s", "ctrl+s", "b")
    go_on.set()
    await operator.until(lambda: not operator.shown)
    assert len(operator.asked(Add)) == 1


@pytest.mark.parametrize(
    "edited",
    [Edited(ok=True, text="added", edit=5), Edited(ok=False, text="not saved", problems={"url": "is taken"})],
)
async def test_what_comes_of_saving_a_form_that_was_left_is_nothing_to_the_next(operator, edited):
    may_answer = asyncio.Event()

    async def edit(request, wanted, answer=operator.source.edit):
        if isinstance(request, Add) and request.texts["url"] == "tcp://one:1":
            await may_answer.wait()
            return edited
        return await answer(request, wanted)

    operator.source.edit = edit
    await operator.press(Text("tcp://one:1"), "ctrl+s", "escape", "escape")
    assert not operator.shown
    await operator.press("n", Text("tcp://two:2"))
    may_answer.set()
    await operator.until(lambda: edited.text in operator.text)
    await operator.press()
    assert operator.shown
    assert "tcp://two:2" in operator.text
    assert "is taken" not in operator.text
    await operator.press("ctrl+s")
    assert not operator.shown


async def test_leaving_asks_once_when_something_was_typed(operator):
    await operator.press("x", "escape")
    assert operator.shown
    assert "nothing is saved: esc again leaves, ctrl+s saves" in operator.seat.lines()[-1]
    await operator.press("y")
    assert "nothing is saved" not in operator.seat.lines()[-1]
    await operator.press("escape")
    assert operator.shown
    await operator.press("escape")
    assert not operator.shown
    assert operator.asked(Add) == []


async def test_leaving_what_was_typed_and_tried_asks_as_well(operator):
    await operator.press(Text("https://a"), "ctrl+t", "escape")
    assert operator.shown
    await operator.press("ctrl+u", "escape")
    assert not operator.shown


async def test_leaving_an_empty_form_asks_nothing_and_it_comes_back_empty(operator):
    await operator.press("escape")
    assert not operator.shown
    await operator.press("n", "x", "escape", "escape", "n")
    assert operator.shown
    assert any(line.strip() == "▌ url" for line in operator.seat.lines())


async def test_what_is_inherited_is_that_of_the_group_that_is_typed(operator):
    await operator.press(Text("https://a"), "down", "down", "down", Text("shop"), "ctrl+t")
    assert operator.line("group") == "▌ group            shop"
    assert operator.asked(GetForm)[-1] == GetForm(url="https:", group="shop", file=FILE)


async def test_a_form_like_another_endpoint_comes_filled_in(operator):
    await operator.press("escape", "N")
    assert operator.asked(GetForm)[-1] == GetForm(like=1)
    assert "new tcp endpoint" in operator.text
    assert "▌ url              tcp://db:1" in operator.text
    assert operator.line("timeout") == "timeout          ${T}"
    await operator.press("ctrl+s")
    assert operator.asked(Add) == [
        Add(texts={"url": "tcp://db:1", "name": "db", "timeout": "${T}"}, file=FILE)
    ]


async def test_letters_that_are_keys_elsewhere_are_typed_here(operator):
    await operator.press(Text("q1?:fu"))
    assert operator.shown
    assert "▌ url              q1?:fu" in operator.text


async def test_an_engine_that_goes_meanwhile_is_reported(operator):
    operator.source.replies[Try] = LinkError("the engine has gone")
    await operator.press(Text("https://a"), "ctrl+t")
    assert "the engine has gone" in operator.text
    operator.source.replies[Add] = LinkError("the engine has gone")
    await operator.press("ctrl+s")
    assert operator.shown
    assert "not done: the engine has gone" in operator.seat.lines()[-1]


async def test_the_help_tells_the_forms_own_keys(operator):
    await operator.press("f1")
    assert "try it: one check, nothing is saved" in operator.text
    await operator.press("escape")
    assert operator.shown


@pytest.mark.parametrize("size", [(80, 24), (60, 15), (40, 10), (20, 5), (200, 50)])
async def test_every_size_has_the_line_under_the_cursor(make_seat, monkeypatch, size):
    monkeypatch.setattr(module, "PAUSE", 0.0)
    seat = make_seat(mixed())
    async with seat.app.run_test(size=size) as seat.pilot:
        await seat.settle()
        operator = Operator(seat)
        await operator.press("n", Text("https://a.test/"), "pagedown", "down", "ctrl+t")
        assert any("▌" in line for line in seat.lines())
        widths = [len(line.strip()) for line in seat.lines()[1:-1]]
        assert max(widths) <= 72


async def test_secrets_never_come_into_the_form(operator):
    failed = Result(endpoint="a", status=Status.DOWN, reason=Reason.AUTH_ERROR, message="•••", checked_at=NOW)
    operator.source.replies[Try] = Judged(result=failed)
    await operator.press(Text("https://u:${P}@a"), "ctrl+t")
    assert "https://u:${P}@a" in operator.text
    assert "✖ down  auth_error" in operator.text


# ---- with everything: a terminal, an engine, a file

OURS = """\
# Ours; ask Ann before changing anything.
[defaults]
interval = "1s"   # calm

# The first one.
[[endpoints]]
name = "first"
url = "tcp://127.0.0.1:{port}"   # on this machine

# ── nothing below this line ──
"""


def test_an_endpoint_is_added_comes_up_is_disabled_and_all_is_taken_back(tmp_path):
    config = tmp_path / "monitor.toml"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        before = OURS.format(port=port)
        config.write_text(before)
        state = {"XDG_STATE_HOME": str(tmp_path)}
        with Terminal("-m", "monitor", "-c", str(config), size=(100, 30), **state) as terminal:
            terminal.shows("● 1 up")
            terminal.type("n")
            terminal.shows("new endpoint in")
            terminal.type(f"tcp://127.0.0.1:{port}\x1b[Bfirst")
            terminal.shows('"first" is also the name of the endpoint at')
            terminal.type("\x15second\x1b[Bs2\x14")
            terminal.shows("● up  ")
            assert config.read_text() == before
            terminal.type("\x13")
            terminal.shows('added "second" in')
            terminal.shows("● 2 up")
            added = f'\n[[endpoints]]\nname = "second"\nurl = "tcp://127.0.0.1:{port}"\nid = "s2"\n'
            first, rest = before.split("\n# ──")
            assert config.read_text() == f"{first}{added}\n# ──{rest}"
            terminal.type("sn")
            terminal.type("GE")
            terminal.shows("‖ 1 paused")
            assert "[[endpoints]]\nenabled = false\n" in config.read_text()
            terminal.type("uu")
            terminal.shows('undone: added "second" in')
            terminal.until(lambda: "second" not in terminal.text().partition("undone")[0])
            assert config.read_text() == before
            terminal.type("q")
            assert terminal.ended() == 0


async def test_a_pasted_curl_command_fills_the_form_in(operator):
    text = "curl -X PUT \\\n  -H 'X-Team: shop' --http3 https://shop.example/health"
    operator.seat.app.screen.query_one("FieldInput").post_message(events.Paste(text))
    texts = {"method": "PUT", "headers": '{ "X-Team" = "shop" }'}
    await operator.judged(url="https://shop.example/health", **texts)
    assert "▌ url              https://shop.example/health" in operator.text
    assert operator.line("method").startswith("method           PUT ")
    assert "filled in from the curl command, but for --http3" in operator.seat.lines()[-1]


async def test_any_other_paste_goes_into_the_field(operator):
    operator.seat.app.screen.query_one("FieldInput").post_message(events.Paste("https://shop.example/curl"))
    await operator.judged(url="https://shop.example/curl")
