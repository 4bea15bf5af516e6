"""Finding text in the panes of a screen."""

from itertools import chain, groupby

import pytest
from rich.segment import Segment
from rich.style import Style
from textual import on
from textual.app import App, ComposeResult

from monitor.tui.drawing.section import Section
from monitor.tui.drawing.text_layout import Segments, TextLayout
from monitor.tui.terminal.symbols import UNICODE
from monitor.tui.terminal.theme import PALETTES
from monitor.tui.widgets.find import Find
from monitor.tui.widgets.pane import Pane

LAYOUT = TextLayout(UNICODE, PALETTES["dark"])
LEFT = ["GET /health", "host: a", "refused", *["-"] * 20, "Refused again"]
RIGHT = ["日本 refused, then reFUSED"]


def section(lines: list[str]) -> Section:
    def draw(_width: int, _height: int) -> list[Segments]:
        return [[Segment(line[:3]), Segment(line[3:])] for line in lines]

    return Section(draw)


class Stage(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.notes: list[str] = []

    def compose(self) -> ComposeResult:
        find = Find()
        yield Pane(id="left", finder=find)
        yield Pane(id="right", finder=find)
        yield Pane(id="still", focusable=False)
        yield find

    def on_mount(self) -> None:
        for id, lines in (("left", LEFT), ("right", RIGHT), ("still", ["refused"])):
            self.query_one(f"#{id}", Pane).show([section(lines)], LAYOUT)

    @on(Find.Moved)
    def _moved(self) -> None:
        self.notes.append(self.query_one(Find).note)

    def pane(self, id: str) -> Pane:
        return self.query_one(f"#{id}", Pane)

    def marked(self, id: str) -> list[str]:
        """The marked texts of a pane's visible lines, that of the present line in brackets."""
        pane = self.pane(id)
        runs = chain.from_iterable(
            groupby(pane.render_line(y), key=lambda part: part.style or Style.null())
            for y in range(pane.size.height)
        )
        marked = [(style, "".join(part.text for part in run)) for style, run in runs]
        signs = {True: "[{}]", False: "{}"}
        return [
            signs[bool(style.reverse)].format(text)
            for style, text in marked
            if style.reverse or style.underline
        ]


@pytest.fixture
async def app():
    app = Stage()
    async with app.run_test(size=(40, 24)) as app.pilot:
        app.pane("left").focus()
        yield app


async def test_each_letter_finds_and_every_match_is_marked_in_any_case(app):
    await app.pilot.press("/", *"refus")
    assert app.notes[-1] == "/refus 1/3"
    assert (app.marked("left"), app.marked("right")) == (["[refus]"], ["refus", "reFUS"])
    assert app.marked("still") == []


async def test_the_next_match_may_be_far_below_or_in_another_pane_and_the_last_leads_back(app):
    await app.pilot.press("/", *"refused", "enter", "n")
    assert app.notes[-1] == "/refused 2/3"
    assert app.marked("left")[-1] == "[Refused]"
    await app.pilot.press("n")
    assert app.notes[-1] == "/refused 3/3"
    await app.pilot.press("n")
    assert (app.notes[-1], app.pane("left").top) == ("/refused 1/3", 0)
    await app.pilot.press("N")
    assert app.notes[-1] == "/refused 3/3"


async def test_enter_returns_to_the_pane_of_the_match(app):
    await app.pilot.press("/", *"then", "enter")
    assert app.pane("right").has_focus


@pytest.mark.parametrize("keys", [("escape",), ("enter", "escape"), ("backspace", "backspace", "enter")])
async def test_it_ends_with_escape_or_without_text(app, keys):
    await app.pilot.press("/", "r", "e", *keys)
    assert (app.marked("left"), app.notes[-1], app.query_one(Find).words) == ([], "", "")
    assert app.pane("left").has_focus


async def test_signs_of_regular_expressions_and_markup_are_plain_text(app):
    app.pane("left").show([section(["a (b", "[bold]x", "a.b"])], LAYOUT)
    for text, count in (("(", 1), ("[bold]", 1), (".", 1), ("zzz", 0)):
        app.query_one(Find).seek(text)
        assert len(app.pane("left").matches) == count
    assert app.query_one(Find).note == "/zzz 0/0"


async def test_what_changes_meanwhile_is_found_again(app):
    await app.pilot.press("/", *"refused", "enter")
    app.pane("left").show([section(["all is well"])], LAYOUT)
    assert app.query_one(Find).note == "/refused 0/1"
    await app.pilot.press("n")
    assert app.notes[-1] == "/refused 1/1"


async def test_without_a_search_its_keys_do_nothing_here(app):
    await app.pilot.press("n", "N", "escape")
    assert app.notes == []
