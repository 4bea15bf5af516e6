"""A note that may begin with a time."""

from __future__ import annotations

import pytest

from monitor.tui.data.acknowledging import acknowledge
from monitor.tui.data.whoami import user_name


@pytest.mark.parametrize(
    ("text", "lasting", "note"),
    [
        ("", None, ""),
        (" the switch ", None, "the switch"),
        ("for 2h", 7200.0, ""),
        ("for 1h30m the switch", 5400.0, "the switch"),
        ("For 45m  on it", 2700.0, "on it"),
        ("for 3 customers", None, "for 3 customers"),
        ("for 5th floor", None, "for 5th floor"),
        ("for 0s nothing", None, "nothing"),
        ("for now", None, "for now"),
        ("waiting for 2h", None, "waiting for 2h"),
    ],
)
def test_a_time_at_the_beginning_is_the_end_and_the_rest_is_the_note(
    text: str, lasting: float | None, note: str
):
    made = acknowledge([1, 2], text)
    assert (made.handles, made.by, made.lasting, made.note) == ((1, 2), user_name(), lasting, note)
