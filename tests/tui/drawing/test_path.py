"""Network paths in the detail view."""

from __future__ import annotations

from typing import Any

import pytest

from monitor.model import NetworkPath, PathHop, PathProtocol
from monitor.tui.data.moments import moment
from monitor.tui.drawing.path import path
from monitor.tui.drawing.text_layout import TextLayout, width_of
from monitor.tui.terminal.symbols import UNICODE
from monitor.tui.terminal.theme import PALETTES

NOW = 1_800_000_000.0
LAYOUT = TextLayout(UNICODE, PALETTES["dark"])
HOPS = (
    PathHop(ttl=1, sent=5, trips_ms=(0.4, 0.5, 0.6, 0.5, 9.0), addresses=("10.0.0.1",)),
    PathHop(ttl=2, sent=5),
    PathHop(ttl=3, sent=5, trips_ms=(12.0, 14.0), addresses=("203.0.113.9", "203.0.113.10")),
)
SILENT = PathHop(ttl=4, sent=5)
TARGET = PathHop(
    ttl=4, sent=5, trips_ms=(15.0,) * 5, addresses=("192.0.2.1",), answer="the port is open", is_target=True
)


def found(*hops: PathHop, **facts: Any) -> NetworkPath:
    usual = {"at": NOW - 60, "target": "192.0.2.1:443", "protocol": PathProtocol.TCP}
    return NetworkPath(hops=hops, **(usual | facts))


def drawn(one: NetworkPath, width: int = 70) -> list[str]:
    lines = path(one, NOW, width, LAYOUT)
    assert all(width_of(line) <= width for line in lines)
    return ["".join(segment.text for segment in line).rstrip() for line in lines]


def test_each_hop_has_its_loss_and_round_trips() -> None:
    assert drawn(found(*HOPS, SILENT)) == [
        "stops at hop 3, 203.0.113.9: the target does not answer",
        " 1 10.0.0.1                   0%  0.50ms  0.40ms to 9.00ms",
        " 2 no answer                100%",
        " 3 203.0.113.9 203.0.113.10  60%  13.0ms  12.0ms to 14.0ms",
        " 4 no answer                100%",
        f"TCP to 192.0.2.1:443, {moment(NOW - 60, NOW)}",
    ]


def test_a_narrow_pane_has_the_usual_round_trip_alone() -> None:
    lines = drawn(found(*HOPS, TARGET), 38)
    assert lines[0] == "the target answers at hop 4: the port"
    assert " 1 10.0.0.1             0%  0.50ms" in lines
    assert "   the port is open" in lines


@pytest.mark.parametrize(
    ("one", "first"),
    [
        (found(done=False), "tracing …"),
        (found(HOPS[0], done=False), "tracing …"),
        (found(), "nothing answered"),
        (
            found(problem="this machine has no route to any network"),
            "this machine has no route to any network",
        ),
    ],
)
def test_a_path_with_nothing_to_show_yet(one: NetworkPath, first: str) -> None:
    assert drawn(one)[0] == first


@pytest.mark.parametrize("width", [10, 20, 30, 60, 200])
def test_long_addresses_are_cut_to_the_width(width: int) -> None:
    long = ("2001:db8:1111:2222:3333:4444:5555:6666", "2001:db8:1111:2222:3333:4444:5555:7777")
    hop = PathHop(
        ttl=30, sent=5, trips_ms=(0.1, 2_999.0), addresses=long, answer="administratively prohibited"
    )
    lines = path(found(hop), NOW, width, LAYOUT)
    assert all(width_of(line) <= max(width, 26) for line in lines)
