"""Text in sections that scrolls and is painted only where it looks different."""

from rich.segment import Segment
from textual.app import App, ComposeResult

from monitor.tui.drawing.section import Section
from monitor.tui.drawing.text_layout import Segments, TextLayout
from monitor.tui.terminal.symbols import UNICODE
from monitor.tui.terminal.theme import PALETTES
from monitor.tui.widgets.pane import Pane

LAYOUT = TextLayout(UNICODE, PALETTES["dark"])


def section(count: int, title: str = "", word: str = "line") -> Section:
    def draw(_width: int, _height: int) -> list[Segments]:
        return [[Segment(f"{word} {number}")] for number in range(count)]

    return Section(draw, title)


class Stage(App[None]):
    def compose(self) -> ComposeResult:
        yield Pane()


def seen(app: App[None]) -> list[str]:
    pane = app.query_one(Pane)
    return [pane.render_line(y).text.rstrip() for y in range(pane.size.height)]


async def test_sections_stand_under_one_another_with_their_headings() -> None:
    async with Stage().run_test(size=(40, 10)) as pilot:
        pane = pilot.app.query_one(Pane)
        pane.show([section(1), section(2, "Phases")], LAYOUT)
        lines = pane.text.splitlines()
        assert (lines[0], lines[1]) == ("line 0", "")
        assert lines[2].startswith("Phases ")
        assert lines[3:] == ["line 0", "line 1"]


async def test_what_lies_below_the_edge_is_announced_and_reached_by_keys() -> None:
    async with Stage().run_test(size=(40, 5)) as pilot:
        pane = pilot.app.query_one(Pane)
        pane.show([section(12)], LAYOUT)
        pane.focus()
        assert "8 more" in seen(pilot.app)[-1]
        await pilot.press("j")
        assert (pane.top, seen(pilot.app)[0]) == (1, "line 1")
        await pilot.press("G")
        assert seen(pilot.app)[-1] == "line 11"
        await pilot.press("pageup", "g", "k")
        assert pane.top == 0


async def test_the_next_section_is_a_key_away_and_the_last_leads_back() -> None:
    async with Stage().run_test(size=(40, 5)) as pilot:
        pane = pilot.app.query_one(Pane)
        pane.show([section(6, "One"), section(6, "Two")], LAYOUT)
        pane.next_section()
        assert seen(pilot.app)[0].startswith("Two")
        pane.next_section()
        assert pane.top == 0


async def test_the_reader_stays_where_he_is_when_the_text_changes() -> None:
    async with Stage().run_test(size=(40, 5)) as pilot:
        pane = pilot.app.query_one(Pane)
        pane.show([section(20)], LAYOUT)
        pane.action_scroll_to_line(7)
        pane.show([section(20, word="other")], LAYOUT)
        assert seen(pilot.app)[0] == "other 7"
        pane.show([section(3)], LAYOUT)
        assert pane.top == 0


async def test_a_resize_draws_anew() -> None:
    async with Stage().run_test(size=(40, 5)) as pilot:
        pane = pilot.app.query_one(Pane)
        pane.show([section(12)], LAYOUT)
        await pilot.resize_terminal(30, 20)
        await pilot.pause()
        assert seen(pilot.app)[11] == "line 11"
