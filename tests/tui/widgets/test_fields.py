"""A form's lines, and the one input that serves them all."""

import pytest
from textual import on
from textual.app import App, ComposeResult

from monitor.fields import Asked
from monitor.tui.drawing.text_layout import TextLayout
from monitor.tui.terminal.symbols import UNICODE
from monitor.tui.terminal.theme import PALETTES
from monitor.tui.widgets.fields import FieldInput, Fields

LAYOUT = TextLayout(UNICODE, PALETTES["dark"])
ASKED = (
    Asked(key="url", help="The URL to check."),
    Asked(key="name", help="What to call it."),
    Asked(key="group", help="The group."),
    Asked(key="interval", help="How often.", default="30s"),
    Asked(key="method", help="The method.", part="http", default="GET", choices=("GET", "POST")),
    Asked(key="body", help="The body.", part="http"),
    Asked(key="expect.status", help="The status.", part="expect", default="2xx"),
    Asked(key="warn.status", help="The status.", part="warn"),
)


class Stage(App[None]):
    def __init__(self, texts=None):
        super().__init__()
        self.texts, self.problems = texts or {}, {}
        self.changes = 0

    def compose(self) -> ComposeResult:
        yield Fields()

    def on_mount(self):
        self.fields.begin(ASKED, self.texts, {"group": ["shop"]})
        self.draw()

    @property
    def fields(self):
        return self.query_one(Fields)

    @on(Fields.Changed)
    def _changed(self):
        self.changes += 1

    @on(Fields.Moved)
    def draw(self):
        self.fields.draw(self.problems, LAYOUT)


def seen(app):
    return [strip.text.rstrip() for strip in app.screen._compositor.render_strips()]


async def test_every_key_has_a_line_and_every_part_a_heading():
    async with Stage({"name": "Shop"}).run_test(size=(60, 14)) as pilot:
        await pilot.pause()
        lines = seen(pilot.app)
        assert lines[0].startswith("▌ url")
        assert lines[1] == "  name             Shop"
        assert lines[3] == "  interval         30s"
        assert lines[4].startswith("http ───")
        assert lines[7].startswith("Expect (violated: it fails) ──")
        assert lines[8:10] == ["  status           2xx", lines[9]]
        assert lines[9].startswith("Warn (violated: degraded)")


async def test_what_is_typed_belongs_to_the_line_under_the_cursor():
    async with Stage().run_test(size=(60, 14)) as pilot:
        await pilot.press(*"tcp:", "down", *"a b", "tab", "up", "x", "enter", "shift+tab", "backspace")
        assert pilot.app.fields.typed() == {"url": "tcp:", "name": "a b"}
        assert seen(pilot.app)[0] == "  url              tcp:"
        assert pilot.app.changes == 9


async def test_the_cursor_goes_round_and_from_part_to_part():
    async with Stage().run_test(size=(60, 14)) as pilot:
        fields = pilot.app.fields
        for keys, key in [
            (["up"], "warn.status"),
            (["down"], "url"),
            (["pagedown"], "method"),
            (["pagedown", "pagedown", "pagedown"], "warn.status"),
            (["pageup"], "expect.status"),
            (["pageup", "pageup", "pageup"], "url"),
        ]:
            await pilot.press(*keys)
            assert fields.current.key == key
        fields.go_to("body")
        assert fields.current.key == "body"
        fields.go_to("gone")
        assert fields.current.key == "body"
        await pilot.pause()


@pytest.mark.parametrize("height", [3, 5, 8])
async def test_the_line_under_the_cursor_is_always_seen_and_typed_on(height):
    async with Stage().run_test(size=(60, height)) as pilot:
        for _ in ASKED:
            await pilot.press("down", "z")
            await pilot.pause()
            field = pilot.app.fields.current
            line = next(line for line in seen(pilot.app) if line.startswith("▌"))
            assert line.split()[1:] == [field.key.rpartition(".")[2], "z"]


async def test_what_is_wrong_stands_below_its_line_and_moves_the_others():
    app = Stage()
    async with app.run_test(size=(50, 14)) as pilot:
        app.problems = {"name": "is also the name of [red]another\x1b one", "": "elsewhere"}
        app.draw()
        await pilot.press("down", "down", "x")
        lines = seen(app)
        assert lines[2:4] == [" " * 19 + "is also the name of", " " * 19 + "[red]another␛ one"]
        assert lines[4] == "▌ group            x"


async def test_other_keys_are_asked_for_and_what_was_typed_comes_back_with_them():
    async with Stage().run_test(size=(60, 14)) as pilot:
        fields = pilot.app.fields
        await pilot.press("down", "a", "pagedown", "P")
        fields.ask(ASKED[:4])
        assert fields.typed() == {"name": "a"}
        assert fields.current.key == "url"
        fields.ask(ASKED)
        assert fields.typed() == {"name": "a", "method": "P"}


async def test_choices_and_known_words_are_suggested():
    async with Stage().run_test(size=(60, 14)) as pilot:
        await pilot.press("down", "down", "s")
        await pilot.pause()
        await pilot.press("right")
        assert pilot.app.fields.texts["group"] == "shop"
        await pilot.press("pagedown", "p")
        await pilot.pause()
        await pilot.press("right")
        assert pilot.app.fields.texts["method"] == "POST"


async def test_a_click_puts_the_cursor_there():
    async with Stage({"url": "x"}).run_test(size=(60, 14)) as pilot:
        await pilot.click(Fields, offset=(3, 3))
        assert pilot.app.fields.current.key == "interval"
        await pilot.press("5")
        assert pilot.app.fields.texts == {"url": "x", "interval": "5"}
        await pilot.click(Fields, offset=(3, 4))
        assert pilot.app.fields.current.key == "interval"


async def test_beginning_anew_forgets_what_was_typed():
    async with Stage().run_test(size=(60, 14)) as pilot:
        fields = pilot.app.fields
        await pilot.press("a", "pagedown", "b")
        fields.begin(ASKED, {"url": "https://"}, {})
        pilot.app.draw()
        assert (fields.typed(), fields.current.key) == ({"url": "https://"}, "url")
        assert pilot.app.query_one(FieldInput).value == "https://"


async def test_nothing_blinks():
    async with Stage().run_test() as pilot:
        assert not pilot.app.query_one(FieldInput).cursor_blink
