"""A report's entries as CSV."""

from __future__ import annotations

import csv
import io

from monitor.model.report import Report
from monitor.outputs.reports.csv import write


def rows(report: Report) -> list[dict[str, str]]:
    out = io.StringIO()
    write(report, out)
    return list(csv.DictReader(io.StringIO(out.getvalue())))


def test_nested_keys_are_joined(month: Report):
    shop = rows(month)[0]
    assert (shop["id"], shop["tags"], shop["uptime"]) == ("shop", "web eu", "0.99860724")
    assert (shop["latency_ms_max"], shop["slo_objective"], shop["slo_left_s"]) == (
        "2130.0",
        "99.9",
        "-1008.0",
    )


def test_a_figure_without_data_is_an_empty_field(month: Report):
    quiet = rows(month)[1]
    assert (quiet["uptime"], quiet["latency_ms_p50"], quiet["group"], quiet["tags"]) == ("", "", "", "")


def test_every_entry_is_one_line(month: Report):
    out = io.StringIO()
    write(month, out)
    assert len(out.getvalue().splitlines()) == 1 + len(month.entries)


def test_a_report_without_entries_has_the_header(empty: Report, month: Report):
    lines = []
    for report in (empty, month):
        out = io.StringIO()
        write(report, out)
        lines.append(out.getvalue().splitlines()[0])
    assert lines[0] == lines[1]
    assert lines[0].startswith("id,name,group,tags,checks,failed,uptime,known_s,")
    assert lines[0].endswith(",slo_objective,slo_budget_s,slo_left_s,slo_burn")


def test_locations_have_no_columns(clustered: Report, month: Report):
    assert list(rows(clustered)[0]) == list(rows(month)[0])
