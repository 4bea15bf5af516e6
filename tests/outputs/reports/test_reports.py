"""What all formats of a report have in common."""

from __future__ import annotations

import io

import pytest

from monitor.model.report import Report
from monitor.outputs.reports import FORMATS, output


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_writes_lines(name: str, month: Report, empty: Report):
    for report in (month, empty):
        out = io.StringIO()
        output(name).write(report, out)
        assert out.getvalue().endswith("\n")


@pytest.mark.parametrize("name", ["table", "html"])
def test_what_people_read_has_no_control_characters(
    name: str, month: Report, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("FORCE_COLOR", "1")
    out = io.StringIO()
    output(name).write(month, out)
    assert "\x1b" not in out.getvalue()


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_every_format_can_be_written_in_any_encoding(name: str, encoding: str, month: Report):
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding, errors="replace")
    output(name).write(month, out)
    out.flush()
    assert raw.getvalue()
