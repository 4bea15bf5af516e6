"""A line that is painted only when it looks different."""

import pytest
from rich.segment import Segment
from textual.app import App

from monitor.tui.widgets.line import Line


class Shows(App[None]):
    def compose(self):
        yield Line()


@pytest.fixture
async def line():
    async with Shows().run_test(size=(10, 1)) as pilot:
        yield pilot.app.query_one(Line)


async def test_it_fills_its_width(line):
    line.show([Segment("ab")])
    assert line.render_line(0).text == "ab" + " " * 8


async def test_it_is_drawn_for_the_width_it_has(line):
    line.show_fitted(lambda width: [Segment("x" * width)])
    assert line.render_line(0).text == "x" * 10


async def test_the_same_again_paints_nothing(line, monkeypatch):
    line.show([Segment("ab")])
    painted = []
    monkeypatch.setattr(line, "refresh", lambda *regions, **_: painted.append(regions))
    line.show([Segment("ab")])
    assert painted == []
    line.show([Segment("ac")])
    assert len(painted) == 1
