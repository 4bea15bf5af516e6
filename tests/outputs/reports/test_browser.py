"""A report in a real browser: on a phone and a wide screen, light and dark, and on paper."""

from __future__ import annotations

from pathlib import Path

import pytest
from browser import BLANK, LOOKS, Page

from monitor.model.report import Report
from monitor.outputs.reports.html import write


def saved(report: Report, folder: Path) -> str:
    file = folder / "report.html"
    with file.open("w", encoding="utf-8") as out:
        write(report, out)
    return file.as_uri()


@pytest.mark.parametrize("kind", ["month", "clustered", "empty"])
def test_it_fits_every_screen_can_be_read_and_asks_for_nothing(
    kind: str, request: pytest.FixtureRequest, tab: Page, tmp_path: Path
):
    url = saved(request.getfixturevalue(kind), tmp_path)
    for width, dark in LOOKS:
        tab.look(width, dark=dark)
        tab.open(url)
        tab.picture(tmp_path / f"{width}-{'dark' if dark else 'light'}.png")
        assert (tab.overflow, tab.unreadable, tab.complaints) == (0, [], [])
        assert tab.requested == {url}


def test_it_prints_dark_text_on_white(month: Report, tab: Page, tmp_path: Path):
    tab.look(1440, dark=True)
    tab.open(saved(month, tmp_path))
    tab.print_preview()
    assert tab.background in BLANK
    assert tab.unreadable == []
    (tmp_path / "report.pdf").write_bytes(tab.pdf())
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")
