"""How `monitor silence` lists; the command itself is tested with `monitor status`."""

from __future__ import annotations

import pytest

from monitor.commands.silence import _line
from monitor.model import Silence


@pytest.mark.parametrize(
    ("silence", "line"),
    [
        (
            Silence(id="s1", select=("a", "group:b"), at=0.0, until=60.0, by="ann", note="deploy"),
            "s1 1970-01-01T00:01:00Z ann a, group:b deploy",
        ),
        (Silence(id="s2", select=("a",), at=0.0, until_up=True), "s2 until up a"),
        (Silence(id="s3", select=("a",), at=0.0), "s3 - a"),
    ],
)
def test_a_silence_is_one_line_that_begins_with_its_id(silence: Silence, line: str):
    assert _line(silence) == line
