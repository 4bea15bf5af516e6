"""The bottom line."""

import pytest
from fake_source import NOW, FakeSource, info, row
from msgspec.structs import replace

from monitor.link.messages import EngineStats
from monitor.tui.drawing.columns import DrawContext
from monitor.tui.terminal.symbols import ASCII, UNICODE
from monitor.tui.terminal.theme import COLOURLESS
from monitor.tui.widgets.footer import Footer, _lines, _rows

LONG = "nothing was changed: the file was changed by somebody else meanwhile (e opens it)"
LENGTH = len(LONG)
HINTS = (("?", "help"), ("/", "filter"), ("enter", "open"))


def drawn(width, note="1/7", message="", symbols=UNICODE):
    kept = []
    footer = Footer()
    footer.show_fitted = kept.append
    footer.draw(HINTS, note, DrawContext(symbols, COLOURLESS, 0.0), message)
    return "".join(segment.text for segment in kept[0](width))


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (40, " ? help  / filter  enter open       1/7 "),
        (26, " ? help  / filter     1/7 "),
        (16, " ? help     1/7 "),
    ],
)
def test_whole_hints_or_none(width, expected):
    assert drawn(width) == expected


def test_a_message_takes_the_hints_place():
    assert drawn(40, message="check done").startswith(" check done")
    assert drawn(40, message="check done").endswith("1/7 ")


def test_ascii_gets_ascii():
    assert drawn(40, message="filter …", symbols=ASCII).isascii()


CHOICES = (("s", "severity"), ("l", "latency"), ("p", "p95"), ("u", "uptime"))


@pytest.mark.parametrize(
    ("width", "lines"),
    [
        (60, [CHOICES]),
        (30, [CHOICES[:1], CHOICES[1:]]),
        (8, [[one] for one in CHOICES]),
        (1, [[one] for one in CHOICES]),
    ],
)
def test_choices_take_as_many_lines_as_they_need(width, lines):
    assert _lines(CHOICES, width, 10) == [list(line) for line in lines]


@pytest.mark.parametrize(
    ("width", "rows"),
    [(200, 1), (LENGTH + 3, 1), (LENGTH + 2, 2), (46, 2), (30, 3), (10, 3)],
)
def test_a_message_takes_up_to_three_lines(width, rows):
    found = _rows(LONG, width)
    assert len(found) == rows
    assert "".join("".join(found).split()) == "".join(LONG.split())
    assert all(len(row) < width - 1 for row in found[:-1])


async def test_the_end_of_a_long_message_is_on_the_screen_until_the_next_key(seat):
    await seat.pilot.resize_terminal(60, 15)
    seat.app.say(LONG)
    await seat.pilot.pause()
    assert "".join(line.strip(" ") for line in seat.lines()[-2:]).endswith("(e opens it)")
    await seat.press("j")
    assert "help" in seat.lines()[-1]
    assert "meanwhile" not in "".join(seat.lines())


REFUSED = (" r check", " p pause", " a ack", " m silence", " e edit", " n new", " x trace")


@pytest.fixture
async def wide(make_seat):
    """A dashboard that is wide enough for every hint, and whose engine began an hour ago."""
    seat = make_seat(FakeSource([info(1)], [row(1)]))
    seat.source.snapshot = replace(seat.source.snapshot, started_at=NOW - 3600)
    seat.source.past = lambda _: [row(1)]
    async with seat.app.run_test(size=(240, 24)) as seat.pilot:
        await seat.settle()
        yield seat


@pytest.mark.parametrize("keys", [(), ("enter",), ("2",), ("8",)])
async def test_in_the_past_only_keys_that_work_there_are_listed(wide, keys):
    await wide.press(*keys)
    shown = wide.lines()[-1]
    refused = [hint for hint in REFUSED if hint in shown]
    assert " e edit" in refused
    await wide.press("[")
    await wide.until(lambda: wide.app.travel.moment)
    await wide.settle()
    assert not [hint for hint in REFUSED if hint in wide.lines()[-1]]
    assert [hint for hint in (" esc back", " / filter") if hint in wide.lines()[-1]]
    await wide.press("T")
    await wide.until(lambda: wide.app.travel.moment is None)
    await wide.settle()
    assert wide.lines()[-1] == shown


async def test_a_connection_that_is_read_only_lists_no_commands(wide):
    wide.source.push(stats=EngineStats(read_only=True))
    await wide.settle()
    assert not [hint for hint in REFUSED if hint in wide.lines()[-1]]
    assert " / filter" in wide.lines()[-1]
