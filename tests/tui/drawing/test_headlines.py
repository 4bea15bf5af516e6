"""What is wrong, in few lines."""

from fake_source import NOW, failed, info, row
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import State
from monitor.tui.data.board import Entry
from monitor.tui.drawing.columns import DrawContext
from monitor.tui.drawing.headlines import headlines
from monitor.tui.drawing.text_layout import width_of
from monitor.tui.terminal.symbols import ASCII, UNICODE
from monitor.tui.terminal.theme import COLOURLESS, PALETTES

CONTEXT = DrawContext(UNICODE, PALETTES["dark"], NOW)


def told(rows, width=80, context=CONTEXT, name="api"):
    entries = [Entry(info(row.handle, f"{name}-{row.handle}"), row) for row in rows]
    return ["".join(segment.text for segment in line) for line in headlines(entries, width, context)]


def test_only_trouble_is_told_with_its_reason_and_age():
    rows = [failed(1), row(2), failed(3, State.FAILING, streak=1, needed=3), row(4, State.PAUSED)]
    assert told(rows, 100) == [
        " ✖ DOWN  api-1 connection refused 10m    ◆ failing 1/3  api-3 connection refused 10m"
    ]


def test_what_does_not_fit_has_a_line_of_its_own():
    assert [line.split()[2] for line in told([failed(1), failed(2)], 50)] == ["api-1", "api-2"]


def test_of_very_many_the_number_is_told():
    assert told([failed(handle) for handle in range(250)])[-1].endswith("and 150 more")


def test_nothing_is_told_of_what_is_well():
    assert told([row(1), row(2, State.PENDING)]) == []


@given(
    st.text(max_size=60),
    st.text(max_size=90),
    st.integers(30, 120),
    st.sampled_from([CONTEXT, DrawContext(ASCII, COLOURLESS, NOW)]),
)
def test_no_line_is_wider_than_the_wall(name, message, width, context):
    entries = [Entry(info(handle, name), failed(handle, message=message)) for handle in range(3)]
    assert all(width_of(line) <= width for line in headlines(entries, width, context))


def test_a_cut_message_says_so_and_leaves_room_for_the_age():
    (line,) = told([failed(1, message="expected json $.status ok, got starting up slowly")], 50)
    assert line.endswith("… 10m")
