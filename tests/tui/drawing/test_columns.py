"""What the columns show."""

import pytest
from fake_source import NOW, failed, info, mixed, row, silence
from rich.cells import cell_len

from monitor.model import Acknowledgement, Reason, Slowdown
from monitor.tui.data.board import Board, Entry
from monitor.tui.data.moments import clock
from monitor.tui.drawing.columns import COLUMNS, DrawContext, cut
from monitor.tui.lists.order import SORTINGS
from monitor.tui.terminal.symbols import ASCII, UNICODE
from monitor.tui.terminal.theme import COLOURLESS, PALETTES


@pytest.mark.parametrize(
    ("width", "expected"),
    [(13, "✖ DOWN a m ~"), (19, "✖ DOWN 1/2 ok a m ~"), (10, "✖ DO a m ~"), (9, "✖ D a m ~")],
)
def test_what_is_marked_stays_marked_in_little_room(width, expected):
    entry = Entry(
        info(0),
        failed(
            0,
            streak=1,
            needed=2,
            acknowledged=Acknowledgement(at=NOW),
            silenced=silence(until_up=True),
            flapping=True,
        ),
    )
    context = DrawContext(UNICODE, COLOURLESS, NOW)
    (cell,) = COLUMNS["state"].draw(entry, width, context)
    assert cell.text.rstrip() == expected


def test_a_certificate_that_ends_soon_is_told_first_and_as_a_warning():
    entry = Entry(info(0), row(0, not_after=NOW + 3 * 86400))
    context = DrawContext(UNICODE, COLOURLESS, NOW)
    (cell,) = COLUMNS["detail"].draw(entry, 16, context)
    assert (cell.text.rstrip(), cell.style) == ("cert 3d · 200 OK", COLOURLESS.warn)


SLOWER = Slowdown(phase="tls", since=NOW - 600, ms=68.0, usual_ms=17.0)


def test_a_slower_phase_is_shown_when_nothing_worse_is_known():
    context = DrawContext(UNICODE, COLOURLESS, NOW)
    (cell,) = COLUMNS["detail"].draw(Entry(info(0), row(0, slower=SLOWER)), 44, context)
    since = clock(NOW - 600, "%H:%M")
    assert (cell.text.rstrip(), cell.style) == (f"tls 4 × slower since {since} · 200 OK", COLOURLESS.warn)
    (cell,) = COLUMNS["detail"].draw(Entry(info(0), failed(0, slower=SLOWER)), 44, context)
    assert cell.text.rstrip() == "connection refused"
    plain = DrawContext(ASCII, COLOURLESS, NOW + 2 * 86400)
    (cell,) = COLUMNS["detail"].draw(Entry(info(0), row(0, slower=SLOWER)), 44, plain)
    assert cell.text.startswith(f"tls 4 x slower since {clock(NOW - 600, '%a %H:%M')}")


def test_marks_follow_what_is_wrong():
    entry = Entry(
        info(0), failed(0, acknowledged=Acknowledgement(at=NOW, by="ann"), silenced=silence(until_up=True))
    )
    (cell,) = COLUMNS["detail"].draw(entry, 80, DrawContext(UNICODE, COLOURLESS, NOW))
    assert cell.text.rstrip() == "connection refused · acknowledged by ann · silenced until it is up"


TOLD = [
    ("p95", "90.0ms"),
    ("checked", "-"),
    ("streak", "1/3"),
    ("reason", "read_timeout"),
    ("target", "https://host0.test/"),
    ("tags", "eu web"),
    ("group", "shop"),
    ("kind", "http"),
    ("cert", "3d"),
]


@pytest.mark.parametrize(("name", "told"), TOLD)
def test_what_a_column_tells(name, told):
    entry = Entry(info(0, group="shop", tags=("eu", "web")), row(0))
    entry.take(
        failed(
            0,
            reason=Reason.READ_TIMEOUT,
            outcomes="uu",
            latencies_ms=(41.0, 90.0),
            streak=1,
            needed=3,
            not_after=NOW + 3 * 86400,
        )
    )
    (cell,) = COLUMNS[name].draw(entry, 20, DrawContext(UNICODE, COLOURLESS, NOW))
    assert cell.text.strip() == told


def test_the_last_check_is_told_by_the_clock_and_does_not_tick():
    entry = Entry(info(0), row(0, checked_at=NOW))
    early, late = (
        COLUMNS["checked"].draw(entry, 8, DrawContext(UNICODE, COLOURLESS, now)) for now in (NOW, NOW + 90)
    )
    assert early == late
    assert early[0].text.endswith(":00")  # whatever the time zone


def test_every_column_has_a_name_and_a_rank_of_its_own():
    assert [column.name for column in COLUMNS.values()] == list(COLUMNS)
    assert len({column.rank for column in COLUMNS.values()}) == len(COLUMNS)
    assert {column.sort_by for column in COLUMNS.values()} - {None} <= set(SORTINGS)


@pytest.mark.parametrize("palette", [*PALETTES.values(), COLOURLESS])
@pytest.mark.parametrize("symbols", [UNICODE, ASCII])
def test_every_cell_has_exactly_its_width(palette, symbols):
    board = Board(clock=lambda: NOW)
    board.reset(mixed().snapshot)
    context = DrawContext(symbols, palette, NOW)
    for column in COLUMNS.values():
        for entry in board.entries.values():
            cell = column.draw(entry, column.narrow, context)
            assert sum(cell_len(segment.text) for segment in cell) == column.narrow
            assert symbols is UNICODE or "".join(segment.text for segment in cell).isascii()


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("abc", 5, "abc  "),
        ("abcdef", 4, "abc…"),
        ("日本語", 4, "日 …"),
        ("x", 1, "x"),
        ("日", 1, " "),
        ("", 2, "  "),
    ],
)
def test_cutting(text, width, expected):
    assert cut(text, width, UNICODE) == expected
