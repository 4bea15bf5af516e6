"""The calendar of certificates as lines."""

import pytest
from fake_source import NOW, failed, info, row
from hypothesis import given
from hypothesis import strategies as st

from monitor.link.certificates import CertificateInfo
from monitor.tui.data.board import Entry
from monitor.tui.data.moments import clock
from monitor.tui.drawing.calendar import Calendar
from monitor.tui.drawing.text_layout import TextLayout, width_of
from monitor.tui.lists.certificate_expiry import certificate_expiries
from monitor.tui.terminal.symbols import ASCII, UNICODE
from monitor.tui.terminal.theme import COLOURLESS, PALETTES

LAYOUT = TextLayout(UNICODE, PALETTES["dark"])
DAY = 86400.0


def presented(handle, days, fingerprint="", **more):
    told = {"subject": f"CN=host{handle}", "issuer": "CN=R11,O=Let's Encrypt", "not_before": NOW - 9e6} | more
    return CertificateInfo(
        handle=handle, fingerprint=fingerprint or f"print {handle}", expires=NOW + days * DAY, **told
    )


def calendar(*those, names=("shop", "mail", "api")):
    entries = {n: Entry(info(n, name), row(n), place=n) for n, name in enumerate(names)}
    entries[1] = Entry(info(1, names[1]), failed(1), place=1)
    return Calendar(certificate_expiries(those, entries), NOW)


def said(lines):
    return ["".join(segment.text for segment in line).rstrip() for line in lines]


SAMPLE = calendar(
    presented(0, 50.5, "same", names=("shop", "www.shop")),
    presented(1, 50.5, "same", names=("shop", "www.shop")),
    presented(2, -2.5, more_names=7, names=("api",), ends_first="CN=Old Authority"),
)


def at(days):
    return clock(NOW + days * DAY, "%Y-%m-%d")


def test_each_line_tells_when_who_by_whom_and_which_names():
    assert said(SAMPLE.lines(NOW, 100, LAYOUT)) == [
        "expired 1 certificate " + "─" * 77,
        f"  -2d {at(-2.5)} ● api            Let's Encrypt R11      Old Authority ends first api +7",
        "within 90 days 1 certificate " + "─" * 70,
        f"  50d {at(50.5)} ✖ mail +1        Let's Encrypt R11      shop, www.shop",
    ]


WIDTHS = [
    (20, ["ENDPOINT"], ["ENDS", "ISSUER", "NAMES", "60d"]),
    (40, ["ENDS"], ["ISSUER", "NAMES", "60d"]),
    (60, ["ENDS", "NAMES"], ["ISSUER", "60d"]),
    (90, ["ENDS", "NAMES", "ISSUER"], ["60d"]),
    (130, ["ENDS", "NAMES", "ISSUER", "60d"], []),
]


@pytest.mark.parametrize(("width", "there", "gone"), WIDTHS)
def test_columns_go_as_the_width_shrinks(width, there, gone):
    (titles,) = said([SAMPLE.titles(width, LAYOUT)])
    assert all(title in titles for title in there)
    assert not any(title in titles for title in gone)


def test_a_wide_list_has_a_bar_for_the_next_three_months():
    bars = [line.count(UNICODE.bars[3]) for line in said(SAMPLE.lines(NOW, 130, LAYOUT))]
    assert bars == [0, 0, 0, 17]


def test_a_certificate_is_found_by_its_line_and_by_its_key():
    assert SAMPLE.expiry(0) is None
    assert SAMPLE.expiry(99) is None
    expiry = SAMPLE.expiry(3)
    assert expiry is not None
    assert SAMPLE.place(expiry.key) == 3
    assert SAMPLE.place(("other", 1.0)) is None


def test_urgency_is_told_by_colour_as_well():
    lines = calendar(presented(0, -3), presented(1, 12), presented(2, 80)).lines(NOW, 80, LAYOUT)
    styles = [line[0].style for line in lines if len(line) > 3]
    assert len(set(map(str, styles))) == 3


@given(
    st.text(max_size=50),
    st.text(max_size=50),
    st.floats(-4000, 40000),
    st.integers(12, 160),
    st.sampled_from([LAYOUT, TextLayout(ASCII, COLOURLESS)]),
)
def test_whatever_the_names_the_lines_fit(name, subject, days, width, layout):
    shown = calendar(presented(0, days, subject=subject, names=(subject, name)), names=(name, "x", "y"))
    lines = [shown.titles(width, layout), *shown.lines(NOW, width, layout)]
    assert all(width_of(line) < width + 1 for line in lines)
    assert layout is LAYOUT or "".join(said(lines)).isascii()


def test_a_slice_of_the_lines_is_made_as_well():
    lines = SAMPLE.lines(NOW, 80, LAYOUT)
    assert list(lines[1:3]) == [lines[1], lines[2]]
    assert len(lines) == 4
