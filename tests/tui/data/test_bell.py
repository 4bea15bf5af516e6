"""When the terminal's bell rings."""

import pytest
from fake_source import NOW, failed, mixed, row, silence
from msgspec.structs import replace

from monitor.link.messages import Changes
from monitor.model import Acknowledgement, State
from monitor.tui.data.bell import QUIET, Bell
from monitor.tui.data.board import Board


def outage(handle, state=State.DOWN, **more):
    return failed(handle, state, **{"since": NOW + 1} | more)


class Ringing:
    """A bell, and the board that it follows."""

    def __init__(self):
        self.board, self.bell = Board(clock=lambda: NOW), Bell()
        self.board.reset(mixed().snapshot)
        assert not self.bell.rings(self.board, 0.0)  # one endpoint is down already

    def rings(self, *rows, at=100.0):
        self.board.apply(Changes(now=NOW, statuses=rows))
        return self.bell.rings(self.board, at)


def test_a_new_outage_rings_once():
    one = Ringing()
    assert one.rings(outage(0))
    assert not one.rings(outage(0), at=200.0)


@pytest.mark.parametrize(
    "change",
    [
        outage(0, State.FAILING),
        outage(0, State.UNREACHABLE),
        outage(0, acknowledged=Acknowledgement(at=NOW)),
        outage(0, silenced=silence(until_up=True)),
        outage(0, maintenance=True),
        row(0),
    ],
    ids=["failing", "unreachable", "acknowledged", "silenced", "in maintenance", "up"],
)
def test_nothing_else_rings(change):
    assert not Ringing().rings(change)


def test_an_endpoint_that_was_up_meanwhile_rings_again():
    one = Ringing()
    assert one.rings(outage(0))
    assert not one.rings(row(0), at=150.0)
    assert one.rings(outage(0), at=200.0)


def test_many_outages_ring_once():
    one = Ringing()
    assert one.rings(outage(0), at=100.0)
    assert not one.rings(outage(3), at=100.0 + QUIET / 2)
    assert one.rings(outage(5), at=100.0 + QUIET)


def test_the_outages_of_another_engine_are_no_news():
    one = Ringing()
    snapshot = mixed().snapshot
    one.board.reset(
        replace(snapshot, started_at=NOW + 5, statuses=(*snapshot.statuses[1:], outage(0, since=NOW - 1)))
    )
    assert not one.bell.rings(one.board, 100.0)


def test_an_older_outage_of_which_the_dashboard_learns_late_is_no_news():
    assert not Ringing().rings(outage(0, since=NOW - 60))
